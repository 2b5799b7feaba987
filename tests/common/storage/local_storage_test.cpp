#include "common/storage/local_storage.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "common/storage/object_key.h"
#include "common/storage/spool.h"
#include "tests/common/storage/temporary_directory.h"

namespace wombat {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class LocalStorageTest : public ::testing::Test {
 protected:
  LocalStorageTest() : storage_(OpenLocalStorage(folder_.path())) {}

  void Put(std::string_view key, std::string_view content = "content", ObjectOptions options = {"text/plain", "My.txt"}) {
    auto written = storage_->Write(key, content, options);
    ASSERT_TRUE(written) << written.error().message;
  }
  std::string Content(std::string_view key) {
    auto object = storage_->Open(key);
    if (!object) return "(" + object.error().message + ")";
    std::string text(object->size, '\0');
    EXPECT_EQ(::pread(object->file->get(), text.data(), text.size(), 0), ssize_t(text.size()));
    return text;
  }

  TemporaryFolder folder_;
  std::unique_ptr<LocalStorage> storage_;
};

TEST_F(LocalStorageTest, AnObjectLiesUnderItsKeyWithASidecarThatTheReferenceReads) {
  Put("c/r/pic.png", "hello", {"image/png", "My pic.png"});
  EXPECT_EQ(folder_.Read("storage/c/r/pic.png"), "hello");
  EXPECT_EQ(folder_.Read("storage/c/r/pic.png.attrs"),
            "{\"user.cache_control\":\"\",\"user.content_disposition\":\"\",\"user.content_encoding\":\"\","
            "\"user.content_language\":\"\",\"user.content_type\":\"image/png\","
            "\"user.metadata\":{\"original-filename\":\"My pic.png\"},\"md5\":\"XUFAKrxLKna5cZ2REBfFkg==\"}\n");
}

TEST_F(LocalStorageTest, AnObjectWithoutAClientsNameHasNoMetadata) {
  Put("c/r/a", "x", {"image/png", {}});
  EXPECT_NE(folder_.Read("storage/c/r/a.attrs").find("\"user.metadata\":null"), std::string::npos);
}

TEST_F(LocalStorageTest, TheClientsNameIsCutTo255Bytes) {
  Put("c/r/a", "x", {"image/png", std::string(300, 'n')});
  EXPECT_NE(folder_.Read("storage/c/r/a.attrs").find("\"" + std::string(255, 'n') + "\""), std::string::npos);
}

TEST_F(LocalStorageTest, ANameThatIsNoUtf8IsRefusedAndLeavesNothing) {
  auto written = storage_->Write("c/r/a", "x", {"image/png", "\xff"});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, Error::Kind::kInvalidInput);
  EXPECT_THAT(folder_.Files(), IsEmpty());
}

TEST_F(LocalStorageTest, KeysOfSidecarsAreReserved) {
  EXPECT_FALSE(storage_->Write("c/r/note.attrs", "x", {"text/plain", "note.attrs"}));
  EXPECT_FALSE(storage_->Open("c/r/note.attrs"));
  EXPECT_THAT(folder_.Files(), IsEmpty());
}

TEST_F(LocalStorageTest, NothingIsLeftButTheObjectAndItsSidecar) {
  Put("c/r/a");
  EXPECT_THAT(folder_.Files(), UnorderedElementsAre("storage/c/r/a", "storage/c/r/a.attrs"));
}

TEST_F(LocalStorageTest, AnObjectThatNobodyLooksForYetIsThereAsAWhole) {
  Put("c/r/a", "hello", {"text/plain", "a.txt", true});
  EXPECT_EQ(Content("c/r/a"), "hello");
  EXPECT_THAT(folder_.Files(), UnorderedElementsAre("storage/c/r/a", "storage/c/r/a.attrs"));
}

TEST_F(LocalStorageTest, WhatCannotHaveItsNameLeavesNothing) {
  for (const bool unknown : {false, true}) {
    Put("c/r/a/inside");  // a folder where the file should be
    EXPECT_FALSE(storage_->Write("c/r/a", "x", {"text/plain", "a", unknown}));
    EXPECT_THAT(folder_.Files(), UnorderedElementsAre("storage/c/r/a/inside", "storage/c/r/a/inside.attrs"));
    ASSERT_TRUE(storage_->Delete("c/r/a/inside"));
  }
}

TEST_F(LocalStorageTest, ASpooledFileBecomesTheObjectAndIsCopiedWhereItCannotAgain) {
  auto file = NewSpoolFile(folder_.path());
  ASSERT_TRUE(file);
  ASSERT_EQ(::write((*file)->get(), "hello", 5), 5);
  struct stat spooled {}, stored {};
  ASSERT_EQ(::fstat((*file)->get(), &spooled), 0);
  for (const bool again : {false, true}) {
    ASSERT_TRUE(storage_->WriteSpooled("c/r/a", {*file, 5, {}}, {"text/plain", "a", true}));
    EXPECT_EQ(Content("c/r/a"), "hello");
    EXPECT_NE(folder_.Read("storage/c/r/a.attrs").find("\"XUFAKrxLKna5cZ2REBfFkg==\""), std::string::npos);
    ASSERT_EQ(::stat((folder_.path() + "/storage/c/r/a").c_str(), &stored), 0);
    EXPECT_EQ(stored.st_ino == spooled.st_ino, !again);
    storage_->Discard("c/r/a");
    EXPECT_THAT(folder_.Files(), IsEmpty());
  }
}

TEST_F(LocalStorageTest, AnObjectWithoutASidecarIsOfAnUnknownType) {
  folder_.Write("storage/c/r/a", "x");
  auto object = storage_->Open("c/r/a");
  ASSERT_TRUE(object);
  EXPECT_EQ(object->content_type, "application/octet-stream");
}

TEST_F(LocalStorageTest, AnObjectWithABrokenSidecarCannotBeOpened) {
  folder_.Write("storage/c/r/a", "x");
  folder_.Write("storage/c/r/a.attrs", "{");
  EXPECT_FALSE(storage_->Open("c/r/a"));
}

TEST_F(LocalStorageTest, AMissingObjectIsNotFound) {
  auto object = storage_->Open("c/r/none");
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().kind, Error::Kind::kNotFound);
  EXPECT_EQ(storage_->Delete("c/r/none").error().kind, Error::Kind::kNotFound);
}

TEST_F(LocalStorageTest, AFolderIsNoObject) {
  Put("c/r/a");
  EXPECT_FALSE(storage_->Open("c/r"));
  EXPECT_FALSE(*storage_->Exists("c/r"));
}

TEST_F(LocalStorageTest, NoKeyLeadsOutOfTheFolder) {
  Put("../x");
  EXPECT_TRUE(folder_.Has("storage/..__0x2f__x"));
  EXPECT_FALSE(folder_.Has("x"));
  EXPECT_EQ(Content("../x"), "content");
}

TEST_F(LocalStorageTest, ListingSkipsSidecarsAndIsInLexicalOrder) {
  Put("c/b/2");
  Put("c/a/1");
  Put("d/x");
  auto keys = storage_->List("c/");
  ASSERT_TRUE(keys);
  EXPECT_THAT(*keys, ElementsAre("c/a/1", "c/b/2"));
}

TEST_F(LocalStorageTest, ListingTakesAPrefixThatEndsWithinAName) {
  Put("c/r/abc");
  Put("c/r/abd");
  Put("c/r/xyz");
  EXPECT_THAT(*storage_->List("c/r/ab"), ElementsAre("c/r/abc", "c/r/abd"));
}

TEST_F(LocalStorageTest, DeletingAPrefixRemovesItsObjectsAndTheFoldersThatAreEmptyThen) {
  Put("c/r/a");
  Put("c/r/thumbs_a/100x100_a");
  Put("c/s/b");
  ASSERT_TRUE(storage_->DeletePrefix("c/r/", {}));
  EXPECT_FALSE(folder_.Has("storage/c/r"));
  EXPECT_EQ(Content("c/s/b"), "content");
}

TEST_F(LocalStorageTest, DiscardingTakesThumbsAndHalfWrittenFilesAlong) {
  Put("c/r/a");
  Put("c/r/thumbs_a/100x100_a");
  folder_.Write("storage/c/r/a.18a9.tmp", "half");
  (void)storage_->Discard("c/r/a");
  EXPECT_FALSE(folder_.Has("storage/c/r"));
}

TEST_F(LocalStorageTest, DiscardingOneFileLeavesItsNeighbours) {
  Put("c/r/a");
  Put("c/r/ab");
  (void)storage_->Discard("c/r/a");
  EXPECT_THAT(*storage_->List("c/"), ElementsAre("c/r/ab"));
}

TEST_F(LocalStorageTest, WhatIsDetachedIsGoneAtOnceAndWhatComesAfterwardsStays) {
  Put("c/r/old");
  auto rest = storage_->Detach("c/r/");
  EXPECT_FALSE(*storage_->Exists("c/r/old"));
  Put("c/r/new");
  ASSERT_TRUE(rest);
  rest();
  EXPECT_EQ(Content("c/r/new"), "content");
  EXPECT_THAT(folder_.Files(), UnorderedElementsAre("storage/c/r/new", "storage/c/r/new.attrs"));
}

TEST_F(LocalStorageTest, DetachingNothingDoesNothing) { EXPECT_FALSE(storage_->Detach("c/none/")); }

TEST_F(LocalStorageTest, AMovedObjectKeepsItsSidecar) {
  Put("c/r/a", "x", {"image/png", "a.png"});
  ASSERT_TRUE(storage_->Move("c/r/a", "c/s/a"));
  auto object = storage_->Open("c/s/a");
  ASSERT_TRUE(object);
  EXPECT_EQ(object->content_type, "image/png");
  EXPECT_FALSE(folder_.Has("storage/c/r"));
}

TEST_F(LocalStorageTest, WritingSucceedsWhileOthersRemoveTheEmptiedFolder) {
  std::thread remover([&] {
    for (int i = 0; i < 2000; ++i) ::rmdir((folder_.path() + "/storage/c/r").c_str());
  });
  for (int i = 0; i < 20; ++i) {
    const std::string key = "c/r/f" + std::to_string(i);
    auto written = storage_->Write(key, "x", {"text/plain", "f"});
    EXPECT_TRUE(written) << written.error().message;
    if (i < 19) storage_->Discard(key);
  }
  remover.join();
  EXPECT_EQ(Content("c/r/f19"), "x");
}

TEST(ObjectKey, PathsGoBackToTheirKeys) {
  for (const std::string key : {"a/b/c.png", "../x", "a//b", "a/", "tab\there", "../../etc/passwd", "/abs"})
    EXPECT_EQ(PathToKey(KeyToPath(key)), key) << KeyToPath(key);
}

TEST(ObjectKey, AThumbLiesBesideItsFile) {
  EXPECT_EQ(ThumbKey("c/r/a.png", "70x50t"), "c/r/thumbs_a.png/70x50t_a.png");
}

}  // namespace
}  // namespace wombat

#include "common/storage/file_journal.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/common/storage/temporary_directory.h"

namespace wombat {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Runs `work` in a process that dies right afterwards, without any destructor.
template <class Work>
void InDyingProcess(Work work) {
  const pid_t child = ::fork();
  if (child == 0) {
    work();
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
}

TEST(FileJournal, NotesOfALivingProcessAreNobodyElses) {
  TemporaryFolder folder;
  FileJournal journal(folder.path());
  ASSERT_TRUE(journal.Begin({"c/r/a"}));
  EXPECT_THAT(FindAbandonedNotes(folder.path()), IsEmpty());
}

TEST(FileJournal, NotesOfADeadProcessAreFound) {
  TemporaryFolder folder;
  InDyingProcess([&] {
    auto* journal = new FileJournal(folder.path());
    (void)journal->Begin({"c/r/a", "c/r/b"});
  });
  auto found = FindAbandonedNotes(folder.path());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0].keys, ElementsAre("c/r/a", "c/r/b"));
}

TEST(FileJournal, AnEndedNoteIsNotFound) {
  TemporaryFolder folder;
  InDyingProcess([&] {
    auto* journal = new FileJournal(folder.path());
    auto first = journal->Begin({"c/r/a"});
    (void)journal->Begin({"c/r/b"});
    journal->End(*first);
  });
  auto found = FindAbandonedNotes(folder.path());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0].keys, ElementsAre("c/r/b"));
}

TEST(FileJournal, AShortNoteInTheFileOfALongOneIsReadAlone) {
  TemporaryFolder folder;
  InDyingProcess([&] {
    auto* journal = new FileJournal(folder.path());
    auto first = journal->Begin({"c/r/" + std::string(200, 'x'), "c/r/second", "c/r/third"});
    journal->End(*first);
    (void)journal->Begin({"c/r/b"});
  });
  auto found = FindAbandonedNotes(folder.path());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0].keys, ElementsAre("c/r/b"));
}

TEST(FileJournal, ForgottenNotesAreGone) {
  TemporaryFolder folder;
  InDyingProcess([&] { (void)(new FileJournal(folder.path()))->Begin({"c/r/a"}); });
  for (auto& notes : FindAbandonedNotes(folder.path())) notes.Forget();
  EXPECT_THAT(FindAbandonedNotes(folder.path()), IsEmpty());
}

TEST(FileJournal, NothingIsOnDiskBeforeTheFirstNoteAndAfterACleanEnd) {
  TemporaryFolder folder;
  {
    FileJournal journal(folder.path());
    EXPECT_FALSE(folder.Has(".notify/files"));
    auto note = journal.Begin({"c/r/a"});
    ASSERT_TRUE(note);
    journal.End(*note);
  }
  EXPECT_THAT(folder.Files(), IsEmpty());
}

}  // namespace
}  // namespace wombat

#include "tests/common/records/record_fixture.h"

namespace wombat {
namespace {

class RowJsonTest : public RecordTest {
 protected:
  RowJsonTest() {
    Insert("users", R"({"id":"user00000000001","email":"hidden@a.test","password":"12345678","tokenKey":"k"})");
    Insert("users", R"({"id":"user00000000002","email":"shown@a.test","emailVisibility":true})");
  }

  // From the row and from a Record: both must agree.
  std::string Shown(std::string_view collection, std::string_view id, const Visibility& visibility = {},
                    std::string_view expand = {}) {
    std::string from_row, from_record;
    EXPECT_TRUE(AppendRowJson(from_row, *schema().Find(collection), Select(collection, id), 0, visibility, expand));
    AppendRecordJson(from_record, Stored(collection, id), visibility, expand);
    EXPECT_EQ(from_row, from_record);
    return from_row;
  }
  bool ShowsEmail(std::string_view id, const Visibility& visibility) {
    return ParsedJson(Shown("users", id, visibility)).Has("email");
  }
};

TEST_F(RowJsonTest, WritesKeysInByteOrderWithoutHiddenFields) {
  Insert("posts",
         R"({"id":"post00000000001","title":"<b>","secret":"s","total":1.5,"active":true,"tags":["b","a"],"kind":"x",
                      "author":"user00000000001","data":{"z":1,"a":[2]},"place":{"lon":1,"lat":2},"pin":"1234"})");
  const std::string id = schema().Find("posts")->id;
  EXPECT_EQ(
      Shown("posts", "post00000000001"),
      R"({"active":true,"author":"user00000000001","collectionId":")" + id +
          R"(","collectionName":"posts","created":"",)"
          R"("data":{"a":[2],"z":1},"editors":[],"id":"post00000000001","kind":"x","pin":"","place":{"lon":1,"lat":2},)"
          R"("tags":["b","a"],"title":"\u003cb\u003e","total":1.5,"updated":""})");
}

TEST_F(RowJsonTest, ShowsHiddenFieldsToSuperusers) {
  Insert("posts", R"({"id":"post00000000001","secret":"s"})");
  EXPECT_EQ(ParsedJson(Shown("posts", "post00000000001", {.superuser = true, .viewer_id = {}, .manages = {}}))
                .StringOr("secret"),
            "s");
}

TEST_F(RowJsonTest, NeverShowsPasswordAndTokenKeyOfAuthRecords) {
  const Json shown = ParsedJson(Shown("users", "user00000000001", {.superuser = true, .viewer_id = {}, .manages = {}}));
  EXPECT_FALSE(shown.Has("password"));
  EXPECT_FALSE(shown.Has("tokenKey"));
  EXPECT_TRUE(shown.Has("email"));
}

TEST_F(RowJsonTest, ShowsEmailsToThoseWhoMaySeeThem) {
  EXPECT_FALSE(ShowsEmail("user00000000001", {}));
  EXPECT_FALSE(ShowsEmail("user00000000001", {.superuser = false, .viewer_id = "user00000000002", .manages = {}}));
  EXPECT_TRUE(ShowsEmail("user00000000001", {.superuser = false, .viewer_id = "user00000000001", .manages = {}}));
  EXPECT_TRUE(ShowsEmail("user00000000002", {}));
}

TEST_F(RowJsonTest, AsksForManageAccessOnlyWhenNothingElseShowsTheEmail) {
  int asked = 0;
  const Visibility manager{.superuser = false, .viewer_id = {}, .manages = [&](std::string_view id) {
                             ++asked;
                             return id == "user00000000001";
                           }};
  EXPECT_TRUE(ShowsEmail("user00000000001", manager));
  EXPECT_EQ(asked, 2);  // once for the row, once for the Record
  EXPECT_TRUE(ShowsEmail("user00000000002", manager));
  EXPECT_EQ(asked, 2);
}

TEST_F(RowJsonTest, PutsTheExpandObjectInItsPlace) {
  Insert("posts", R"({"id":"post00000000001"})");
  const std::string shown = Shown("posts", "post00000000001", {}, R"({"author":{}})");
  EXPECT_NE(shown.find(R"("editors":[],"expand":{"author":{}},"id":)"), std::string::npos) << shown;
}

TEST_F(RowJsonTest, ReadsRowsFromAnyFirstColumn) {
  const CollectionPtr users = Shared("users");
  auto row = db().Prepare("SELECT 1, 2, " + users->select_columns + " FROM users WHERE id = 'user00000000002'");
  ASSERT_TRUE(row && *row->Step());
  std::string shown;
  EXPECT_TRUE(AppendRowJson(shown, *users, *row, 2, {}));
  EXPECT_EQ(shown, Shown("users", "user00000000002"));
}

TEST_F(RowJsonTest, RefusesARowThatCannotBeRead) {
  Insert("posts", R"({"id":"post00000000001"})");
  Run("UPDATE posts SET place = 'junk'");
  std::string shown;
  EXPECT_FALSE(AppendRowJson(shown, *schema().Find("posts"), Select("posts", "post00000000001"), 0, {}));
}

}  // namespace
}  // namespace wombat

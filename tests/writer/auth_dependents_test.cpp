#include "tests/writer/lane_fixture.h"

namespace wombat {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class AuthDependentsTest : public LaneTest {
 protected:
  AuthDependentsTest() {
    user_ = Create("users", R"({"email":"a@b.co","password":"1234567890"})");
    other_ = Create("users", R"({"email":"c@d.co","password":"1234567890"})");
    for (const auto& id : {user_, other_}) {
      std::string users = Shared("users")->id;
      auto done = DoInternal([&](LaneTransaction& tx) -> ApiResult<void> {
        for (const char* table : {"_mfas", "_otps", "_authOrigins", "_externalAuths"}) {
          SqlValues values{std::string(table).substr(1, 3) + id.substr(0, 12), users, id};
          auto inserted = tx.db().Run("INSERT INTO `" + std::string(table) + "` (id, collectionRef, recordRef" +
                                          (std::string_view(table) == "_externalAuths" ? ", providerId) VALUES (?1, ?2, ?3, ?3)"
                                                                                       : ") VALUES (?1, ?2, ?3)"),
                                      values);
          EXPECT_TRUE(inserted) << inserted.error().message;
        }
        return {};
      });
      EXPECT_TRUE(done);
    }
  }

  // Tables that still have a row of the user.
  std::vector<std::string> Left() {
    std::vector<std::string> tables;
    for (const char* table : {"_mfas", "_otps", "_authOrigins", "_externalAuths"}) {
      if (Count(table, "recordRef = '" + user_ + "'")) tables.push_back(table);
      EXPECT_EQ(Count(table, "recordRef = '" + other_ + "'"), 1) << table;
    }
    return tables;
  }
  std::string TokenKey() { return std::string(Stored("users", user_).Text("tokenKey")); }
  void Update(const std::string& values) {
    Answer answer = Do(Updating("users", user_, values));
    ASSERT_TRUE(answer.is_record()) << answer;
  }

  std::string user_, other_;
};

TEST_F(AuthDependentsTest, ANewRecordGetsATokenKeyOfFiftyCharacters) { EXPECT_EQ(TokenKey().size(), 50u); }

TEST_F(AuthDependentsTest, AChangedPasswordRenewsTheTokenKey) {
  std::string before = TokenKey();
  Update(R"({"password":"another password"})");
  EXPECT_NE(TokenKey(), before);
  EXPECT_EQ(TokenKey().size(), 50u);
}

TEST_F(AuthDependentsTest, AChangedPasswordRemovesMfasOriginsAndOneTimePasswords) {
  Update(R"({"password":"another password"})");
  EXPECT_THAT(Left(), ElementsAre("_externalAuths"));
}

TEST_F(AuthDependentsTest, AChangedEmailRenewsTheTokenKeyAndRemovesOneTimePasswords) {
  std::string before = TokenKey();
  Update(R"({"email":"new@b.co"})");
  EXPECT_NE(TokenKey(), before);
  EXPECT_THAT(Left(), ElementsAre("_mfas", "_authOrigins", "_externalAuths"));
}

TEST_F(AuthDependentsTest, AnyOtherChangeKeepsTheTokenKeyAndAllRows) {
  std::string before = TokenKey();
  Update(R"({"name":"Alice","emailVisibility":true})");
  EXPECT_EQ(TokenKey(), before);
  EXPECT_THAT(Left(), ElementsAre("_mfas", "_otps", "_authOrigins", "_externalAuths"));
}

TEST_F(AuthDependentsTest, ASubmittedTokenKeyIsKeptWithAChangedPassword) {
  const std::string key(50, 'k');
  Update(R"({"password":"another password","tokenKey":")" + key + "\"}");
  EXPECT_EQ(TokenKey(), key);
}

TEST_F(AuthDependentsTest, AChangedTokenKeyRemovesOneTimePasswords) {
  Update(R"({"tokenKey":")" + std::string(50, 'k') + "\"}");
  EXPECT_THAT(Left(), ElementsAre("_mfas", "_authOrigins", "_externalAuths"));
}

TEST_F(AuthDependentsTest, AFirstVerificationRemovesLinkedAccountsAndThenRenewsTheTokenKey) {
  std::string before = TokenKey();
  Update(R"({"verified":true})");
  EXPECT_NE(TokenKey(), before);
  EXPECT_THAT(Left(), ElementsAre("_mfas", "_authOrigins"));
}

TEST_F(AuthDependentsTest, AVerificationWithoutLinkedAccountsKeepsTheTokenKey) {
  ASSERT_TRUE(DoInternal([](LaneTransaction& tx) -> ApiResult<void> {
    EXPECT_TRUE(tx.db().Run("DELETE FROM _externalAuths WHERE recordRef != ''"));
    return {};
  }));
  std::string before = TokenKey();
  Update(R"({"verified":true})");
  EXPECT_EQ(TokenKey(), before);
}

TEST_F(AuthDependentsTest, ADeletedRecordTakesAllItsRowsAlong) {
  ASSERT_TRUE(Do(Deleting("users", user_)).is_done());
  EXPECT_THAT(Left(), IsEmpty());
}

TEST_F(AuthDependentsTest, ADeletedRecordsRowsGoInTheReferencesOrderWithTheirHooks) {
  std::vector<std::string> deleted;
  app_.on_record_delete.BindFunc([&](RecordEvent& event) {
    deleted.push_back(event.record->collection().name);
    return event.Next();
  });
  ASSERT_TRUE(Do(Deleting("users", user_)).is_done());
  EXPECT_THAT(deleted, ElementsAre("users", "_authOrigins", "_otps", "_mfas", "_externalAuths"));
}

TEST_F(AuthDependentsTest, ARefusedDeleteKeepsAllRows) {
  app_.on_record_delete.BindFunc([](RecordEvent&) -> HookResult { return Refuse(400); }, {"_externalAuths"});
  EXPECT_TRUE(Do(Deleting("users", user_)).is_refused());
  EXPECT_THAT(Left(), ElementsAre("_mfas", "_otps", "_authOrigins", "_externalAuths"));
}

}  // namespace
}  // namespace wombat

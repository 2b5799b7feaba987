#include "worker/auth_cache.h"

#include <chrono>

#include "common/auth/jwt.h"
#include "tests/worker/worker_fixture.h"

namespace wombat {
namespace {

std::int64_t Now() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

class AuthCacheTest : public WorkerTest {
 protected:
  AuthCacheTest() : cache_(*page_) {
    user_ = Create("users", R"({"email":"a@b.co","password":"1234567890"})");
    token_ = IssueAuthToken(Stored("users", user_));
  }
  // The id that the token belongs to; "" for a guest.
  std::string WhoIs(std::string_view authorization) {
    auto identity = cache_.Authenticate(authorization, schema(), *reader_);
    return identity.record ? std::string(identity.record->id()) : "";
  }
  std::string Signed(Json claims) { return SignToken(claims, TokenKey(Stored("users", user_), "auth")); }
  Json Claims() {
    return Json::Object({{"id", user_}, {"type", "auth"}, {"collectionId", Shared("users")->id}, {"exp", Json(Now() + 100)}});
  }
  // Behind the lane's back: nothing but the row moves.
  void Execute(const std::string& sql) {
    auto done = data_.data->Execute(sql);
    ASSERT_TRUE(done) << done.error().message;
  }

  AuthCache cache_;
  std::string user_, token_;
};

TEST_F(AuthCacheTest, ATokenBelongsToItsRecord) {
  auto identity = cache_.Authenticate(token_, schema(), *reader_);
  ASSERT_TRUE(identity.record);
  EXPECT_EQ(identity.record->id(), user_);
  EXPECT_EQ(identity.record->collection().name, "users");
  EXPECT_TRUE(identity.refreshable);
}

TEST_F(AuthCacheTest, ATokenMayFollowTheWordBearerInAnyLetterCase) {
  for (const char* prefix : {"Bearer ", "bearer ", "BEARER "}) EXPECT_EQ(WhoIs(prefix + token_), user_) << prefix;
}

TEST_F(AuthCacheTest, GarbageIsAGuests) {
  for (const std::string& text : {std::string(), std::string("Bearer "), std::string("x"), std::string("a.b.c"),
                                  token_ + "x", token_.substr(1), "Bearer  " + token_, std::string(100'000, '.')})
    EXPECT_EQ(WhoIs(text), "") << text.substr(0, 100);
}

TEST_F(AuthCacheTest, AVerifiedTokenIsNotLookedUpAgain) {
  ASSERT_EQ(WhoIs(token_), user_);
  Execute("UPDATE users SET tokenKey = 'changed behind the lane''s back, nobody was told'");
  EXPECT_EQ(WhoIs(token_), user_);
}

TEST_F(AuthCacheTest, ATokenIsLookedUpAgainWhenItsCollectionsCounterMoved) {
  ASSERT_EQ(WhoIs(token_), user_);
  Execute("UPDATE users SET tokenKey = 'changed behind the lane''s back, nobody was told'");
  page_->AuthCounter(Shared("users")->id).fetch_add(1);
  EXPECT_EQ(WhoIs(token_), "");
}

TEST_F(AuthCacheTest, ATokenIsLookedUpAgainByTheNextWritersTime) {
  ASSERT_EQ(WhoIs(token_), user_);
  Execute("UPDATE users SET tokenKey = 'changed behind the lane''s back, nobody was told'");
  page_->writer_epoch.fetch_add(1);
  EXPECT_EQ(WhoIs(token_), "");
}

TEST_F(AuthCacheTest, ATokenEndsWithTheRecordsPassword) {
  ASSERT_EQ(WhoIs(token_), user_);
  ASSERT_TRUE(Do(Updating("users", user_, R"({"password":"another password"})")).is_record());
  EXPECT_EQ(WhoIs(token_), "");
}

TEST_F(AuthCacheTest, ATokenOutlivesAChangeThatDoesNotConcernIt) {
  ASSERT_EQ(WhoIs(token_), user_);
  ASSERT_TRUE(Do(Updating("users", user_, R"({"name":"Alice"})")).is_record());
  auto identity = cache_.Authenticate(token_, schema(), *reader_);
  ASSERT_TRUE(identity.record);
  EXPECT_EQ(identity.record->Text("name"), "Alice");
}

TEST_F(AuthCacheTest, ATokenEndsWithItsRecord) {
  ASSERT_EQ(WhoIs(token_), user_);
  ASSERT_TRUE(Do(Deleting("users", user_)).is_done());
  EXPECT_EQ(WhoIs(token_), "");
}

TEST_F(AuthCacheTest, ATokenEndsWithItsCollectionsSecret) {
  ASSERT_EQ(WhoIs(token_), user_);
  Answer changed = Do(ChangingCollection("users", R"({"authToken":{"secret":")" + std::string(50, 's') + "\"}}"));
  ASSERT_TRUE(changed.is_collection()) << changed;
  EXPECT_EQ(WhoIs(token_), "");
}

TEST_F(AuthCacheTest, AnExpiredTokenIsAGuests) {
  Json claims = Claims();
  claims["exp"] = Json(Now() - 1);
  EXPECT_EQ(WhoIs(Signed(claims)), "");
}

TEST_F(AuthCacheTest, AVerifiedTokenEndsWhenItExpires) {
  Json claims = Claims();
  claims["exp"] = Json(Now() + 2);
  std::string token = Signed(claims);
  ASSERT_EQ(WhoIs(token), user_);
  std::this_thread::sleep_for(std::chrono::milliseconds(2500));
  EXPECT_EQ(WhoIs(token), "");
}

TEST_F(AuthCacheTest, ATokenSignedWithAnotherKeyIsAGuests) { EXPECT_EQ(WhoIs(SignToken(Claims(), "another key")), ""); }

TEST_F(AuthCacheTest, ATokenOfAnotherTypeIsAGuests) {
  for (const char* type : {"file", "verification", ""}) {
    Json claims = Claims();
    claims["type"] = type;
    EXPECT_EQ(WhoIs(Signed(claims)), "") << type;
  }
}

TEST_F(AuthCacheTest, ATokenOfACollectionThatHasNoAccountsIsAGuests) {
  CreateCollection(R"({"name":"plain"})");
  Json claims = Claims();
  claims["collectionId"] = Shared("plain")->id;
  EXPECT_EQ(WhoIs(Signed(claims)), "");
}

TEST_F(AuthCacheTest, ATokenWithoutTheClaimIsNotRefreshable) {
  EXPECT_FALSE(cache_.Authenticate(Signed(Claims()), schema(), *reader_).refreshable);
}

}  // namespace
}  // namespace wombat

#include "common/auth/password.h"
#include "common/records/request_info.h"
#include "tests/common/records/record_fixture.h"

namespace wombat {
namespace {

class RecordValuesTest : public RecordTest {};

TEST_F(RecordValuesTest, ANewRecordHasZeroValues) {
  const Record record(Shared("posts"));
  EXPECT_TRUE(record.is_new());
  EXPECT_EQ(record.Text("title"), "");
  EXPECT_EQ(record.Number("total"), 0);
  EXPECT_EQ(record.Get("tags").Dump(), "[]");
  EXPECT_TRUE(record.Get("data").is_null());
  EXPECT_TRUE(record.Get("nofield").is_null());
}

TEST_F(RecordValuesTest, ReadsListsFromSingleAndMultipleFields) {
  const Record record = NewRecord("posts", R"({"tags":["a","b"],"kind":"x"})");
  EXPECT_EQ(record.List("tags"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(record.List("kind"), std::vector<std::string>{"x"});
  EXPECT_TRUE(record.List("author").empty());
}

TEST_F(RecordValuesTest, ARowKeepsItsOriginalValues) {
  Insert("posts", R"({"id":"post00000000001","title":"old","total":3})");
  Record record = Stored("posts", "post00000000001");
  record.Set("title", "new");
  EXPECT_FALSE(record.is_new());
  EXPECT_EQ(record.Text("title"), "new");
  EXPECT_EQ(record.Original("title").as_string(), "old");
  record.TakeAsOriginal();
  EXPECT_EQ(record.Original("title").as_string(), "new");
}

TEST_F(RecordValuesTest, IgnoresWhatIsSetOnAutodatesAndUnknownNames) {
  Record record(Shared("posts"));
  record.Set("created", "2024-01-01");
  record.Set("nofield", 1);
  EXPECT_EQ(record.Text("created"), "");
}

TEST_F(RecordValuesTest, HashesPasswordsOnceWithTheFieldsCost) {
  Record record = NewRecord("posts", R"({"pin":"1234"})");
  EXPECT_TRUE(NeedsHashing(record));
  HashPasswords(record);
  EXPECT_FALSE(NeedsHashing(record));
  const std::string hash(record.Text("pin"));
  EXPECT_TRUE(hash.starts_with("$2a$04$"));
  EXPECT_TRUE(VerifyPassword("1234", hash));
  HashPasswords(record);
  EXPECT_EQ(record.Text("pin"), hash);
}

TEST_F(RecordValuesTest, AnEmptyPlainPasswordOnlyMarksThatOneWasSet) {
  Record record(Shared("users"));
  const int field = record.collection().password_field;
  record.SetRaw(field, "$2a$hash");
  record.SetPlainPassword(field, {});
  EXPECT_EQ(record.Text("password"), "$2a$hash");
  EXPECT_NE(record.PlainPassword(field), nullptr);
  EXPECT_FALSE(NeedsHashing(record));
}

TEST_F(RecordValuesTest, GeneratesMissingIdsAndTokenKeysOnly) {
  Record record = NewRecord("users", R"({"tokenKey":"given"})");
  AutogenerateValues(record);
  EXPECT_EQ(record.id().size(), 15u);
  EXPECT_EQ(record.Text("tokenKey"), "given");
  Record other(Shared("users"));
  AutogenerateValues(other);
  EXPECT_EQ(other.Text("tokenKey").size(), 50u);
}

TEST_F(RecordValuesTest, StampsAutodatesByWhatHappens) {
  Record record(Shared("posts"));
  StampAutodates(record);
  EXPECT_EQ(record.Text("created").size(), 24u);
  EXPECT_EQ(record.Text("created"), record.Text("updated"));
  record.SetRaw(record.collection().FieldIndex("created"), "x");
  record.SetRaw(record.collection().FieldIndex("updated"), "x");
  record.MarkSaved();
  StampAutodates(record);
  EXPECT_EQ(record.Text("created"), "x");
  EXPECT_EQ(record.Text("updated").size(), 24u);
}

class TokenKeyTest : public RecordTest {
 protected:
  TokenKeyTest() { Insert("users", R"({"id":"user00000000001","email":"u@a.test","tokenKey":"old"})"); }
  std::string After(const std::function<void(Record&)>& change) {
    Record record = Stored("users", "user00000000001");
    change(record);
    RefreshTokenKeyIfNeeded(record);
    return std::string(record.Text("tokenKey"));
  }
};

TEST_F(TokenKeyTest, ChangesWithEmailAndPassword) {
  EXPECT_EQ(After([](Record& record) { record.Set("email", "v@a.test"); }).size(), 50u);
  EXPECT_EQ(After([](Record& record) { record.Set("password", "12345678"); }).size(), 50u);
}

TEST_F(TokenKeyTest, StaysWithOtherChangesOrWhenSetExplicitly) {
  EXPECT_EQ(After([](Record& record) { record.Set("name", "n"); }), "old");
  EXPECT_EQ(After([](Record& record) {
              record.Set("email", "v@a.test");
              record.Set("tokenKey", "mine");
            }),
            "mine");
}

class AuthFormTest : public RecordTest {
 protected:
  AuthFormTest() {
    Record user = NewRecord("users", R"({"id":"user00000000001","email":"u@a.test","password":"12345678"})");
    user.SetRaw(user.collection().password_field, *HashPassword("12345678", 4));
    Insert(user);
  }
  std::string Codes(const Json& errors) {
    std::string text;
    for (const auto& [key, error] : errors.as_object()) text += key + ":" + error.StringOr("code").substr(11) + " ";
    return text;
  }
  std::string OnCreate(std::string_view body, bool full_access = false) {
    Record record(Shared("users"));
    const Json normalized = NormalizeBody(record, ParsedJson(body), true);
    LoadBody(record, normalized);
    return Codes(CheckAuthForm(record, nullptr, normalized, full_access));
  }
  std::string OnUpdate(std::string_view body, bool full_access = false) {
    const Record stored = Stored("users", "user00000000001");
    Record record = stored;
    const Json normalized = NormalizeBody(record, ParsedJson(body), true);
    LoadBody(record, normalized);
    return Codes(CheckAuthForm(record, &stored, normalized, full_access));
  }
};

TEST_F(AuthFormTest, ACreateNeedsAPasswordAndItsConfirmation) {
  EXPECT_EQ(OnCreate("{}"), "password:required passwordConfirm:required ");
  EXPECT_EQ(OnCreate(R"({"password":"12345678"})"), "passwordConfirm:required ");
  EXPECT_EQ(OnCreate(R"({"password":"12345678","passwordConfirm":"x"})"), "passwordConfirm:values_mismatch ");
  EXPECT_EQ(OnCreate(R"({"password":"","passwordConfirm":"x"})"), "password:required passwordConfirm:values_mismatch ");
  EXPECT_EQ(OnCreate(R"({"password":12345678,"passwordConfirm":12345678})"), "");
}

TEST_F(AuthFormTest, OnlyFullAccessMayVerifyOrChangeTheEmail) {
  EXPECT_EQ(OnCreate(R"({"password":"1","passwordConfirm":"1","verified":true})"), "verified:values_mismatch ");
  EXPECT_EQ(OnCreate(R"({"password":"1","passwordConfirm":"1","verified":true})", true), "");
  EXPECT_EQ(OnUpdate(R"({"email":"v@a.test","verified":true})"), "email:values_mismatch verified:values_mismatch ");
  EXPECT_EQ(OnUpdate(R"({"email":"v@a.test","verified":true})", true), "");
  EXPECT_EQ(OnUpdate(R"({"email":"u@a.test","verified":false})"), "");
}

TEST_F(AuthFormTest, APasswordChangeNeedsTheOldPassword) {
  EXPECT_EQ(OnUpdate(R"({"password":"abcdefgh","passwordConfirm":"abcdefgh"})"), "oldPassword:required ");
  EXPECT_EQ(OnUpdate(R"({"password":"abcdefgh","passwordConfirm":"abcdefgh","oldPassword":"x"})"),
            "oldPassword:invalid_old_password ");
  EXPECT_EQ(OnUpdate(R"({"password":"abcdefgh","passwordConfirm":"abcdefgh","oldPassword":"12345678"})"), "");
  EXPECT_EQ(OnUpdate(R"({"password":"abcdefgh","passwordConfirm":"abcdefgh"})", true), "");
}

TEST_F(AuthFormTest, AnOldPasswordAloneAsksForTheNewOne) {
  EXPECT_EQ(OnUpdate(R"({"oldPassword":"x"})"), "password:required passwordConfirm:required ");
  EXPECT_EQ(OnUpdate(R"({"password":""})"), "");
}

TEST(RequestInfo, FindsHeadersByTheirSnakeName) {
  RequestInfo info;
  info.headers = {{"X-Token", "1"}, {"x--TOKEN", "2"}, {"Sec-Ch-UA", "3"}, {"plain", "4"}};
  EXPECT_EQ(*info.FindHeader("x_token"), "1");
  EXPECT_EQ(*info.FindHeader("sec_ch_ua"), "3");
  EXPECT_EQ(*info.FindHeader("plain"), "4");
  EXPECT_EQ(info.FindHeader("X-Token"), nullptr);
  EXPECT_EQ(info.FindHeader(""), nullptr);
}

TEST(RequestInfo, TakesTheFirstQueryParameterOfAName) {
  RequestInfo info;
  info.query = {{"a", "1"}, {"a", "2"}};
  EXPECT_EQ(*info.FindQuery("a"), "1");
  EXPECT_EQ(info.FindQuery("A"), nullptr);
}

}  // namespace
}  // namespace wombat

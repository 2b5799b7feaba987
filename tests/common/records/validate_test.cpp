#include "tests/common/records/record_fixture.h"

namespace wombat {
namespace {

class ValidateTest : public RecordTest {
 protected:
  ValidateTest() {
    Insert("users", R"({"id":"user00000000001","email":"u@a.test"})");
    Insert("users", R"({"id":"user00000000002","email":"v@a.test"})");
  }

  // What a request reports: the worker's part and the writer's part together.
  std::string ErrorsInTwoParts(Record& record) {
    const auto worker = ValidateRecord(record, schema(), nullptr, ValidationScope::kWithoutDatabase);
    const auto writer = ValidateRecord(record, schema(), &db(), ValidationScope::kOnlyDatabase);
    std::map<std::string, std::string> codes;
    for (const auto& part : {worker, writer}) {
      for (const auto& [key, error] : part->as_object()) codes[key] = error.StringOr("code");
    }
    std::string text;
    for (const auto& [key, code] : codes) text += key + ":" + code + " ";
    return text;
  }

  std::string ErrorsBothWays(std::string_view collection, std::string_view values) {
    Record record = NewRecord(collection, values);
    AutogenerateValues(record);
    const std::string whole = Errors(record);
    EXPECT_EQ(ErrorsInTwoParts(record), whole) << values;
    return whole;
  }
};

TEST_F(ValidateTest, AcceptsAValidRecord) {
  EXPECT_EQ(ErrorsBothWays(
                "posts", R"({"title":"t","author":"user00000000001","editors":["user00000000001","user00000000002"]})"),
            "");
}

TEST_F(ValidateTest, ReportsTheErrorsOfAllFieldsTogether) {
  EXPECT_EQ(ErrorsBothWays("posts", R"({"title":"far too long for this field","author":"nobody","kind":"z","id":"x"})"),
            "author:validation_missing_rel_records id:validation_min_text_constraint kind:validation_invalid_value "
            "title:validation_max_text_constraint ");
}

TEST_F(ValidateTest, FindsOneMissingRecordAmongSeveral) {
  EXPECT_EQ(ErrorsBothWays("posts", R"({"editors":["user00000000001","nobody","user00000000002"]})"),
            "editors:validation_missing_rel_records ");
}

TEST_F(ValidateTest, AssumesThatRecordsExistWithoutADatabase) {
  Record record = NewRecord("posts", R"({"id":"post00000000001","author":"nobody"})");
  EXPECT_EQ(Errors(record, ValidationScope::kWithoutDatabase), "");
  EXPECT_EQ(Errors(record, ValidationScope::kOnlyDatabase), "author:validation_missing_rel_records ");
}

TEST_F(ValidateTest, RefusesAnAuthIdOfAnotherAuthCollection) {
  EXPECT_EQ(ErrorsBothWays("_superusers", R"({"id":"user00000000001","email":"a@a.test","password":"1234567890"})"),
            "id:validation_invalid_auth_id ");
  EXPECT_EQ(ErrorsBothWays("_superusers", R"({"email":"a@a.test","password":"1234567890"})"), "");
}

TEST_F(ValidateTest, ComparesAuthIdsOnlyWhenTheFieldsAreValid) {
  EXPECT_EQ(ErrorsBothWays("_superusers", R"({"id":"user00000000001","email":"bad","password":"1234567890"})"),
            "email:validation_is_email ");
}

TEST_F(ValidateTest, ForcesSuperusersToBeVerified) {
  Record record = NewRecord("_superusers", R"({"email":"a@a.test","verified":false})");
  Errors(record, ValidationScope::kOnlyDatabase);
  EXPECT_TRUE(record.Bool("verified"));
}

TEST_F(ValidateTest, ChecksWhatSystemRecordsReferTo) {
  const std::string users = "\"collectionRef\":\"_pb_users_auth_\"";
  EXPECT_EQ(ErrorsBothWays("_mfas", R"({"method":"x"})"),
            "collectionRef:validation_required recordRef:validation_required ");
  EXPECT_EQ(ErrorsBothWays("_mfas", R"({"method":"x","collectionRef":"users","recordRef":"z"})"),
            "collectionRef:validation_invalid_collection_id ");
  EXPECT_EQ(
      ErrorsBothWays("_mfas", R"({"method":"x","collectionRef":")" + Shared("posts")->id + R"(","recordRef":"z"})"),
      "collectionRef:validation_invalid_collection_type ");
  EXPECT_EQ(ErrorsBothWays("_mfas", "{\"method\":\"x\",\"recordRef\":\"z\"," + users + "}"),
            "recordRef:validation_invalid_record ");
  EXPECT_EQ(ErrorsBothWays("_mfas", "{\"method\":\"x\",\"recordRef\":\"user00000000001\"," + users + "}"), "");
}

TEST_F(ValidateTest, KnowsTheProvidersOfExternalAuths) {
  const auto errors = [this](const std::string& provider) {
    return ErrorsBothWays("_externalAuths", R"({"provider":")" + provider +
                                                R"(","providerId":"1","recordRef":"user00000000001",)"
                                                R"("collectionRef":"_pb_users_auth_"})");
  };
  EXPECT_EQ(errors("google"), "");
  EXPECT_EQ(errors("nobody"), "provider:validation_in_invalid ");
}

TEST_F(ValidateTest, ComparesIdsOfACustomPatternIgnoringCase) {
  ASSERT_TRUE(
      Create(R"({"name":"free","fields":[{"name":"id","type":"text","primaryKey":true,"required":true,"system":true,
                                                  "pattern":"^[A-Za-z]+$"}]})")
          .ok());
  Insert("free", R"({"id":"Abc"})");
  EXPECT_EQ(ErrorsBothWays("free", R"({"id":"aBC"})"), "id:validation_pk_invalid ");
  EXPECT_EQ(ErrorsBothWays("free", R"({"id":"aBCd"})"), "");
}

TEST_F(ValidateTest, RefusesToChangeAnId) {
  Insert("posts", R"({"id":"post00000000001"})");
  Record record = Stored("posts", "post00000000001");
  record.Set("id", "post00000000002");
  EXPECT_EQ(Errors(record), "id:validation_pk_change ");
}

TEST_F(ValidateTest, ReportsAPasswordThatCannotBeHashed) {
  Record record = NewRecord("posts", R"({"id":"post00000000001","pin":")" + std::string(73, 'x') + "\"}");
  HashPasswords(record);
  EXPECT_EQ(Errors(record), "pin:validation_invalid_value ");
}

TEST_F(ValidateTest, MapsUniqueViolationsToEveryColumnOfTheIndex) {
  const Collection& posts = *schema().Find("posts");
  EXPECT_EQ(UniqueErrors(posts, "UNIQUE constraint failed: posts.title, posts.total").Dump(),
            R"({"title":{"code":"validation_not_unique","message":"Value must be unique."},)"
            R"("total":{"code":"validation_not_unique","message":"Value must be unique."}})");
  EXPECT_TRUE(UniqueErrors(posts, "unique constraint failed: POSTS.ID").Has("id"));
  EXPECT_EQ(UniqueErrors(posts, "UNIQUE constraint failed: index 'i'").Dump(), "{}");
  EXPECT_EQ(UniqueErrors(posts, "UNIQUE constraint failed: users.title").Dump(), "{}");
  EXPECT_EQ(UniqueErrors(posts, "disk I/O error").Dump(), "{}");
}

}  // namespace
}  // namespace wombat

#include "tests/common/records/record_fixture.h"

namespace wombat {
namespace {

class NormalizeBodyTest : public RecordTest {
 protected:
  std::string Normalized(const Record& record, std::string_view body, bool superuser = true) {
    return NormalizeBody(record, ParsedJson(body), superuser).Dump();
  }
  Record Blank() { return Record(Shared("posts")); }
};

TEST_F(NormalizeBodyTest, CastsKnownFieldsAndKeepsUnknownKeys) {
  EXPECT_EQ(Normalized(Blank(), R"({"title":5,"total":"2.5","active":"t","kind":["x","y"],"other":[1],"expand":"z"})"),
            R"({"active":true,"expand":"z","kind":"y","other":[1],"title":"5","total":2.5})");
}

TEST_F(NormalizeBodyTest, AppliesModifiersToTheStoredValueAndDropsTheirKeys) {
  Record record = NewRecord("posts", R"({"total":10,"tags":["a"]})");
  EXPECT_EQ(Normalized(record, R"({"total+":4,"tags+":"b","+tags":["c"]})"), R"({"tags":["c","a","b"],"total":14})");
  EXPECT_EQ(Normalized(record, R"({"tags-":["a"]})"), R"({"tags":[]})");
}

TEST_F(NormalizeBodyTest, CombinesModifiersOfOneField) {
  EXPECT_EQ(Normalized(Blank(), R"({"total+":4,"total-":1})"), R"({"total":3})");
  EXPECT_EQ(Normalized(Blank(), R"({"total+":4,"total":1})"), R"({"total":5})");
}

TEST_F(NormalizeBodyTest, LeavesModifiersThatATypeDoesNotKnow) {
  EXPECT_EQ(Normalized(Blank(), R"({"title+":"x","+total":1,"nofield+":2})"),
            R"({"+total":1,"nofield+":2,"title+":"x"})");
}

TEST_F(NormalizeBodyTest, GeneratesTextOnRequest) {
  const Json body = NormalizeBody(Blank(), ParsedJson(R"({"id:autogenerate":""})"), true);
  EXPECT_EQ(body.StringOr("id").size(), 15u);
  EXPECT_FALSE(body.Has("id:autogenerate"));
}

TEST_F(NormalizeBodyTest, DropsHiddenFieldsForEveryoneButSuperusers) {
  EXPECT_EQ(Normalized(Blank(), R"({"secret":"s","title":"t"})", false), R"({"title":"t"})");
  EXPECT_EQ(Normalized(Blank(), R"({"secret":"s","title":"t"})", true), R"({"secret":"s","title":"t"})");
}

TEST_F(NormalizeBodyTest, KeepsTheHiddenPasswordOfAuthRecords) {
  EXPECT_EQ(Normalized(Record(Shared("users")), R"({"password":"12345678","tokenKey":"x"})", false),
            R"({"password":"12345678"})");
}

TEST_F(NormalizeBodyTest, AnswersAutodatesWithTheStoredValue) {
  Record record = Blank();
  record.SetRaw(record.collection().FieldIndex("created"), "2024-01-01 00:00:00.000Z");
  EXPECT_EQ(Normalized(record, R"({"created":"2030-01-01"})"), R"({"created":"2024-01-01 00:00:00.000Z"})");
}

TEST_F(NormalizeBodyTest, DoesNotChangeTheRecord) {
  const Record record = NewRecord("posts", R"({"total":10})");
  NormalizeBody(record, ParsedJson(R"({"total+":4})"), true);
  EXPECT_EQ(record.Number("total"), 10);
}

TEST_F(NormalizeBodyTest, LoadsIntoTheRecordWhatItNormalized) {
  Record record = Blank();
  LoadBody(record,
           NormalizeBody(record, ParsedJson(R"({"title":"t","data":"\"quoted\"","pin":"1234","created":"2030-01-01",
                                                        "collectionName":"x","unknown":1})"),
                         true));
  EXPECT_EQ(record.Text("title"), "t");
  EXPECT_EQ(record.Text("data"), "\"quoted\"");
  EXPECT_EQ(record.Text("created"), "");
  ASSERT_NE(record.PlainPassword(record.collection().FieldIndex("pin")), nullptr);
  EXPECT_EQ(*record.PlainPassword(record.collection().FieldIndex("pin")), "1234");
}

TEST_F(NormalizeBodyTest, AnEmptyPasswordClearsTheHash) {
  Record record = NewRecord("posts", R"({"pin":"1234"})");
  HashPasswords(record);
  LoadBody(record, ParsedJson(R"({"pin":""})"));
  EXPECT_EQ(record.Text("pin"), "");
  EXPECT_FALSE(NeedsHashing(record));
}

}  // namespace
}  // namespace wombat

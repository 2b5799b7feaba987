#include "tests/common/schema/field_fixture.h"

namespace wombat::test {
namespace {

using enum Field::Modifier;

std::string Cast(std::string_view type, std::string_view json, std::string_view options = "{}") {
  return FieldOf(type, options)->Cast(Parsed(json)).Dump();
}

TEST(FieldInput, AJsonFieldTakesTextsThatAreJsonAsJson) {
  const auto text_of = [](std::string_view json) { return FieldOf("json")->Cast(Parsed(json)).as_string(); };
  EXPECT_EQ(text_of(R"("{\"b\":1, \"a\":2}")"), R"({"b":1, "a":2})");
  EXPECT_EQ(text_of(R"("1.50")"), "1.50");
  EXPECT_EQ(text_of(R"("null")"), "null");
  EXPECT_EQ(text_of(R"("")"), R"("")");
  EXPECT_EQ(text_of(R"("tru")"), R"("tru")");
  EXPECT_EQ(text_of(R"(" [1]")"), R"(" [1]")");
  EXPECT_EQ(text_of(R"("--1")"), R"("--1")");
  EXPECT_EQ(text_of(R"({"b":1,"a":"<"})"), R"({"a":"\u003c","b":1})");
  EXPECT_TRUE(FieldOf("json")->Cast(Json()).is_null());
}

TEST(FieldInput, AQuotedTextCanFailToBeJson) {
  const auto text_of = [](std::string_view text) { return FieldOf("json")->Cast(Json(text)).as_string(); };
  EXPECT_EQ(text_of("a\n\"\\"), R"("a\n\"\\")");
  EXPECT_EQ(text_of("\a"), R"("\a")");
  EXPECT_EQ(text_of("\x7f"), R"("\x7f")");
  EXPECT_EQ(text_of("\xff"), R"("\xff")");
  EXPECT_EQ(text_of("\u00a0\u00e9\U0001F600"), "\"\\u00a0\u00e9\U0001F600\"");
  EXPECT_EQ(text_of("\U000E0001"), R"("\U000e0001")");
}

TEST(FieldInput, AGeoPointSkipsWhatIsNoNumber) {
  EXPECT_EQ(Cast("geoPoint", R"({"LON":3,"Lat":4,"x":1})"), R"({"lat":4,"lon":3})");
  EXPECT_EQ(Cast("geoPoint", R"({"lon":"7","lat":8})"), R"({"lat":8,"lon":0})");
  EXPECT_EQ(Cast("geoPoint", R"("{\"lon\":5}")"), R"({"lat":0,"lon":5})");
  for (const char* other : {"null", "5", "[1,2]", R"("x")", R"("[1]")", "true"}) {
    EXPECT_EQ(Cast("geoPoint", other), R"({"lat":0,"lon":0})") << other;
  }
}

TEST(FieldInput, ADateIsReadFromTextsOnly) {
  EXPECT_EQ(Cast("date", R"("2024-02-03T04:05:06+02:00")"), R"("2024-02-03 02:05:06.000Z")");
  EXPECT_EQ(Cast("date", "1706933106"), R"("")");
  EXPECT_EQ(Cast("date", R"("nope")"), R"("")");
}

TEST(FieldInput, ASingleListFieldKeepsTheLastItem) {
  EXPECT_EQ(Cast("select", R"(["a","b"])"), R"("b")");
  EXPECT_EQ(Cast("select", "[]"), R"("")");
  EXPECT_EQ(Cast("relation", R"("[\"a\",\"b\"]")"), R"("b")");
  EXPECT_EQ(Cast("select", R"(["b","a","b"])", R"({"maxSelect":2})"), R"(["b","a"])");
}

TEST(FieldInput, AFileListTakesNestedListsOfOneName) {
  const std::string_view many = R"({"maxSelect":9})";
  EXPECT_EQ(Cast("file", R"([["x"],[["y"]],"z","z"])", many), R"(["x","y","z"])");
  EXPECT_EQ(Cast("file", R"([["x","y"],{"a":1},null,"z"])", many), R"(["z"])");
  EXPECT_EQ(Cast("file", R"(["[\"x\"]"])", many), R"(["x"])");
}

std::string Modified(const Field& field, Field::Modifier modifier, std::string_view current, std::string_view operand) {
  const auto value = field.ApplyModifier(modifier, Parsed(current), Parsed(operand));
  return value ? value->Dump() : "none";
}

TEST(FieldInput, ListModifiersKeepItemsDistinct) {
  auto field = FieldOf("select", R"({"maxSelect":4})");
  EXPECT_EQ(Modified(*field, kAppend, R"(["a","b"])", R"("c")"), R"(["a","b","c"])");
  EXPECT_EQ(Modified(*field, kAppend, R"(["a"])", R"(["a","a"])"), R"(["a"])");
  EXPECT_EQ(Modified(*field, kPrepend, R"(["a","b"])", R"(["b","d"])"), R"(["b","d","a"])");
  EXPECT_EQ(Modified(*field, kRemove, R"(["a","b","c"])", R"(["b","x"])"), R"(["a","c"])");
}

TEST(FieldInput, ASingleListFieldIsModifiedByItsLastItem) {
  auto field = FieldOf("relation");
  EXPECT_EQ(Modified(*field, kAppend, R"("a")", R"("b")"), R"("b")");
  EXPECT_EQ(Modified(*field, kPrepend, R"("a")", R"("b")"), R"("a")");
  EXPECT_EQ(Modified(*field, kPrepend, R"("")", R"("b")"), R"("b")");
  EXPECT_EQ(Modified(*field, kRemove, R"("a")", R"("a")"), R"("")");
}

TEST(FieldInput, NumbersAreAddedAndSubtracted) {
  auto field = FieldOf("number");
  EXPECT_EQ(Modified(*field, kAppend, "5", R"("3")"), "8");
  EXPECT_EQ(Modified(*field, kRemove, "5", "10"), "-5");
  EXPECT_EQ(Modified(*field, kAppend, "5", R"("x")"), "5");
  EXPECT_EQ(Modified(*field, kPrepend, "5", "1"), "none");
}

TEST(FieldInput, OtherTypesHaveNoModifiers) {
  for (const char* type : {"text", "bool", "date", "json", "geoPoint", "password", "email"}) {
    EXPECT_EQ(Modified(*FieldOf(type), kAppend, R"("")", R"("x")"), "none") << type;
  }
  EXPECT_EQ(Modified(*FieldOf("select"), kAutogenerate, R"("")", R"("x")"), "none");
}

TEST(FieldInput, TextIsGeneratedBehindWhatWasSubmitted) {
  auto field = FieldOf("text", R"({"autogeneratePattern":"[0-9]{4}"})");
  const auto value = field->ApplyModifier(kAutogenerate, "old", "pre-");
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(value->as_string().size(), 8u);
  EXPECT_TRUE(value->as_string().starts_with("pre-"));
  EXPECT_EQ(Modified(*FieldOf("text"), kAutogenerate, R"("old")", R"("pre-")"), R"("pre-")");
}

TEST(FieldInput, OnlyAnEmptyTextIsGeneratedOnCreate) {
  auto field = FieldOf("text", R"({"autogeneratePattern":"[0-9]{4}"})");
  ASSERT_TRUE(field->AutogenerateOnCreate("").has_value());
  EXPECT_EQ(field->AutogenerateOnCreate("")->as_string().size(), 4u);
  EXPECT_FALSE(field->AutogenerateOnCreate("own").has_value());
  EXPECT_FALSE(FieldOf("text")->AutogenerateOnCreate("").has_value());
}

TEST(FieldInput, AStoredJsonTextIsPrintedCompact) {
  auto field = FieldOf("json");
  EXPECT_EQ(Printed(*field, Json(R"({ "b" : [1.50, "<"] })")), "{\"b\":[1.50,\"\\u003c\"]}");
  EXPECT_EQ(Printed(*field, Json()), "null");
}

}  // namespace
}  // namespace wombat::test

#include "common/base/json.h"

#include <gtest/gtest.h>

namespace wombat {
namespace {

std::string Reprinted(std::string_view text) {
  const auto value = ParseJson(text);
  return value ? value->Dump() : "error: " + value.error().message;
}

TEST(ParseJson, PrintsBackWhatItRead) {
  EXPECT_EQ(Reprinted(R"( {"b":[1,-2.5,true,false,null,"x"],"a":{}} )"),
            R"({"a":{},"b":[1,-2.5,true,false,null,"x"]})");
}

TEST(ParseJson, KeepsTheLastOfDuplicateKeys) { EXPECT_EQ(Reprinted(R"({"a":{"x":1},"a":2})"), R"({"a":2})"); }

TEST(ParseJson, ReadsNumbersAsDoubles) {
  EXPECT_EQ(Reprinted("9007199254740993"), "9007199254740992");
  EXPECT_EQ(Reprinted("1.50"), "1.5");
  EXPECT_EQ(Reprinted("-0"), "-0");
}

TEST(ParseJson, RefusesNumbersBeyondTheDoubleRange) {
  EXPECT_FALSE(ParseJson("1e999"));
  EXPECT_FALSE(ParseJson("[-1e400]"));
}

TEST(ParseJson, ReadsNumbersTooSmallForADoubleAsZero) { EXPECT_EQ(Reprinted("1e-400"), "0"); }

TEST(ParseJson, RefusesWhatIsNoJson) {
  for (const char* text : {"", " ", "NaN", "Infinity", "01", "+1", ".5", "1.", "tru", "{\"a\"}", "[1,]", "{\"a\":1,}",
                           "'a'", "\"a", "\"\\x\"", "\"\\u12G4\"", "{a:1}", "[1 2]", "//x\n1"}) {
    EXPECT_FALSE(ParseJson(text)) << text;
  }
}

TEST(ParseJson, RefusesAByteOrderMark) { EXPECT_FALSE(ParseJson("\xEF\xBB\xBF{}")); }

TEST(ParseJson, RefusesRawControlCharactersInStrings) {
  EXPECT_FALSE(ParseJson("\"a\nb\""));
  EXPECT_FALSE(ParseJson(std::string_view("\"a\0b\"", 5)));
}

TEST(ParseJson, ReplacesInvalidUtf8ByteByByte) {
  EXPECT_EQ(ParseJson("\"a\xFF\xE2\x82z\"")->as_string(), "a\uFFFD\uFFFD\uFFFDz");
}

TEST(ParseJson, ReplacesLoneSurrogatesAndKeepsPairs) {
  EXPECT_EQ(ParseJson(R"("\ud800")")->as_string(), "\uFFFD");
  EXPECT_EQ(ParseJson(R"("\udc00x")")->as_string(), "\uFFFDx");
  EXPECT_EQ(ParseJson(R"("\ud83d\ude00")")->as_string(), "\U0001F600");
  EXPECT_EQ(ParseJson(R"("\ud800\ud83d\ude00")")->as_string(), "\uFFFD\U0001F600");
  EXPECT_EQ(ParseJson(R"("\\ud800")")->as_string(), "\\ud800");
}

TEST(ParseJson, RefusesTrailingDataUnlessItMayBeIgnored) {
  EXPECT_FALSE(ParseJson("{} x"));
  EXPECT_FALSE(ParseJson(std::string_view("{}\0", 3)));
  ASSERT_TRUE(ParseJson("{\"a\":1} x", false));
  EXPECT_EQ(ParseJson("{\"a\":1}{", false)->Dump(), "{\"a\":1}");
}

TEST(ParseJson, RefusesNestingPastTheLimit) {
  const auto nested = [](int depth) {
    return std::string(std::size_t(depth), '[') + std::string(std::size_t(depth), ']');
  };
  EXPECT_TRUE(ParseJson(nested(kMaxJsonDepth)));
  EXPECT_FALSE(ParseJson(nested(kMaxJsonDepth + 1)));
  EXPECT_FALSE(ParseJson(std::string(10'000'000, '[')));
}

TEST(ParseJson, TellsWhereTheErrorIs) { EXPECT_EQ(ParseJson("{\"a\":x}").error().offset, 5u); }

TEST(IsValidJson, AgreesWithTheGrammar) {
  for (const char* text :
       {"0", "-0.5e+7", " [1 , 2] ", "{\"a\":[{},[]],\"b\":\"\\u12aF\\n\"}", "null", "\"\"", "[]", "{}"}) {
    EXPECT_TRUE(IsValidJson(text)) << text;
  }
  for (const char* text :
       {"",          "01",  "1.", "[1,]", "[,1]",      "{\"a\"}", "{\"a\":}", "{,}",   "nul",        "\"",
        "\"\\u12\"", "1 2", "]",  "[}",   "{\"a\":1]", "-",       "1e",       "[\"\\", "{\"a\":1,}", "\xEF\xBB\xBF{}",
        "\"\t\""}) {
    EXPECT_FALSE(IsValidJson(text)) << text;
  }
}

TEST(IsValidJson, LooksOnlyAtTheGrammarOfNumbersAndEscapes) {
  EXPECT_TRUE(IsValidJson("1e999"));
  EXPECT_TRUE(IsValidJson(R"("\ud800")"));
}

TEST(IsValidJson, RefusesNestingPastTheLimit) {
  EXPECT_FALSE(IsValidJson(std::string(1'000'000, '[')));
  EXPECT_FALSE(
      IsValidJson(std::string(std::size_t(kMaxJsonDepth + 1), '[') + std::string(std::size_t(kMaxJsonDepth + 1), ']')));
  EXPECT_TRUE(IsValidJson(std::string(std::size_t(kMaxJsonDepth), '[') + std::string(std::size_t(kMaxJsonDepth), ']')));
}

TEST(Json, ACopyIsIndependentOfItsOriginal) {
  const Json original = *ParseJson(R"({"a":{"b":[1]}})");
  Json copy = original;
  copy["a"]["b"].as_array().emplace_back(2);
  EXPECT_EQ(original.Dump(), R"({"a":{"b":[1]}})");
  EXPECT_EQ(copy.Dump(), R"({"a":{"b":[1,2]}})");
}

TEST(Json, ComparesByValue) {
  EXPECT_EQ(*ParseJson(R"({"a":[1,{"b":"x"}]})"), *ParseJson(R"({ "a" : [1.0, {"b":"x"}] })"));
  EXPECT_FALSE(*ParseJson(R"({"a":[1,{"b":"x"}]})") == *ParseJson(R"({"a":[1,{"b":"y"}]})"));
  EXPECT_FALSE(Json(1) == Json(true));
}

TEST(Json, AnIndexedValueThatIsNoObjectBecomesOne) {
  Json value = "text";
  value["a"] = 1;
  EXPECT_EQ(value.Dump(), R"({"a":1})");
}

TEST(Json, LenientReadersFallBackOnAnotherType) {
  const Json value = *ParseJson(R"({"a":1,"b":"x","c":true})");
  EXPECT_EQ(value.StringOr("a", "none"), "none");
  EXPECT_EQ(value.NumberOr("b", 7), 7);
  EXPECT_FALSE(value.BoolOr("missing"));
  EXPECT_TRUE(value.BoolOr("c"));
}

}  // namespace
}  // namespace wombat

#include "common/base/json_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace wombat {
namespace {

std::string Quoted(std::string_view text) {
  std::string out;
  AppendJsonString(out, text);
  return out;
}

std::string Number(double value) {
  std::string out;
  AppendJsonNumber(out, value);
  return out;
}

std::string Compact(std::string_view json) {
  std::string out;
  AppendCompactJson(out, json);
  return out;
}

TEST(AppendJsonString, EscapesWhatHtmlAndJavaScriptMisread) {
  EXPECT_EQ(Quoted("<a>&\u2028\u2029"), R"("\u003ca\u003e\u0026\u2028\u2029")");
}

TEST(AppendJsonString, EscapesQuotesBackslashesAndControlCharacters) {
  EXPECT_EQ(Quoted(std::string_view("\"\\/\b\f\n\r\t\x01\x1f\x7f\0", 12)),
            "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\\u0000\"");
}

TEST(AppendJsonString, CopiesValidUtf8AndReplacesTheRest) {
  EXPECT_EQ(Quoted("añ€😀z"), "\"añ€😀z\"");
  EXPECT_EQ(Quoted("a\xFFz\xC3"), "\"a\\ufffdz\\ufffd\"");
}

TEST(AppendJsonNumber, WritesTheShortestForm) {
  EXPECT_EQ(Number(3), "3");
  EXPECT_EQ(Number(-0.5), "-0.5");
  EXPECT_EQ(Number(0.1), "0.1");
  EXPECT_EQ(Number(-0.0), "-0");
  EXPECT_EQ(Number(1e20), "100000000000000000000");
  EXPECT_EQ(Number(123456789012345680000.0), "123456789012345680000");
  EXPECT_EQ(Number(1e21), "1e+21");
  EXPECT_EQ(Number(0.000001), "0.000001");
  EXPECT_EQ(Number(1.5e-7), "1.5e-7");
  EXPECT_EQ(Number(std::numeric_limits<double>::max()), "1.7976931348623157e+308");
}

TEST(AppendJsonNumber, WritesNullForWhatJsonCannotHold) {
  EXPECT_EQ(Number(std::nan("")), "null");
  EXPECT_EQ(Number(-std::numeric_limits<double>::infinity()), "null");
}

TEST(PlainDecimal, NeverUsesAnExponent) {
  EXPECT_EQ(PlainDecimal(1e21), "1000000000000000000000");
  EXPECT_EQ(PlainDecimal(1.5e-7), "0.00000015");
  EXPECT_EQ(PlainDecimal(-12.25), "-12.25");
  EXPECT_EQ(PlainDecimal(0), "0");
}

TEST(ShortestDecimal, TurnsScientificAtTheGivenExponent) {
  EXPECT_EQ(ShortestDecimal(1000000, 6), "1e+06");
  EXPECT_EQ(ShortestDecimal(1234567, 6), "1.234567e+06");
  EXPECT_EQ(ShortestDecimal(999999, 6), "999999");
  EXPECT_EQ(ShortestDecimal(0.00001, 6), "1e-05");
  EXPECT_EQ(ShortestDecimal(0.0001, 6), "0.0001");
  EXPECT_EQ(ShortestDecimal(12345678901234567890.0, 6), "1.2345678901234567e+19");
  EXPECT_EQ(ShortestDecimal(1e20), "100000000000000000000");
  EXPECT_EQ(ShortestDecimal(1e100), "1e+100");
}

TEST(AppendCompactJson, DropsBlanksOutsideStringsOnly) {
  EXPECT_EQ(Compact(" { \"a b\" : [ 1.50 ,\n\t\" x \\\" \" ] } "), R"({"a b":[1.50," x \" "]})");
}

TEST(AppendCompactJson, KeepsKeyOrderAndDuplicatesButEscapesForHtml) {
  EXPECT_EQ(Compact("{\"b\":\"<&\u2028\",\"a\":1,\"a\":2}"), R"({"b":"\u003c\u0026\u2028","a":1,"a":2})");
}

TEST(Utf8, CountsAndRepairsCodePoints) {
  EXPECT_EQ(CountCodePoints("aé€😀"), 4u);
  EXPECT_EQ(CountCodePoints("a\xFF\xFF"), 3u);
  EXPECT_TRUE(IsUtf8("long ascii text and é at its end é"));
  EXPECT_FALSE(IsUtf8("\xED\xA0\x80"));
  EXPECT_FALSE(IsUtf8("\xC0\xAF"));
  EXPECT_FALSE(IsUtf8("\xF4\x90\x80\x80"));
  EXPECT_EQ(SanitizeUtf8("abcdefgh\xC3(é"), "abcdefgh\uFFFD(é");
}

}  // namespace
}  // namespace wombat

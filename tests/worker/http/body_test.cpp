#include "worker/http/body.h"

#include <gtest/gtest.h>

#include <string>

#include "worker/http/form_values.h"
#include "worker/http/media_type.h"
#include "worker/http/multipart.h"
#include "worker/http/urlencoded.h"

namespace wombat {
namespace {

HttpRequest Request(std::string_view type, std::string_view body, std::string_view query = {},
                    std::string_view method = "POST") {
  HttpRequest request;
  request.method = method;
  request.path = "/";
  request.query = query;
  if (!type.empty()) request.headers.push_back({"content-type", type});
  request.body = body;
  request.has_body = true;
  return request;
}

// The parsed object as JSON text, or the error's status and message.
std::string Parse(std::string_view type, std::string_view body, std::string_view query = {},
                  std::string_view method = "POST") {
  const auto request = Request(type, body, query, method);
  auto parsed = ParseBody(request);
  return parsed ? parsed->values.Dump() : std::to_string(parsed.error().status) + " " + parsed.error().message;
}

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kForm = "application/x-www-form-urlencoded";
constexpr std::string_view kMultipart = "multipart/form-data; boundary=XX";
constexpr const char* kBad = "400 ";

std::string Part(std::string_view disposition, std::string_view content) {
  return "--XX\r\nContent-Disposition: form-data; " + std::string(disposition) + "\r\n\r\n" + std::string(content) +
         "\r\n";
}
std::string Multipart(std::string_view parts, std::string_view query = {}) {
  return Parse(kMultipart, std::string(parts) + "--XX--\r\n", query);
}

TEST(JsonBody, MustBeAnObjectOrNull) {
  EXPECT_EQ(Parse(kJson, R"({"b":1,"a":[true]})"), R"({"a":[true],"b":1})");
  EXPECT_EQ(Parse(kJson, "null"), "{}");
  EXPECT_EQ(Parse(kJson, "[1]"), kBad);
  EXPECT_EQ(Parse(kJson, "\"x\""), kBad);
  EXPECT_EQ(Parse(kJson, "1"), kBad);
}

TEST(JsonBody, IgnoresWhatFollowsTheFirstValue) {
  EXPECT_EQ(Parse(kJson, R"({"v":1}garbage)"), R"({"v":1})");
  EXPECT_EQ(Parse(kJson, R"({"v":1}{"v":2})"), R"({"v":1})");
  EXPECT_EQ(Parse(kJson, "nullx"), "{}");
}

TEST(JsonBody, TakesTheLastOfDuplicateKeysAndTellsCaseApart) {
  EXPECT_EQ(Parse(kJson, R"({"v":1,"V":2,"v":3})"), R"({"V":2,"v":3})");
}

TEST(JsonBody, RefusesMalformedText) {
  for (const char* text : {"", " ", "{", "{\"v\":}", "{\"v\":1,}", "{\"v\":01}", "{\"v\":NaN}", "{\"v\":1e400}",
                           "\xEF\xBB\xBF{}", "{\"v\":\"a\nb\"}", "{v:1}"})
    EXPECT_EQ(Parse(kJson, text), kBad) << text;
}

TEST(JsonBody, ReplacesWhatIsNoUtf8) {
  EXPECT_EQ(Parse(kJson, "{\"v\":\"\xFF\"}"), "{\"v\":\"\xEF\xBF\xBD\"}");
  EXPECT_EQ(Parse(kJson, R"({"v":"\ud800"})"), "{\"v\":\"\xEF\xBF\xBD\"}");
}

TEST(JsonBody, RefusesNestingThatIsAnAttack) {
  EXPECT_EQ(Parse(kJson, "{\"v\":" + std::string(200'000, '[') + std::string(200'000, ']') + "}"), kBad);
}

TEST(BodyType, IsACaseSensitivePrefix) {
  const std::string unsupported = "400 Unsupported Content-Type.";
  EXPECT_EQ(Parse("application/json; charset=utf-8", "{}"), "{}");
  EXPECT_EQ(Parse("application/jsonx", "{}"), "{}");
  EXPECT_EQ(Parse("Application/json", "{}"), unsupported);
  EXPECT_EQ(Parse("text/json", "{}"), unsupported);
  EXPECT_EQ(Parse("", "{}"), unsupported);
  EXPECT_EQ(Parse("multipart/mixed; boundary=XX", "--XX--"), unsupported);
  EXPECT_EQ(Parse("application/xml", "<a/>"), kBad);
}

TEST(BodyType, DoesNotMatterWithoutABody) {
  HttpRequest request;
  request.headers.push_back({"Content-Type", "text/plain"});
  auto parsed = ParseBody(request);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->values.Dump(), "{}");
  EXPECT_FALSE(parsed->files_unreadable);
}

TEST(BodyType, OfAMultipartFormWithoutABodyMakesItsFilesUnreadable) {
  HttpRequest request;
  request.headers.push_back({"Content-Type", kMultipart});
  auto parsed = ParseBody(request);
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->files_unreadable);
}

TEST(FormValue, BecomesANumberOnlyInItsCanonicalForm) {
  for (const char* number :
       {"0", "123", "2.1", "-3.4", "0.0001", "-1", "0.1", "9007199254740992", "-0", "100000000000000000000000"})
    EXPECT_TRUE(InferFormValue(number).is_number()) << number;
  for (const char* text :
       {"",     "007",   "000.1", "1.0",      "-0.0", "1e3",       "+1", ".5",  "-.5",   "5.",  " 1 ",
        "0xFF", "1_000", "null",  "Infinity", "[1]",  "{\"a\":1}", "-",  "1-2", "1.2.3", "--1", "9007199254740993",
        "True"})
    EXPECT_TRUE(InferFormValue(text).is_string()) << text;
}

TEST(FormValue, BecomesABoolForTheTwoWords) {
  EXPECT_EQ(InferFormValue("true"), Json(true));
  EXPECT_EQ(InferFormValue("false"), Json(false));
}

TEST(UrlencodedBody, GivesOneValueOrAnArrayByKey) {
  EXPECT_EQ(Parse(kForm, "a=1&b=x+y&a=%41&c&=d"), R"({"":"d","a":[1,"A"],"b":"x y","c":""})");
}

TEST(UrlencodedBody, IsFollowedByTheQuery) { EXPECT_EQ(Parse(kForm, "a=1", "b=2&a=3"), R"({"a":[1,3],"b":2})"); }

TEST(UrlencodedBody, RefusesMalformedPairsInBodyOrQuery) {
  EXPECT_EQ(Parse(kForm, "a=%zz"), kBad);
  EXPECT_EQ(Parse(kForm, "a=1;b=2"), kBad);
  EXPECT_EQ(Parse(kForm, "a=1", "b=%zz"), kBad);
}

TEST(UrlencodedBody, IsReadForWritingMethodsOnly) {
  EXPECT_EQ(Parse(kForm, "a=%zz", "b=2", "GET"), R"({"b":2})");
  EXPECT_EQ(Parse(kForm, "a=1", "b=2", "DELETE"), R"({"b":2})");
  EXPECT_EQ(Parse(kForm, "a=1", "", "PATCH"), R"({"a":1})");
}

TEST(UrlencodedBody, IsCappedAtTenMebibytes) {
  const std::string exact = "a=" + std::string(kMaxUrlencodedBody - 2, 'x');
  EXPECT_NE(Parse(kForm, exact), kBad);
  EXPECT_EQ(Parse(kForm, exact + "x"), kBad);
}

TEST(UrlencodedBody, NeedsAReadableType) {
  EXPECT_EQ(Parse("application/x-www-form-urlencoded; charset=utf-8", "a=1"), R"({"a":1})");
  EXPECT_EQ(Parse("application/x-www-form-urlencoded;", "a=1"), R"({"a":1})");
  EXPECT_EQ(Parse("application/x-www-form-urlencoded; ;=", "a=1"), kBad);
  EXPECT_EQ(Parse("application/x-www-form-urlencodedx", "a=1", "b=2"), R"({"b":2})");
}

TEST(JsonPayload, IsMergedOverEverythingElseWithoutInference) {
  EXPECT_EQ(Parse(kForm, "@jsonPayload={\"a\":\"1\"}&a=2&b=3"), R"({"a":"1","b":3})");
  EXPECT_EQ(Parse(kForm, "@jsonPayload={\"a\":1}&@jsonPayload={\"a\":2,\"c\":3}"), R"({"a":2,"c":3})");
}

TEST(JsonPayload, ThatIsNullDiscardsWhatWasGathered) {
  EXPECT_EQ(Parse(kForm, "a=1&@jsonPayload={\"b\":1}&@jsonPayload=null&@jsonPayload={\"c\":2}"), R"({"c":2})");
}

TEST(JsonPayload, MustBeAnObject) {
  for (const char* payload : {"", "[1]", "1", "\"x\"", "{\"a\":1}x", "{"})
    EXPECT_EQ(Parse(kForm, "@jsonPayload=" + std::string(payload)), kBad) << payload;
}

TEST(JsonPayload, HasNoMeaningInJson) {
  EXPECT_EQ(Parse(kJson, R"({"@jsonPayload":"{}"})"), R"({"@jsonPayload":"{}"})");
}

TEST(MultipartBody, GivesValuesAndFiles) {
  const std::string text = Part("name=\"a\"", "1") + Part("name=a", "x") +
                           "--XX\r\ncontent-disposition: FORM-DATA; NAME=\"f\"; filename=\"dir/my file.txt\"\r\n"
                           "Content-Type: text/plain\r\n\r\nline\r\n--X\r\n" +
                           "\r\n--XX--\r\n";
  const auto request = Request(kMultipart, text);
  auto body = ParseBody(request);
  ASSERT_TRUE(body);
  EXPECT_EQ(body->values.Dump(), R"({"a":[1,"x"]})");
  ASSERT_EQ(body->files.size(), 1u);
  EXPECT_EQ(body->files[0].key, "f");
  EXPECT_EQ(body->files[0].file_name, "my file.txt");
  EXPECT_EQ(body->files[0].content_type, "text/plain");
  EXPECT_EQ(body->files[0].content, "line\r\n--X\r\n");
}

TEST(MultipartBody, TreatsAnEmptyFileNameAsAValue) {
  EXPECT_EQ(Multipart(Part("name=\"f\"; filename=\"\"", "")), R"({"f":""})");
}

TEST(MultipartBody, IsPrecededByTheQuery) {
  EXPECT_EQ(Multipart(Part("name=\"a\"", "1"), "b=2&a=9"), R"({"a":[9,1],"b":2})");
  EXPECT_EQ(Multipart(Part("name=\"a\"", "1"), "b=%zz"), kBad);
}

TEST(MultipartBody, SkipsPartsWithoutAName) {
  EXPECT_EQ(Multipart(Part("x=\"a\"", "1") + Part("name=\"\"", "2") + Part("name=\"open", "3") +
                      "--XX\r\n\r\n4\r\n--XX\r\nContent-Disposition: attachment; name=a\r\n\r\n5\r\n"),
            "{}");
}

TEST(MultipartBody, ReadsTheExtendedFileName) {
  const std::string text = Part("name=f; filename=\"a.txt\"; filename*=UTF-8''%e2%82%ac.txt", "x") + "--XX--";
  const auto request = Request(kMultipart, text);
  auto body = ParseBody(request);
  ASSERT_TRUE(body);
  ASSERT_EQ(body->files.size(), 1u);
  EXPECT_EQ(body->files[0].file_name, "\xE2\x82\xAC.txt");
}

TEST(MultipartBody, KeepsTheBackslashesOfWindowsPaths) {
  const std::string text = Part(R"(name=f; filename="C:\x\y \"q\".txt")", "x") + "--XX--";
  const auto request = Request(kMultipart, text);
  auto body = ParseBody(request);
  ASSERT_TRUE(body);
  EXPECT_EQ(body->files[0].file_name, R"(C:\x\y "q".txt)");
}

TEST(MultipartBody, AcceptsTheEndingsThatTheReferenceAccepts) {
  const std::string part = Part("name=v", "1");
  for (const char* end : {"--XX--\r\n", "--XX--", "--XX--  ", "--XX\r\n", "--XX--\r\nepilogue"})
    EXPECT_EQ(Parse(kMultipart, part + end), R"({"v":1})") << end;
  EXPECT_EQ(Parse(kMultipart, "preamble\r\n" + part + "--XX--"), R"({"v":1})");
  EXPECT_EQ(Parse(kMultipart, "--XX--\r\n"), "{}");
  EXPECT_EQ(Parse(kMultipart, "--XX\nContent-Disposition: form-data; name=v\n\n1\n--XX--\n"), R"({"v":1})");
  EXPECT_EQ(Parse(kMultipart, "--XX\r\nContent-Disposition: form-data; name=v\r\n\r\n--XX--"), R"({"v":""})");
}

TEST(MultipartBody, RefusesOtherEndings) {
  const std::string part = Part("name=v", "1");
  for (const char* end : {"", "--XX", "--XX--garbage", "--XY--"}) EXPECT_EQ(Parse(kMultipart, part + end), kBad) << end;
  EXPECT_EQ(Parse(kMultipart, ""), kBad);
  EXPECT_EQ(Parse(kMultipart, "garbage"), kBad);
  EXPECT_EQ(Parse(kMultipart, "--XX\r\nbadheader\r\n\r\n1\r\n--XX--"), kBad);
}

TEST(MultipartBody, NeedsABoundary) {
  const std::string text = Part("name=v", "1") + "--XX--\r\n";
  EXPECT_EQ(Parse("multipart/form-data", text), kBad);
  EXPECT_EQ(Parse("multipart/form-data; boundary=", text), kBad);
  EXPECT_EQ(Parse("multipart/form-data; boundary=XX; boundary=YY", text), kBad);
  EXPECT_EQ(Parse("multipart/form-datax; boundary=XX", text), kBad);
  EXPECT_EQ(Parse("multipart/form-data; charset=x; Boundary=\"XX\"", text), R"({"v":1})");
}

TEST(MultipartBody, MayHaveAThousandParts) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += Part("name=v" + std::to_string(i), "1");
  EXPECT_NE(Multipart(text), kBad);
  EXPECT_EQ(Multipart(text + Part("name=w", "1")), kBad);
}

TEST(MultipartBody, BoundsItsValuesButNotItsFiles) {
  const std::string large(kMaxFormValueBytes, 'x');
  EXPECT_EQ(Multipart(Part("name=v", large)), kBad);
  EXPECT_EQ(Multipart(Part("name=v; filename=a", large)), "{}");
}

TEST(MultipartBody, DecodesQuotedPrintable) {
  EXPECT_EQ(
      Multipart("--XX\r\nContent-Disposition: form-data; name=v\r\nContent-Transfer-Encoding: Quoted-Printable\r\n\r\n"
                "=41b=\r\nc  \r\nd\r\n"),
      R"({"v":"Abc\r\nd"})");
  const auto decode = [](std::string_view text) {
    std::string decoded;
    return QuotedPrintableDecoder().Decode(text, true, decoded) ? decoded : "refused";
  };
  EXPECT_EQ(decode("=4"), "=4");
  EXPECT_EQ(decode("=zz=3D=c3x"), "=zz=\xC3x");
  EXPECT_EQ(decode("a=3D="), "a=");
  EXPECT_EQ(decode("="), "refused");
  EXPECT_EQ(decode("a= \r\nb"), "ab");
  EXPECT_EQ(decode("a\x01"), "refused");
}

TEST(MediaTypeText, IsRefusedWhenMalformed) {
  for (const char* text : {"", "a/", "a/b/c", "a b", "a; b", "a; b=", "a; b=\"c", "a; b=1; b=2", "a, b"})
    EXPECT_FALSE(ParseMediaType(text)) << text;
  const auto media = ParseMediaType(" Text/HTML ; A=b; c=\"d;e\";");
  ASSERT_TRUE(media);
  EXPECT_EQ(media->type, "text/html");
  EXPECT_EQ(*media->Find("a"), "b");
  EXPECT_EQ(*media->Find("c"), "d;e");
}

TEST(Query, DropsMalformedPairsAndReportsThem) {
  bool malformed = false;
  const auto pairs = ParseQuery("a=1&b=%zz&c=2;d&e=f%20g+h&&a=3", &malformed);
  ASSERT_EQ(pairs.size(), 3u);
  EXPECT_EQ(pairs[0], std::make_pair(std::string("a"), std::string("1")));
  EXPECT_EQ(pairs[1], std::make_pair(std::string("e"), std::string("f g h")));
  EXPECT_EQ(pairs[2], std::make_pair(std::string("a"), std::string("3")));
  EXPECT_TRUE(malformed);
  ParseQuery("a=1", &malformed);
  EXPECT_FALSE(malformed);
}

}  // namespace
}  // namespace wombat

#include "worker/http/static_files.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <utime.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "common/base/text.h"
#include "tests/worker/http/test_server.h"
#include "worker/http/content.h"
#include "worker/http/http_date.h"
#include "worker/http/mime_types.h"

namespace wombat::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view kText = "0123456789abcdefghijklmnopqrstuvwxyz";
constexpr std::time_t kModified = 1'000'000'000;  // Sun, 09 Sep 2001 01:46:40 GMT
constexpr const char* kModifiedText = "Sun, 09 Sep 2001 01:46:40 GMT";

class StaticFilesTest : public ::testing::Test {
 protected:
  StaticFilesTest() {
    char pattern[] = "/tmp/wombat-static-XXXXXX";
    base_ = ::mkdtemp(pattern);
    root_ = base_ / "public";
    std::filesystem::create_directories(root_ / "sub" / "empty");
    Write("index.html", "<h1>home</h1>");
    Write("sub/index.html", "<h1>sub</h1>");
    Write("f.txt", kText);
    Write("myindex.html", "mine");
    Write("a b.js", "js");
    Write("noext", "<!doctype html> x");
    Write("zero", "");
    std::ofstream(base_ / "secret.txt") << "secret";
  }
  ~StaticFilesTest() override { std::filesystem::remove_all(base_); }

  void Write(const std::string& name, std::string_view content) {
    std::ofstream(root_ / name, std::ios::binary) << content;
    const utimbuf times{kModified, kModified};
    ::utime((root_ / name).c_str(), &times);
  }

  void StartServer(bool index_fallback) {
    ServerOptions options;
    options.handle = [this](HttpRequest& request) -> Task<HttpResponse> {
      std::string path;
      PercentDecode(request.path, false, path);
      auto serving = files_->Serve(request, path.substr(1), path);
      StaticAnswer answer = co_await std::move(serving);
      is_error_ = answer.is_error;
      co_return std::move(answer.response);
    };
    server_ = std::make_unique<TestServer>(std::move(options));
    files_ = std::make_unique<StaticFiles>(server_->loop(), root_.string(), index_fallback);
  }

  std::string Get(const std::string& path, const std::string& headers = "", const std::string& method = "GET") {
    if (!server_) StartServer(true);
    Client client(server_->port());
    client.Send(method + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + headers + "\r\n");
    return client.ReadAll();
  }
  std::string RedirectOf(const std::string& path) {
    const auto answer = Get(path);
    if (!answer.starts_with("HTTP/1.1 301 ")) return StatusLine(answer);
    EXPECT_EQ(Body(answer), "");
    EXPECT_THAT(answer, Not(HasSubstr("Content-Type")));
    const auto at = answer.find("Location: ") + 10;
    return answer.substr(at, answer.find("\r\n", at) - at);
  }

  std::filesystem::path base_, root_;
  std::unique_ptr<StaticFiles> files_;
  std::atomic<bool> is_error_ = false;
  std::unique_ptr<TestServer> server_;
};

TEST_F(StaticFilesTest, ServesAFileWithItsTypeAndDate) {
  const auto answer = Get("/f.txt");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nAccept-Ranges: bytes\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nLast-Modified: " + std::string(kModifiedText) + "\r\n"));
  EXPECT_EQ(Body(answer), kText);
  EXPECT_FALSE(is_error_);
}

TEST_F(StaticFilesTest, ServesHeadersAloneForHead) {
  const auto answer = Get("/f.txt", "", "HEAD");
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Length: 36\r\n"));
  EXPECT_EQ(Body(answer), "");
}

TEST_F(StaticFilesTest, ServesTheIndexOfADirectory) {
  EXPECT_EQ(Body(Get("/")), "<h1>home</h1>");
  EXPECT_EQ(Body(Get("/sub/")), "<h1>sub</h1>");
}

TEST_F(StaticFilesTest, RedirectsToTheOnePathOfAFile) {
  EXPECT_EQ(RedirectOf("/sub"), "/sub/");
  EXPECT_EQ(RedirectOf("/sub?x=1"), "/sub/");
  EXPECT_EQ(RedirectOf("/f.txt/"), "/f.txt");
  EXPECT_EQ(RedirectOf("/index.html"), "/");
  EXPECT_EQ(RedirectOf("/sub/index.html"), "/sub/");
  EXPECT_EQ(RedirectOf("/sub%2findex.html"), "/sub/");
  EXPECT_EQ(RedirectOf("/myindex.html"), "/my");
  EXPECT_EQ(RedirectOf("/%2fsub"), "/sub/");
  EXPECT_EQ(RedirectOf("/sub/%2e"), "/sub/./");
}

TEST_F(StaticFilesTest, FallsBackToTheIndexForWhatItDoesNotHave) {
  for (const char* path : {"/missing", "/deep/missing", "/sub/empty/", "/f.txt/x", "/f.txt%00"})
    EXPECT_EQ(Body(Get(path)), "<h1>home</h1>") << path;
}

TEST_F(StaticFilesTest, AnswersFileNotFoundWithoutFallback) {
  StartServer(false);
  const auto answer = Get("/missing");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\n"));
  EXPECT_EQ(Body(answer), "{\"data\":{},\"message\":\"File not found.\",\"status\":404}\n");
  EXPECT_TRUE(is_error_);
  EXPECT_THAT(Get("/sub/empty/"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(Get("/missing", "", "HEAD"), Not(HasSubstr("Content-Length")));
}

TEST_F(StaticFilesTest, NeverLeavesItsDirectory) {
  StartServer(false);
  for (const char* path :
       {"/../secret.txt", "/..%2fsecret.txt", "/sub/../../secret.txt", "/sub/%2e%2e/%2e%2e/secret.txt",
        "/%2e%2e%2fsecret.txt", "//../secret.txt", "/..%5csecret.txt", "/.."}) {
    const auto answer = Get(path);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 404 ")) << path;
    EXPECT_THAT(answer, Not(HasSubstr("secret"))) << path;
  }
}

TEST_F(StaticFilesTest, IsEmptyWhenTheDirectoryDoesNotExist) {
  StartServer(true);
  std::filesystem::remove_all(root_);
  EXPECT_THAT(Get("/"), StartsWith("HTTP/1.1 404 "));
}

TEST_F(StaticFilesTest, ServesOnlyRegularFiles) {
  StartServer(false);
  ASSERT_EQ(::mkfifo((root_ / "fifo").c_str(), 0600), 0);
  EXPECT_THAT(Get("/fifo"), StartsWith("HTTP/1.1 404 "));
}

TEST_F(StaticFilesTest, FollowsLinksLikeTheReference) {
  std::filesystem::create_symlink(base_ / "secret.txt", root_ / "link.txt");
  EXPECT_EQ(Body(Get("/link.txt")), "secret");
}

TEST_F(StaticFilesTest, TellsTypesByExtensionAndElseByContent) {
  EXPECT_THAT(Get("/a%20b.js"), HasSubstr("Content-Type: text/javascript; charset=utf-8\r\n"));
  EXPECT_THAT(Get("/noext"), HasSubstr("Content-Type: text/html; charset=utf-8\r\n"));
  EXPECT_THAT(Get("/zero"), HasSubstr("Content-Length: 0\r\n"));
}

TEST_F(StaticFilesTest, SendsALargeFileWhole) {
  std::string large;
  for (int i = 0; large.size() < 5'000'000; ++i) large += std::to_string(i) + "\n";
  Write("large.bin", large);
  Client client((Get("/"), server_->port()), 16'384);
  client.Send("GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\nGET /f.txt HTTP/1.1\r\nHost: x\r\n\r\n");
  std::this_thread::sleep_for(100ms);
  EXPECT_TRUE(Body(client.ReadAnswer()) == large);
  EXPECT_EQ(Body(client.ReadAnswer()), kText);
}

TEST_F(StaticFilesTest, SurvivesAClientThatLeavesInTheMiddle) {
  Write("large.bin", std::string(20'000'000, 'x'));
  Get("/");
  {
    Client client(server_->port(), 16'384);
    client.Send("GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n");
    std::this_thread::sleep_for(50ms);
  }
  EXPECT_TRUE(Eventually([&] { return server_->connections() == 0; }));
  EXPECT_EQ(Body(Get("/f.txt")), kText);
}

TEST_F(StaticFilesTest, SendsOneRange) {
  const auto answer = Get("/f.txt", "Range: bytes=5-9\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 206 Partial Content\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Range: bytes 5-9/36\r\n"));
  EXPECT_EQ(Body(answer), "56789");
  EXPECT_EQ(Body(Get("/f.txt", "Range: bytes=30-\r\n")), "uvwxyz");
  EXPECT_EQ(Body(Get("/f.txt", "Range: bytes=-2\r\n")), "yz");
  EXPECT_EQ(Body(Get("/f.txt", "Range: bytes=34-99\r\n")), "yz");
  EXPECT_THAT(Get("/f.txt", "Range: bytes=-99\r\n"), HasSubstr("\r\nContent-Range: bytes 0-35/36\r\n"));
}

TEST_F(StaticFilesTest, SendsSeveralRangesAsParts) {
  const auto answer = Get("/f.txt", "Range: bytes=0-1, 34-\r\n");
  const auto at = answer.find("boundary=") + 9;
  const std::string boundary = answer.substr(at, answer.find("\r\n", at) - at);
  EXPECT_EQ(boundary.size(), 60u);
  const std::string type = "\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n";
  const std::string expected = "--" + boundary + "\r\nContent-Range: bytes 0-1/36" + type + "01\r\n--" + boundary +
                               "\r\nContent-Range: bytes 34-35/36" + type + "yz\r\n--" + boundary + "--\r\n";
  EXPECT_EQ(Body(answer), expected);
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Length: " + std::to_string(expected.size()) + "\r\n"));
}

TEST_F(StaticFilesTest, RefusesRangesItCannotSatisfy) {
  for (const char* range : {"bytes=36-", "bytes=100-,200-", "bytes=-0"}) {
    const auto answer = Get("/f.txt", "Range: " + std::string(range) + "\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 416 Requested Range Not Satisfiable\r\n")) << range;
    EXPECT_THAT(answer, HasSubstr("\r\nContent-Range: bytes */36\r\n")) << range;
    EXPECT_EQ(Body(answer), "invalid range: failed to overlap\n");
  }
}

TEST_F(StaticFilesTest, RefusesMalformedRanges) {
  for (const char* range : {"bytes=5-2", "bytes=-", "bytes=a-b", "items=0-1", "bytes=--1", "bytes=1",
                            "bytes=99999999999999999999-", "bytes=0-99999999999999999999"}) {
    const auto answer = Get("/f.txt", "Range: " + std::string(range) + "\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 416 ")) << range;
    EXPECT_THAT(answer, Not(HasSubstr("Content-Range"))) << range;
    EXPECT_EQ(Body(answer), "invalid range\n");
  }
}

TEST_F(StaticFilesTest, IgnoresRangesThatAskForMoreThanThereIs) {
  for (const char* range : {"bytes=0-20,0-20", "bytes=", "bytes=,"})
    EXPECT_THAT(Get("/f.txt", "Range: " + std::string(range) + "\r\n"), StartsWith("HTTP/1.1 200 ")) << range;
  EXPECT_THAT(Get("/zero", "Range: bytes=0-5\r\n"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(StaticFilesTest, HonoursConditions) {
  const std::string since(kModifiedText);
  const auto status = [&](const std::string& headers) { return Get("/f.txt", headers).substr(9, 3); };
  EXPECT_EQ(status("If-Modified-Since: " + since + "\r\n"), "304");
  EXPECT_EQ(status("If-Modified-Since: Sun, 09 Sep 2001 01:46:39 GMT\r\n"), "200");
  EXPECT_EQ(status("If-Modified-Since: Sunday, 09-Sep-01 01:46:40 GMT\r\n"), "304");
  EXPECT_EQ(status("If-Modified-Since: garbage\r\n"), "200");
  EXPECT_EQ(status("If-Unmodified-Since: Sun, 09 Sep 2001 01:46:39 GMT\r\n"), "412");
  EXPECT_EQ(status("If-Unmodified-Since: " + since + "\r\n"), "200");
  EXPECT_EQ(status("If-None-Match: *\r\n"), "304");
  EXPECT_EQ(status("If-None-Match: \"x\"\r\nIf-Modified-Since: " + since + "\r\n"), "200");
  EXPECT_EQ(status("If-Match: *\r\n"), "200");
  EXPECT_EQ(status("If-Match: \"x\"\r\n"), "412");
  EXPECT_EQ(status("Range: bytes=0-1\r\nIf-Range: " + since + "\r\n"), "206");
  EXPECT_EQ(status("Range: bytes=0-1\r\nIf-Range: Sun, 09 Sep 2001 01:46:41 GMT\r\n"), "200");
  EXPECT_EQ(status("Range: bytes=0-1\r\nIf-Range: \"x\"\r\n"), "200");
}

TEST_F(StaticFilesTest, SendsNeitherTypeNorLengthWith304) {
  const auto answer = Get("/f.txt", "If-None-Match: *\r\n");
  EXPECT_THAT(answer, HasSubstr("\r\nLast-Modified: "));
  EXPECT_THAT(answer, Not(HasSubstr("Content-")));
}

TEST(ServeBytes, KnowsEntityTags) {
  HttpRequest request;
  request.method = "GET";
  request.headers = {{"If-None-Match", "W/\"other\", W/\"tag\""}};
  EXPECT_EQ(ServeBytes(request, "content", {"text/plain", std::nullopt, "\"tag\""}).status, 304);
  request.headers = {{"If-Match", "\"tag\""}, {"Range", "bytes=1-2"}, {"If-Range", "\"tag\""}};
  const auto part = ServeBytes(request, "content", {"text/plain", std::nullopt, "\"tag\""});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "on");
}

TEST(LocalRedirectTarget, NeverNamesAnotherHost) {
  EXPECT_EQ(LocalRedirectTarget("//evil.test/"), "/evil.test/");
  EXPECT_EQ(LocalRedirectTarget("/\\evil.test"), "/evil.test");
  EXPECT_EQ(LocalRedirectTarget("\\/\\\\evil"), "/evil");
  EXPECT_EQ(LocalRedirectTarget("/a//b"), "/a//b");
  EXPECT_EQ(LocalRedirectTarget("///"), "/");
}

TEST(SniffContentType, KnowsTheCommonSignatures) {
  EXPECT_EQ(SniffContentType(""), "text/plain; charset=utf-8");
  EXPECT_EQ(SniffContentType("  \n<HTML>"), "text/html; charset=utf-8");
  EXPECT_EQ(SniffContentType("<htmlx"), "text/plain; charset=utf-8");
  EXPECT_EQ(SniffContentType("<!-- c"), "text/html; charset=utf-8");
  EXPECT_EQ(SniffContentType("<?xml version"), "text/xml; charset=utf-8");
  EXPECT_EQ(SniffContentType("\x89PNG\r\n\x1A\n"), "image/png");
  EXPECT_EQ(SniffContentType(std::string_view("RIFF1234WEBPVP8 ")), "image/webp");
  EXPECT_EQ(SniffContentType(std::string_view("\0\0\0\x10"
                                              "ftypmp42\0\0\0\0",
                                              16)),
            "video/mp4");
  EXPECT_EQ(SniffContentType(std::string_view("a\0b", 3)), "application/octet-stream");
  EXPECT_EQ(SniffContentType("%PDF-1.7"), "application/pdf");
  EXPECT_EQ(SniffContentType("wOF2...."), "font/woff2");
}

TEST(TypeByExtension, IgnoresCaseWhenTheExactOneIsUnknown) {
  EXPECT_EQ(TypeByExtension("a/B.HTML"), "text/html; charset=utf-8");
  EXPECT_EQ(TypeByExtension("a.b/c"), "");
  EXPECT_EQ(TypeByExtension("x.json"), "application/json");
  EXPECT_EQ(TypeByExtension("x.nothing-knows-this"), "");
}

TEST(HttpDate, ReadsAllThreeForms) {
  EXPECT_EQ(FormatHttpDate(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  for (const char* text :
       {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"})
    EXPECT_EQ(ParseHttpDate(text), 784111777) << text;
  for (const char* text : {"", "Sun, 06 Nov 1994 08:49:37 CET", "1994-11-06", "Sun, 06 Nov 1994 08:49:37 GMT "})
    EXPECT_FALSE(ParseHttpDate(text)) << text;
}

}  // namespace
}  // namespace wombat::testing

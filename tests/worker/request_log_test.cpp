#include "worker/request_log.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "tests/worker/worker_fixture.h"
#include "worker/writer_link.h"

namespace wombat {
namespace {

using ::testing::IsEmpty;

// A request log whose writer is this test: what it hands over is read from the socket.
class RequestLogTest : public ::testing::Test {
 protected:
  RequestLogTest() {
    std::filesystem::create_directories(directory_.path());
    listener_ = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path().copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_.get(), 4), 0);
    link_ = std::make_unique<WriterLink>(loop_.get(), path(), 0);
    log_ = std::make_unique<RequestLog>(loop_.get(), *link_, *page_);
    end_ = UniqueFd(::accept(listener_.get(), nullptr, nullptr));
  }
  ~RequestLogTest() override {
    log_.reset();
    link_.reset();
  }
  std::string path() const { return directory_.file("writer.sock"); }

  struct Entry {
    int level;
    std::string message, data, created;
  };
  void Add(const RequestLogNote& note = {}, int status = 200) {
    log_->Add({.request = request_, .status = status, .duration = std::chrono::microseconds(1500),
               .auth_collection = auth_collection_, .auth_id = auth_id_, .user_ip = "10.0.0.1"},
              note, settings_);
  }
  std::vector<Entry> Received() {
    log_->Flush();
    link_->FlushNow();
    std::vector<Entry> entries;
    FrameReader frames;
    for (;;) {
      char buffer[65536];
      ssize_t n = ::recv(end_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
      if (n <= 0) return entries;
      EXPECT_TRUE(frames.Feed({buffer, std::size_t(n)}, [&](Frame frame) {
        auto message = frame.message();
        if (!message.isLogBatch()) return;
        for (auto entry : message.getLogBatch().getEntries())
          entries.push_back({entry.getLevel(), std::string(View(entry.getMessage())), std::string(View(entry.getDataJson())),
                             std::string(View(entry.getCreated()))});
      }));
    }
  }
  Entry One() {
    auto entries = Received();
    EXPECT_EQ(entries.size(), 1u);
    return entries.empty() ? Entry{} : entries[0];
  }

  TemporaryDirectory directory_;
  TestLoop loop_;
  SharedPage* page_ = CreateSharedPage();
  UniqueFd listener_, end_;
  std::unique_ptr<WriterLink> link_;
  std::unique_ptr<RequestLog> log_;
  Settings settings_;
  HttpRequest request_{.method = "GET", .target = "/api/health?x=%41", .path = "/api/health", .query = "x=%41", .headers = {},
                       .body = {}, .has_body = false, .remote_ip = "127.0.0.1"};
  std::string auth_collection_, auth_id_;
};

TEST_F(RequestLogTest, HandsOverASuccessAtLevelZero) {
  Add();
  Entry entry = One();
  EXPECT_EQ(entry.level, 0);
  EXPECT_EQ(entry.message, "GET /api/health?x=A");
  EXPECT_EQ(entry.data, R"({"auth":"","execTime":1.5,"method":"GET","referer":"","remoteIP":"127.0.0.1","status":200,)"
                        R"("type":"request","url":"/api/health?x=%41","userAgent":"","userIP":"10.0.0.1"})");
  EXPECT_THAT(entry.created, ::testing::MatchesRegex("[0-9-]{10} [0-9:]{8}\\.[0-9]{3}Z"));
}

TEST_F(RequestLogTest, KeepsNoTokenOfAnAddress) {
  request_.target = "/api/files/a/b/c.txt?token=eyJ.secret.part&x=1&mytoken=2&token=other";
  Add();
  Entry entry = One();
  EXPECT_EQ(entry.message, "GET /api/files/a/b/c.txt?token=***&x=1&mytoken=2&token=***");
  EXPECT_EQ(entry.data.find("secret"), std::string::npos);
}

TEST_F(RequestLogTest, HandsOverAnErrorAtLevelEightWithItsDetails) {
  Add({.failed = true, .skip_success = false, .error = "Not \"found\".", .details = "no such row", .meta = {}}, 404);
  Entry entry = One();
  EXPECT_EQ(entry.level, 8);
  auto data = ParseJson(entry.data);
  ASSERT_TRUE(data);
  EXPECT_EQ(data->StringOr("error"), "Not \"found\".");
  EXPECT_EQ(data->StringOr("details"), "no such row");
  EXPECT_EQ(data->NumberOr("status"), 404);
}

TEST_F(RequestLogTest, SaysNullForAnErrorWithoutDetails) {
  Add({.failed = true, .skip_success = false, .error = "E.", .details = "", .meta = {}}, 400);
  auto data = ParseJson(One().data);
  ASSERT_TRUE(data && data->Find("details"));
  EXPECT_TRUE(data->Find("details")->is_null());
}

TEST_F(RequestLogTest, NamesTheAuthCollectionAndOnlyOnRequestTheId) {
  auth_collection_ = "users";
  auth_id_ = "abc";
  Add();
  EXPECT_EQ(ParseJson(One().data)->StringOr("auth"), "users");
  settings_.logs.log_auth_id = true;
  Add();
  EXPECT_EQ(ParseJson(One().data)->StringOr("authId"), "abc");
}

TEST_F(RequestLogTest, LeavesAddressesOutWhenTheyAreNotLogged) {
  settings_.logs.log_ip = false;
  Add();
  auto data = ParseJson(One().data);
  ASSERT_TRUE(data);
  EXPECT_FALSE(data->Has("remoteIP"));
  EXPECT_FALSE(data->Has("userIP"));
}

TEST_F(RequestLogTest, TellsTheRefererAndTheUserAgent) {
  request_.headers = {{"Referer", "http://r"}, {"User-Agent", "agent \"x\""}};
  Add();
  auto data = ParseJson(One().data);
  EXPECT_EQ(data->StringOr("referer"), "http://r");
  EXPECT_EQ(data->StringOr("userAgent"), "agent \"x\"");
}

TEST_F(RequestLogTest, AddsWhatAHandlerNoted) {
  Add({.failed = false, .skip_success = false, .error = {}, .details = {}, .meta = Json::Object({{"k", 1}})});
  EXPECT_EQ(ParseJson(One().data)->Find("meta")->NumberOr("k"), 1);
}

TEST_F(RequestLogTest, CutsWhatIsTooLong) {
  const std::string target = "/" + std::string(5000, 'u'), agent(5000, 'a');
  request_.target = target;
  request_.headers = {{"User-Agent", agent}};
  Add();
  auto data = ParseJson(One().data);
  EXPECT_EQ(data->StringOr("url"), target.substr(0, 3000) + "...");
  EXPECT_EQ(data->StringOr("userAgent"), agent.substr(0, 2000) + "...");
}

TEST_F(RequestLogTest, IsValidUtf8WhateverTheRequestWas) {
  const std::string target = "/\xff%ff";
  request_.target = target;
  Add();
  Entry entry = One();
  EXPECT_EQ(entry.message, "GET /\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_TRUE(IsValidJson(entry.data));
}

TEST_F(RequestLogTest, LogsNothingWhenRetentionIsZero) {
  settings_.logs.max_days = 0;
  Add();
  EXPECT_THAT(Received(), IsEmpty());
}

TEST_F(RequestLogTest, LogsNothingBelowTheMinimumLevel) {
  settings_.logs.min_level = 4;
  Add();
  Add({.failed = true, .skip_success = false, .error = "E.", .details = {}, .meta = {}}, 400);
  EXPECT_EQ(One().level, 8);
}

TEST_F(RequestLogTest, LogsOnlyErrorsOfStaticFiles) {
  Add({.failed = false, .skip_success = true, .error = {}, .details = {}, .meta = {}});
  EXPECT_THAT(Received(), IsEmpty());
  Add({.failed = true, .skip_success = true, .error = "File not found.", .details = {}, .meta = {}}, 404);
  EXPECT_EQ(One().level, 8);
}

TEST_F(RequestLogTest, FlushesByItselfAfterAWhile) {
  Add();
  ASSERT_TRUE(loop_.RunUntil([&] {
    std::string seen(4096, '\0');
    return ::recv(end_.get(), seen.data(), seen.size(), MSG_PEEK | MSG_DONTWAIT) > 300;      // more than the Hello
  }));
}

TEST_F(RequestLogTest, KeepsTheNewestWhileTheWriterIsAwayAndCountsTheRest) {
  end_.reset();
  listener_.reset();
  std::filesystem::remove(path());
  ASSERT_TRUE(loop_.RunUntil([&] { return !link_->SendLogs([](proto::LogBatch::Builder) {}); }));
  for (int i = 0; i < 20'003; i++) Add();
  EXPECT_EQ(page_->dropped_log_entries.load(), 3u);
}

}  // namespace
}  // namespace wombat

#include "worker/http/stream.h"

#include <gmock/gmock.h>

#include "tests/worker/http/test_server.h"

namespace wombat {
namespace {

using namespace testing;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

// Answers every request with one stream that the test writes to from the loop's thread.
class Source final : public ResponseStream {
 public:
  std::string_view prefix() const override { return "id:1\n"; }
  void Opened(StreamWriter& given) override { writer = &given; }
  void Closed() override {
    writer = nullptr;
    closed = true;
  }
  StreamWriter* writer = nullptr;
  std::atomic<bool> closed = false;
};

class StreamTest : public ::testing::Test {
 protected:
  StreamTest() : server_(Options()) {}
  ServerOptions Options() {
    ServerOptions options;
    options.handle = [this](HttpRequest&) -> Task<HttpResponse> {
      HttpResponse response;
      response.content_type = "text/event-stream";
      response.stream = source_;
      co_return response;
    };
    return options;
  }
  void Write(std::initializer_list<std::string> messages) {
    server_.OnLoop([&] {
      if (!source_->writer) return;
      for (const auto& message : messages)
        if (source_->writer) source_->writer->Queue(std::make_shared<const std::string>(message));
      if (source_->writer) source_->writer->Flush();
    });
  }
  void WriteBatch(std::vector<std::string> texts) {
    std::vector<StreamBatch::Message> messages;
    for (auto& text : texts) messages.push_back(std::make_shared<const std::string>(std::move(text)));
    server_.OnLoop([&] {
      StreamBatch batch(messages, source_->prefix().size());
      if (source_->writer) source_->writer->Write(batch);
    });
  }
  bool Opens() {
    for (int i = 0; i < 500; i++) {
      bool open = false;
      server_.OnLoop([&] { open = source_->writer != nullptr; });
      if (open) return true;
      std::this_thread::sleep_for(10ms);
    }
    return false;
  }
  bool Closes() {
    for (int i = 0; i < 500 && !source_->closed; i++) std::this_thread::sleep_for(10ms);
    return source_->closed;
  }

  std::shared_ptr<Source> source_ = std::make_shared<Source>();
  TestServer server_;
};

TEST_F(StreamTest, MessagesThatAreFlushedTogetherAreOneChunk) {
  Client client(server_.port());
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(Opens());
  Write({"a\n\n", "b\n\n"});
  Write({"c\n\n"});
  const std::string text = client.ReadAll(300ms);
  EXPECT_THAT(text, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("Content-Length")));
  EXPECT_THAT(text, EndsWith("\r\n\r\n10\r\nid:1\na\n\nid:1\nb\n\n\r\n8\r\nid:1\nc\n\n\r\n"));
}

TEST_F(StreamTest, ABatchIsOneChunkWithThePrefixBeforeEachMessage) {
  Client client(server_.port());
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(Opens());
  WriteBatch({"a\n\n", "b\n\n"});
  WriteBatch({});
  WriteBatch({"c\n\n"});
  EXPECT_THAT(client.ReadAll(300ms), EndsWith("\r\n\r\n10\r\nid:1\na\n\nid:1\nb\n\n\r\n8\r\nid:1\nc\n\n\r\n"));
}

TEST_F(StreamTest, ABatchForAnOldClientIsBareBytes) {
  Client client(server_.port());
  client.Send("GET / HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(Opens());
  WriteBatch({"a\n\n", "b\n\n"});
  server_.OnLoop([&] { source_->writer->End(); });
  EXPECT_THAT(client.ReadAll(), EndsWith("\r\n\r\nid:1\na\n\nid:1\nb\n\n"));
}

TEST_F(StreamTest, ASlowClientGetsBatchesAndMessagesCompleteAndInOrder) {
  Client client(server_.port(), 4096);
  client.Send("GET / HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(Opens());
  const std::string filler(30'000, 'x');
  std::string expected = "\r\n\r\n";
  int next = 0;
  const auto make = [&] {
    std::string text = std::to_string(next++) + filler + "\n\n";
    expected += "id:1\n" + text;
    return text;
  };
  for (int i = 0; i < 10; i++) {
    std::vector<std::string> texts;
    for (int k = 0; k < 12; k++) texts.push_back(make());
    WriteBatch(std::move(texts));
    Write({make()});
  }
  server_.OnLoop([&] {
    ASSERT_TRUE(source_->writer);
    source_->writer->End();
  });
  const std::string text = client.ReadAll(5000ms);
  ASSERT_GE(text.size(), expected.size());
  EXPECT_TRUE(text.ends_with(expected));
}

TEST_F(StreamTest, AnOldClientGetsBareBytesUntilTheEnd) {
  Client client(server_.port());
  client.Send("GET / HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(Opens());
  Write({"a\n\n"});
  server_.OnLoop([&] { source_->writer->End(); });
  const std::string text = client.ReadAll();
  EXPECT_THAT(text, Not(HasSubstr("chunked")));
  EXPECT_THAT(text, EndsWith("\r\n\r\nid:1\na\n\n"));
  EXPECT_TRUE(client.closed());
}

TEST_F(StreamTest, AnEndedStreamClosesItsConnectionBehindTheLastChunk) {
  Client client(server_.port());
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(Opens());
  server_.OnLoop([&] { source_->writer->End(); });
  EXPECT_THAT(client.ReadAll(), EndsWith("0\r\n\r\n"));
  EXPECT_TRUE(client.closed());
  EXPECT_TRUE(Closes());
}

TEST_F(StreamTest, AClientThatLeavesClosesItsStream) {
  Client client(server_.port());
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(Opens());
  client.Reset();
  EXPECT_TRUE(Closes());
}

TEST_F(StreamTest, AHeadRequestIsAnsweredWithoutAStream) {
  Client client(server_.port());
  client.ExpectHeadsOnly();
  client.Send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.ReadAnswer(), HasSubstr("Content-Type: text/event-stream\r\n"));
  EXPECT_EQ(source_->writer, nullptr);
}

TEST_F(StreamTest, AStreamIsNoRequestInFlightAndEndsWithTheIdleConnections) {
  Client client(server_.port());
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(Opens());
  EXPECT_EQ(server_.in_flight(), 0u);
  server_.OnLoop([&] { server_.server().CloseIdle(); });
  EXPECT_TRUE(client.ClosedWithin(5s));
  EXPECT_TRUE(Closes());
}

TEST_F(StreamTest, ASlowClientGetsEverythingUpToTheLimitInOrder) {
  Client client(server_.port(), 4096);
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(Opens());
  const std::string filler(100'000, 'x');
  for (int i = 0; i < 50; i++) Write({std::to_string(i) + filler + "\n\n"});
  server_.OnLoop([&] {
    ASSERT_TRUE(source_->writer);
    source_->writer->End();
  });
  const std::string text = client.ReadAll(5000ms);
  std::size_t at = 0;
  for (int i = 0; i < 50; i++) {
    at = text.find("id:1\n" + std::to_string(i) + "xx", at);
    ASSERT_NE(at, std::string::npos) << i;
  }
  EXPECT_THAT(text, EndsWith("\r\n0\r\n\r\n"));
}

TEST_F(StreamTest, AClientThatReadsNothingIsClosedAtTheLimit) {
  Client client(server_.port(), 4096);
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(Opens());
  const std::string filler(1 << 20, 'x');
  for (int i = 0; i < 64 && !source_->closed; i++) Write({filler});
  EXPECT_TRUE(source_->closed);
}

}  // namespace
}  // namespace wombat

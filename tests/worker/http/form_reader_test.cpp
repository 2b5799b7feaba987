#include "worker/http/form_reader.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "common/storage/attributes.h"
#include "tests/worker/http/test_server.h"
#include "worker/http/body.h"
#include "worker/http/off_loop.h"

namespace wombat {
namespace {

using testing::Client;
using testing::TestServer;

constexpr std::string_view kType = "multipart/form-data; boundary=XX";

std::string Part(std::string_view disposition, std::string_view content, std::string_view more = {}) {
  return "--XX\r\nContent-Disposition: form-data; " + std::string(disposition) + "\r\n" + std::string(more) + "\r\n" +
         std::string(content) + "\r\n";
}

// Bytes that hold beginnings of boundaries, and repeat nowhere.
std::string Content(std::size_t size) {
  std::string content;
  for (unsigned n = 0; content.size() < size; ++n) content += "\r\n--X" + std::to_string(n * 2654435761u) + "\r\n-\r";
  content.resize(size);
  return content;
}

std::string OnDisk(const UploadedFile& file) {
  std::string content(file.size, '\0');
  EXPECT_EQ(::pread(file.spooled->get(), content.data(), content.size(), 0), ssize_t(content.size()));
  return content;
}

class FormReading : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/wombat_form_XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // As a connection would read it, in pieces of `step` bytes.
  std::unique_ptr<FormReader> Read(std::string_view body, std::size_t step, std::string_view type = kType) {
    auto reader = std::make_unique<FormReader>(type, folder_);
    while (!body.empty()) {
      const auto space = reader->space();
      const auto size = std::min({step, space.size, body.size()});
      std::copy_n(body.data(), size, space.data);
      body.remove_prefix(size);
      reader->Commit(size);
      if (!reader->HasToRead() && !body.empty()) continue;
      reader->Read(body.empty());
      if (reader->HasToWrite()) reader->Write();
    }
    return reader;
  }

  std::string folder_;
};

TEST_F(FormReading, KeepsSmallFilesInMemoryAndWritesLargeOnesToTheDisk) {
  const std::string small = Content(1000), large = Content(3'000'000);
  const std::string body = Part("name=a", "1") + Part("name=s; filename=s.txt", small) +
                           Part("name=l; filename=l.bin", large, "Content-Type: text/x\r\n") + Part("name=b", "2") + "--XX--";
  for (const std::size_t step : {std::size_t(777), std::size_t(64) << 10, std::size_t(1) << 20}) {
    const auto reader = Read(body, step);
    const SubmittedForm& form = reader->form();
    ASSERT_FALSE(form.error) << form.error->log_details;
    EXPECT_EQ(form.values, (FormValues{{"a", {"1"}}, {"b", {"2"}}}));
    ASSERT_EQ(form.files.size(), 2u);
    EXPECT_FALSE(form.files[0].spooled);
    EXPECT_EQ(form.files[0].content, small);
    EXPECT_EQ(form.files[1].key, "l");
    EXPECT_EQ(form.files[1].file_name, "l.bin");
    EXPECT_EQ(form.files[1].content_type, "text/x");
    ASSERT_TRUE(form.files[1].spooled);
    EXPECT_EQ(form.files[1].size, large.size());
    EXPECT_TRUE(OnDisk(form.files[1]) == large);
    EXPECT_EQ(form.files[1].md5, ContentMd5(large));
    EXPECT_TRUE(large.starts_with(form.files[1].content));
    EXPECT_GE(form.files[1].content.size(), 3072u);
  }
}

TEST_F(FormReading, LeavesNoNamesOnTheDisk) {
  const auto reader = Read(Part("name=l; filename=l", Content(1'000'000)) + "--XX--", 5000);
  ASSERT_EQ(reader->form().files.size(), 1u);
  struct stat status {};
  ASSERT_EQ(::fstat(reader->form().files[0].spooled->get(), &status), 0);
  EXPECT_EQ(status.st_nlink, 0u);
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(FormReading, BoundsWhatManySmallFilesTakeOfTheMemory) {
  std::string body;
  for (int n = 0; n < 100; ++n) body += Part("name=f; filename=f", Content(50'000));
  const auto reader = Read(body + "--XX--", 100'000);
  const auto& files = reader->form().files;
  ASSERT_EQ(files.size(), 100u);
  std::size_t in_memory = 0;
  for (const auto& file : files) {
    in_memory += file.content.size();
    EXPECT_TRUE((file.spooled ? OnDisk(file) : std::string(file.content)) == Content(50'000));
  }
  EXPECT_LT(in_memory, 1u << 20);
}

TEST_F(FormReading, DecodesLargeQuotedPrintableFiles) {
  std::string encoded, decoded;
  for (int n = 0; n < 20'000; ++n) {
    encoded += "caf=C3=A9 number " + std::to_string(n) + "=\r\n, and more  \r\n";
    decoded += "caf\xC3\xA9 number " + std::to_string(n) + ", and more\r\n";
  }
  const auto reader =
      Read(Part("name=f; filename=f", encoded, "Content-Transfer-Encoding: quoted-printable\r\n") + "--XX--", 3001);
  ASSERT_FALSE(reader->form().error);
  ASSERT_TRUE(reader->form().files[0].spooled);
  EXPECT_TRUE(OnDisk(reader->form().files[0]) == decoded);
}

TEST_F(FormReading, RefusesWhatTheReaderOfWholeBodiesRefuses) {
  const std::string large = Content(400'000);
  std::string parts;
  for (int n = 0; n <= 1000; ++n) parts += Part("name=v", "1");
  for (const std::string& body :
       {Part("name=f; filename=f", large), Part("name=f; filename=f", large) + "--XX", large,
        Part("name=f; filename=f", large) + "--XX\r\nno header\r\n\r\n--XX--", parts + "--XX--",
        Part("name=f; filename=f", large, "X: " + std::string(kMaxPartHeadBytes, 'x') + "\r\n") + "--XX--",
        Part("name=v", std::string(kMaxFormValueBytes, 'x')) + "--XX--"}) {
    const auto reader = Read(body, 50'000);
    ASSERT_TRUE(reader->form().error);
    EXPECT_EQ(reader->form().error->status, 400);
    EXPECT_TRUE(ReadForm(body, "XX").error);
    EXPECT_EQ(reader->received(), body.size());
  }
  EXPECT_TRUE(Read(Part("name=a", "1") + "--XX--", 50'000, "multipart/form-data")->form().error);
}

TEST_F(FormReading, AnswersWhereNoFileCanBeMade) {
  std::filesystem::remove_all(folder_);
  const auto reader = Read(Part("name=f; filename=f", Content(400'000)) + "--XX--", 50'000);
  EXPECT_TRUE(reader->form().error);
  EXPECT_TRUE(reader->form().files.empty());
}

// "values files", each file as "key:size:md5".
Task<HttpResponse> DescribeForm(HttpRequest& request) {
  HttpResponse response;
  auto body = ParseBody(request);
  response.body = body ? body->values.Dump() : std::to_string(body.error().status);
  if (body)
    for (const auto& file : body->files)
      response.body += " " + file.key + ":" + std::to_string(file.size) + ":" +
                       (file.spooled ? file.md5 : ContentMd5(file.content));
  co_return response;
}

class FormServer : public ::testing::Test {
 protected:
  static ServerOptions Options(std::size_t limit) {
    ServerOptions options;
    options.handle = DescribeForm;
    options.body_limit = [limit](const HttpRequest&) {
      BodyDecision decision;
      decision.limit = limit;
      decision.takes_files = true;
      return decision;
    };
    return options;
  }
  static std::string Head(std::string_view framing) {
    return "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: " + std::string(kType) + "\r\n" + std::string(framing) + "\r\n\r\n";
  }
  static std::string Chunks(std::string_view body, std::size_t step) {
    std::string text;
    char size[20];
    for (; !body.empty(); body.remove_prefix(std::min(step, body.size()))) {
      const auto chunk = body.substr(0, step);
      std::snprintf(size, sizeof size, "%zx\r\n", chunk.size());
      text.append(size).append(chunk).append("\r\n");
    }
    return text + "0\r\n\r\n";
  }

  const std::string large_ = Content(5'000'000);
  const std::string body_ = Part("name=a", "1") + Part("name=f; filename=f", large_) + "--XX--\r\n";
  const std::string answer_ = R"({"a":1} f:5000000:)" + ContentMd5(large_);
};

TEST_F(FormServer, ReadsLargeFormsAndTheRequestsBehindThem) {
  TestServer server(Options(100u << 20));
  Client client(server.port());
  const std::string request = Head("Content-Length: " + std::to_string(body_.size())) + body_;
  std::thread sender([&] { client.Send(request + request + "GET / HTTP/1.1\r\nHost: a\r\n\r\n"); });
  EXPECT_EQ(testing::Body(client.ReadAnswer()), answer_);
  EXPECT_EQ(testing::Body(client.ReadAnswer()), answer_);
  EXPECT_EQ(testing::Body(client.ReadAnswer()), "{}");
  sender.join();
}

TEST_F(FormServer, ReadsFormsOfUnknownLength) {
  TestServer server(Options(100u << 20));
  Client client(server.port());
  for (const std::size_t step : {100'000, 1'000'000}) {
    std::thread sender([&] { client.Send(Head("Transfer-Encoding: chunked") + Chunks(body_, step)); });
    EXPECT_EQ(testing::Body(client.ReadAnswer()), answer_);
    sender.join();
  }
}

TEST_F(FormServer, HoldsTheLimitOfForms) {
  TestServer server(Options(1u << 20));
  Client declared(server.port());
  declared.Send(Head("Content-Length: " + std::to_string(body_.size())));
  EXPECT_EQ(testing::StatusLine(declared.ReadAnswer()), "HTTP/1.1 413 Request Entity Too Large");
  Client chunked(server.port());
  std::thread sender([&] { chunked.Send(Head("Transfer-Encoding: chunked") + Chunks(body_, 10'000)); });
  EXPECT_EQ(testing::StatusLine(chunked.ReadAnswer()), "HTTP/1.1 413 Request Entity Too Large");
  sender.join();
}

TEST_F(FormServer, ReadsAMalformedFormToItsEndBeforeItAnswers) {
  TestServer server(Options(100u << 20));
  Client client(server.port());
  const std::string bad = "no boundary" + body_.substr(0, 3'000'000);
  client.Send(Head("Content-Length: " + std::to_string(bad.size())) + bad + "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(testing::Body(client.ReadAnswer()), "400");
  EXPECT_EQ(testing::Body(client.ReadAnswer()), "{}");
}

TEST_F(FormServer, StopsReadingWhileAFormIsWritten) {
  std::mutex mutex;
  std::condition_variable changed;
  bool may_write = false;
  std::atomic<int> writes{0};
  ServerOptions options = Options(100u << 20);
  // On the server's own thread pool, but only once the test allows it.
  TestServer* started = nullptr;
  options.run_blocking = [&](std::function<void()> work) -> Task<void> {
    auto step = OffLoop(started->loop(), [&] {
      ++writes;
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return may_write; });
      return work(), true;
    });
    co_await step;
  };
  TestServer server(std::move(options));
  started = &server;
  Client client(server.port());
  std::atomic<bool> sent{false};
  // More than the sockets' buffers hold.
  const std::string body = Part("name=f; filename=f", std::string(40'000'000, 'x')) + "--XX--";
  std::thread sender([&] {
    client.Send(Head("Content-Length: " + std::to_string(body.size())) + body);
    sent = true;
  });
  ASSERT_TRUE(testing::Eventually([&] { return writes == 1; }));
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_EQ(writes, 1);
  EXPECT_FALSE(sent);
  {
    std::lock_guard lock(mutex);
    may_write = true;
  }
  changed.notify_all();
  EXPECT_TRUE(testing::Body(client.ReadAnswer()).starts_with("{} f:40000000:"));
  sender.join();
}

TEST_F(FormServer, ForgetsFormsWhoseClientVanishes) {
  TestServer server(Options(100u << 20));
  for (int n = 0; n < 20; ++n) {
    Client client(server.port());
    client.Send(Head("Content-Length: " + std::to_string(body_.size())) + body_.substr(0, 1'000'000 + 50'000 * n));
    client.Reset();
  }
  EXPECT_TRUE(testing::Eventually([&] { return server.connections() == 0 && server.in_flight() == 0; }));
}

}  // namespace
}  // namespace wombat

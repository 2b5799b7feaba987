#include "proto/command_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <thread>

#include "proto/connect.h"
#include "proto/values.h"
#include "tests/writer/data_directory.h"
#include "writer/bootstrap/bootstrap.h"
#include "writer/lane/mover.h"

namespace wombat {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

UniqueFd Listen(const std::string& path) {
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(::listen(fd.get(), 16), 0);
  return fd;
}

// A mover and a lane over a fresh directory, behind a real listening socket.
class MoverTest : public ::testing::Test {
 protected:
  void Serve(Mover::Handlers handlers) {
    std::filesystem::create_directories(directory_.path());
    auto opened = Bootstrap({(directory_.path() / "pb_data").string(), {}});
    ASSERT_TRUE(opened) << opened.error().message;
    data_ = std::move(*opened);
    lane_ = std::make_unique<CommitLane>(*data_.data, app_, *page_);
    ASSERT_TRUE(lane_->Prepare(directory_.file("pb_data/data.db")));
    listener_ = Listen(socket_path());
    mover_ = std::make_unique<Mover>(listener_.get(), *lane_, *page_, std::move(handlers));
    ASSERT_TRUE(mover_->Prepare());
    lane_->Start();
    thread_ = std::thread([this] { mover_->Run(stop_.get()); });
  }
  void TearDown() override {
    if (!thread_.joinable()) return;
    std::uint64_t one = 1;
    ASSERT_EQ(::write(stop_.get(), &one, sizeof one), ssize_t(sizeof one));
    thread_.join();
    lane_->Stop();
  }
  std::string socket_path() const { return directory_.file("writer.sock"); }

  static void Reply(const PeerPtr& peer, int status, const std::string& output, const std::string& error) {
    capnp::MallocMessageBuilder builder;
    auto reply = builder.initRoot<proto::Message>().initCommandReply();
    reply.setExitStatus(status);
    reply.setOutput(ToText(output));
    reply.setError(ToText(error));
    std::string bytes;
    AppendFrame(bytes, builder);
    peer->Send(bytes);
  }
  // "" once the writer has closed the connection.
  static std::string ReadOnce(int fd) {
    char buffer[4096];
    ssize_t n = ::read(fd, buffer, sizeof buffer);
    return n > 0 ? std::string(buffer, std::size_t(n)) : std::string();
  }

  TemporaryDirectory directory_;
  App app_;
  SharedPage* page_ = CreateSharedPage();
  DataDirectory data_;
  UniqueFd listener_, stop_{::eventfd(0, EFD_CLOEXEC)};
  std::unique_ptr<CommitLane> lane_;
  std::unique_ptr<Mover> mover_;
  std::thread thread_;
};

TEST_F(MoverTest, HandsACommandsWordsOverAndItsAnswerBack) {
  std::vector<std::string> seen;
  Serve({.take_logs = {}, .take_command = [&](PeerPtr peer, std::vector<std::string> words) {
           seen = words;
           Reply(peer, 3, "out", "err");
         }});
  auto reply = SendCommand(socket_path(), {"superuser", "upsert", "", "żółw"});
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_THAT(seen, ElementsAre("superuser", "upsert", "", "żółw"));
  EXPECT_EQ(reply->exit_status, 3);
  EXPECT_EQ(reply->output, "out");
  EXPECT_EQ(reply->error, "err");
}

TEST_F(MoverTest, DeliversAnAnswerLargerThanTheSocketsBuffer) {
  Serve({.take_logs = {}, .take_command = [](PeerPtr peer, std::vector<std::string>) {
           Reply(peer, 0, std::string(20u << 20, 'x'), {});
         }});
  auto reply = SendCommand(socket_path(), {"big"});
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->output.size(), 20u << 20);
}

TEST_F(MoverTest, ServesAnotherCommandAfterOne) {
  Serve({.take_logs = {}, .take_command = [](PeerPtr peer, std::vector<std::string> words) { Reply(peer, 0, words[0], {}); }});
  for (const char* word : {"first", "second", "third"}) {
    auto reply = SendCommand(socket_path(), {word});
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(reply->output, word);
  }
}

TEST_F(MoverTest, HandsLogBatchesOver) {
  std::vector<std::string> seen;
  Serve({.take_logs = [&](proto::LogBatch::Reader batch) {
           for (auto entry : batch.getEntries()) seen.emplace_back(View(entry.getMessage()));
         },
         .take_command = [](PeerPtr peer, std::vector<std::string>) { Reply(peer, 0, {}, {}); }});
  auto fd = ConnectToWriter(socket_path());
  ASSERT_TRUE(fd);
  capnp::MallocMessageBuilder logs, command;
  auto entries = logs.initRoot<proto::Message>().initLogBatch().initEntries(2);
  entries[0].setMessage("GET /a");
  entries[1].setMessage("GET /b");
  command.initRoot<proto::Message>().initCommand();
  std::string bytes;
  AppendFrame(bytes, logs);
  AppendFrame(bytes, command);
  ASSERT_EQ(::write(fd->get(), bytes.data(), bytes.size()), ssize_t(bytes.size()));
  ASSERT_NE(ReadOnce(fd->get()), "");       // the command behind the batch was answered
  EXPECT_THAT(seen, ElementsAre("GET /a", "GET /b"));
}

TEST_F(MoverTest, AnswersAMutationOfAWorkerThatSaidHello) {
  Serve({});
  auto fd = ConnectToWriter(socket_path());
  ASSERT_TRUE(fd);
  capnp::MallocMessageBuilder hello, mutation;
  hello.initRoot<proto::Message>().initHello().setIncarnation(5);
  auto sent = mutation.initRoot<proto::Message>().initMutation();
  sent.setSequence(9);
  sent.setSchemaGeneration(0);
  sent.initDeleteRecord();
  std::string bytes;
  AppendFrame(bytes, hello);
  AppendFrame(bytes, mutation);
  ASSERT_EQ(::write(fd->get(), bytes.data(), bytes.size()), ssize_t(bytes.size()));
  FrameReader frames;
  std::uint64_t answered = 0;
  ASSERT_TRUE(frames.Feed(ReadOnce(fd->get()), [&](Frame frame) {
    answered = frame.message().getReply().getSequence();
    EXPECT_TRUE(frame.message().getReply().isStale());
  }));
  EXPECT_EQ(answered, 9u);
}

TEST_F(MoverTest, ClosesAConnectionThatSendsGarbage) {
  Serve({});
  for (const std::string& garbage : {std::string(64, '\xff'), std::string("GET / HTTP/1.1\r\n\r\n"), std::string(16, '\0')}) {
    auto fd = ConnectToWriter(socket_path());
    ASSERT_TRUE(fd);
    ASSERT_GT(::write(fd->get(), garbage.data(), garbage.size()), 0);
    EXPECT_EQ(ReadOnce(fd->get()), "");
  }
}

TEST_F(MoverTest, ClosesAConnectionWhosePayloadIsNoMessage) {
  Serve({});
  auto fd = ConnectToWriter(socket_path());
  ASSERT_TRUE(fd);
  std::string bytes("\x10\0\0\0", 4);
  bytes += std::string(16, '\x7f');
  ASSERT_GT(::write(fd->get(), bytes.data(), bytes.size()), 0);
  EXPECT_EQ(ReadOnce(fd->get()), "");
}

TEST_F(MoverTest, GoesOnServingOthersAfterAConnectionBroke) {
  Serve({.take_logs = {}, .take_command = [](PeerPtr peer, std::vector<std::string>) { Reply(peer, 0, "here", {}); }});
  {
    auto broken = ConnectToWriter(socket_path());
    ASSERT_TRUE(broken);
    ASSERT_EQ(::write(broken->get(), "\x10\0", 2), 2);
  }
  auto reply = SendCommand(socket_path(), {"x"});
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->output, "here");
}

TEST_F(MoverTest, TellsTheSupervisorThatItIsAlive) {
  Serve({.take_logs = {}, .take_command = [](PeerPtr peer, std::vector<std::string>) { Reply(peer, 0, {}, {}); }});
  ASSERT_TRUE(SendCommand(socket_path(), {"x"}));
  EXPECT_GT(page_->writer.last_beat_ms.load(), 0);
}

TEST(CommandClient, SaysThatNobodyListens) {
  TemporaryDirectory directory;
  auto reply = SendCommand(directory.file("nobody.sock"), {"x"});
  ASSERT_FALSE(reply);
  EXPECT_THAT(reply.error().message, HasSubstr("cannot reach the writer"));
}

TEST(CommandClient, SaysThatThePathIsTooLong) {
  auto reply = SendCommand("/tmp/" + std::string(200, 'x'), {"x"});
  ASSERT_FALSE(reply);
  EXPECT_THAT(reply.error().message, HasSubstr("too long"));
}

// What the client says when a listener does this with its connection.
std::string ErrorWhen(const std::function<void(UniqueFd)>& serve) {
  TemporaryDirectory directory;
  std::filesystem::create_directories(directory.path());
  UniqueFd listener = Listen(directory.file("w.sock"));
  std::thread thread([&] { serve(UniqueFd(::accept(listener.get(), nullptr, nullptr))); });
  auto reply = SendCommand(directory.file("w.sock"), {"x"});
  thread.join();
  return reply ? "answered" : reply.error().message;
}

TEST(CommandClient, SaysThatTheWriterWentAwayInTheMiddle) {
  EXPECT_EQ(ErrorWhen([](UniqueFd fd) {
              char buffer[4096];
              ASSERT_GT(::read(fd.get(), buffer, sizeof buffer), 0);
            }),
            "the writer went away before it answered");
}

TEST(CommandClient, SaysThatTheAnswerCannotBeUnderstood) {
  EXPECT_EQ(ErrorWhen([](UniqueFd fd) {
              char buffer[4096];
              ASSERT_GT(::read(fd.get(), buffer, sizeof buffer), 0);
              ASSERT_EQ(::write(fd.get(), "garbage garbage!", 16), 16);
              (void)!::read(fd.get(), buffer, sizeof buffer);
            }),
            "the writer's answer cannot be understood");
}

}  // namespace
}  // namespace wombat

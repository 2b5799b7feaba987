#include "supervisor/superuser_command.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "supervisor/control_socket.h"
#include "supervisor/directory_lock.h"
#include "tests/supervisor/temp_dir.h"

namespace wombat {
namespace {

using Words = std::vector<std::string>;

TEST(SuperuserWords, TheArgumentsOfEachCommandAreChecked) {
  for (const char* command : {"upsert", "create", "update"}) {
    EXPECT_EQ(CheckSuperuserWords({"superuser", command}), "missing email and password arguments");
    EXPECT_EQ(CheckSuperuserWords({"superuser", command, "a@b.co"}), "missing email and password arguments");
    EXPECT_EQ(CheckSuperuserWords({"superuser", command, "a@b.co", "1", "2"}), "missing email and password arguments");
    EXPECT_EQ(CheckSuperuserWords({"superuser", command, "a", "1234567890"}), "missing or invalid email address");
    EXPECT_EQ(CheckSuperuserWords({"superuser", command, "a@b.co", "1"}), std::nullopt);
  }
  for (const char* command : {"delete", "otp"}) {
    EXPECT_EQ(CheckSuperuserWords({"superuser", command}), "invalid or missing email address");
    EXPECT_EQ(CheckSuperuserWords({"superuser", command, "x"}), "invalid or missing email address");
    EXPECT_EQ(CheckSuperuserWords({"superuser", command, "a@b.co"}), std::nullopt);
  }
}

TEST(SuperuserWords, AnyNumberOfIpsIsTaken) {
  EXPECT_EQ(CheckSuperuserWords({"superuser", "ips"}), std::nullopt);
  EXPECT_EQ(CheckSuperuserWords({"superuser", "ips", "127.0.0.1", "::1"}), std::nullopt);
}

TEST(SuperuserWords, AddressesAreJudgedAsTheReferenceDoes) {
  for (const char* good : {"a@b.c", "first.last+tag@sub.example.com", "ä@exämple.com", "o'hara@example.com"}) {
    EXPECT_EQ(CheckSuperuserWords({"superuser", "otp", good}), std::nullopt) << good;
  }
  for (const char* bad : {"", "@", "a@b", "a@localhost", "a@b..c", "a..b@c.de", "a b@c.de", "a@c.de.", ".a@c.de"}) {
    EXPECT_NE(CheckSuperuserWords({"superuser", "otp", bad}), std::nullopt) << bad;
  }
}

class SuperuserCommandTest : public testing::Test {
 protected:
  SuperuserCommandTest() {
    options_.data_dir = dir_.path();
    options_.words = {"superuser", "upsert", "a@b.co", "1234567890"};
    runners_.here = [this](const WriterConfig& config, const Words& words) {
      here_++;
      EXPECT_EQ(config.data_dir, dir_.path());
      EXPECT_NE(config.page, nullptr);
      EXPECT_EQ(words, options_.words);
      EXPECT_FALSE(DirectoryLock::Take(dir_.path()));  // nobody else can be the writer meanwhile
      return outcome_;
    };
    runners_.beside = [this](const std::string& path, const Words& words) -> Result<CommandReply> {
      beside_++;
      EXPECT_EQ(path, dir_ / ".notify/wombat.sock");
      EXPECT_EQ(words, options_.words);
      return CommandReply{outcome_.exit_status, outcome_.output, outcome_.error};
    };
  }

  int Run() {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int status = RunSuperuserCommand(options_, runners_);
    output_ = testing::internal::GetCapturedStdout();
    error_ = testing::internal::GetCapturedStderr();
    return status;
  }

  TempDir dir_;
  CommandLine options_;
  CommandRunners runners_;
  CommandOutcome outcome_;
  int here_ = 0, beside_ = 0;
  std::string output_, error_;
};

TEST_F(SuperuserCommandTest, WithoutAServerItIsTheWriterItself) {
  outcome_ = {0, "done", ""};
  EXPECT_EQ(Run(), 0);
  EXPECT_EQ(here_, 1);
  EXPECT_EQ(beside_, 0);
  EXPECT_EQ(output_, "done\n");
  EXPECT_FALSE(std::filesystem::exists(dir_ / ".notify/wombat.lock"));
}

TEST_F(SuperuserCommandTest, BesideAServerItAsksTheWriter) {
  auto lock = DirectoryLock::Take(dir_.path());
  auto socket = ControlSocket::Listen(dir_.path());
  outcome_ = {0, "done\n", ""};
  EXPECT_EQ(Run(), 0);
  EXPECT_EQ(here_, 0);
  EXPECT_EQ(beside_, 1);
  EXPECT_EQ(output_, "done\n");
}

TEST_F(SuperuserCommandTest, AFailureGoesToStderrAndTheStatusIsNotZero) {
  outcome_ = {1, "", "superuser with email \"a@b.co\" doesn't exist"};
  EXPECT_EQ(Run(), 1);
  EXPECT_EQ(output_, "");
  EXPECT_EQ(error_, "Error: superuser with email \"a@b.co\" doesn't exist\n");
}

TEST_F(SuperuserCommandTest, BadArgumentsTouchNothing) {
  options_.words = {"superuser", "upsert"};
  options_.data_dir = dir_ / "absent";
  EXPECT_EQ(Run(), 1);
  EXPECT_EQ(error_, "Error: missing email and password arguments\n");
  EXPECT_FALSE(std::filesystem::exists(dir_ / "absent"));
}

TEST_F(SuperuserCommandTest, AnotherCommandThatHoldsTheDirectoryIsWaitedFor) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t holder = ::fork();
  if (holder == 0) {
    auto lock = DirectoryLock::Take(dir_.path());
    [[maybe_unused]] auto n = ::write(ready[1], "x", 1);
    ::usleep(200'000);
    ::_exit(0);
  }
  char byte;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  outcome_ = {0, "done", ""};
  EXPECT_EQ(Run(), 0);
  EXPECT_EQ(here_, 1);
  ::waitpid(holder, nullptr, 0);
  ::close(ready[0]);
  ::close(ready[1]);
}

}  // namespace
}  // namespace wombat

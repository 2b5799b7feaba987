#include "supervisor/serve.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "supervisor/listeners.h"
#include "tests/supervisor/temp_dir.h"

namespace wombat {
namespace {

using std::chrono::milliseconds;

volatile sig_atomic_t told_to_stop = 0;

void StopOnSigterm() {
  ::signal(SIGTERM, [](int) { told_to_stop = 1; });
}

// Answers every connection with its pid until SIGTERM.
int AnswerWithPid(int listener, Heartbeat& heartbeat) {
  StopOnSigterm();
  while (!told_to_stop) {
    heartbeat.last_beat_ms = MonotonicMs();
    pollfd waiting{listener, POLLIN, 0};
    if (::poll(&waiting, 1, 20) != 1) continue;
    UniqueFd client(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
    const std::string pid = std::to_string(::getpid());
    if (client) [[maybe_unused]]
      auto n = ::write(client.get(), pid.data(), pid.size());
  }
  return 0;
}

int PlainWriter(const WriterConfig& config) {
  config.page->ready = 1;
  return AnswerWithPid(config.listener, config.page->writer);
}

int PlainWorker(const WorkerConfig& config) {
  return AnswerWithPid(config.http_listener, config.page->workers[config.index]);
}

// Asks the writer for its pid by the path that the worker was given, and answers with both.
int AskingWorker(const WorkerConfig& config) {
  UniqueFd writer(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  config.writer_socket.copy(address.sun_path, sizeof address.sun_path - 1);
  if (::connect(writer.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return 1;
  char pid[32] = {};
  if (::read(writer.get(), pid, sizeof pid - 1) <= 0) return 1;
  std::ofstream(config.data_dir + "/heard") << pid << std::endl;
  return PlainWorker(config);
}

std::string ReadAll(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

bool Eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 10'000; i++) {
    if (condition()) return true;
    ::usleep(1'000);
  }
  return condition();
}

// A server in a process of its own.
class ServeTest : public testing::Test {
 protected:
  ~ServeTest() override {
    if (server_ > 0) {
      ::kill(server_, SIGKILL);
      ::waitpid(server_, nullptr, 0);
    }
  }

  void Start(ServeBodies bodies, ServeTiming timing = {}) {
    options_.data_dir = data_dir_;
    // A port that was free a moment ago; port 0 would hide it from the test.
    options_.http = ListenForHttp("127.0.0.1:0", 1)->address;
    options_.workers = 2;
    server_ = ::fork();
    if (server_ == 0) {
      const int out = ::open((dir_ / "stdout").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0644);
      const int err = ::open((dir_ / "stderr").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0644);
      ::dup2(out, 1);
      ::dup2(err, 2);
      ::_exit(Serve(options_, bodies, timing));
    }
  }

  bool WaitForBanner() {
    return Eventually([&] { return ReadAll(dir_ / "stdout").find("REST API") != std::string::npos; });
  }

  // Both workers have answered, so their signal handlers are in place.
  bool WaitUntilUp() {
    return WaitForBanner() && Eventually([&] { return Workers().size() == 2 && Ask() != 0; });
  }

  // The pid of the worker that answered, 0 when nobody did.
  pid_t Ask() const {
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(options_.http.substr(options_.http.rfind(':') + 1))));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return 0;
    char text[32] = {};
    if (::read(fd.get(), text, sizeof text - 1) <= 0) return 0;
    return std::atoi(text);
  }

  std::set<pid_t> Workers() const {
    std::set<pid_t> pids;
    for (int i = 0; i < 64; i++) pids.insert(Ask());
    return pids;
  }

  // The exit status of the server, -1 when it was killed.
  int Wait() {
    int status = 0;
    ::waitpid(server_, &status, 0);
    server_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  TempDir dir_;
  std::string data_dir_ = dir_ / "pb_data";
  CommandLine options_;
  pid_t server_ = 0;
};

TEST_F(ServeTest, TheBannerIsPrintedWhenTheWriterIsReady) {
  Start({[](const WriterConfig& config) {
           ::usleep(100'000);
           return PlainWriter(config);
         },
         PlainWorker});
  ASSERT_TRUE(WaitForBanner());
  const std::string text = ReadAll(dir_ / "stdout");
  EXPECT_NE(text.find(" Server started at http://" + options_.http + "\n"), std::string::npos) << text;
  EXPECT_NE(text.find("└─ REST API:  http://" + options_.http + "/api/\n"), std::string::npos) << text;
}

TEST_F(ServeTest, EveryWorkerAnswers) {
  Start({PlainWriter, PlainWorker});
  ASSERT_TRUE(WaitForBanner());
  const std::set<pid_t> workers = Workers();
  EXPECT_EQ(workers.size(), 2u);
  EXPECT_FALSE(workers.contains(0));
}

TEST_F(ServeTest, ConnectionsOfAKilledWorkerWaitForItsSuccessor) {
  Start({PlainWriter, PlainWorker});
  ASSERT_TRUE(WaitForBanner());
  const std::set<pid_t> before = Workers();
  ::kill(*before.begin(), SIGKILL);
  std::set<pid_t> after;
  ASSERT_TRUE(Eventually([&] {
    after = Workers();
    return !after.contains(*before.begin());
  }));
  EXPECT_EQ(after.size(), 2u);
  EXPECT_FALSE(after.contains(0));
}

TEST_F(ServeTest, AWorkerReachesTheWriterByItsPathHoweverLongItIs) {
  data_dir_ = dir_ / (std::string(120, 'x') + "/pb_data");
  Start({PlainWriter, AskingWorker});
  EXPECT_TRUE(Eventually([&] { return std::atoi(ReadAll(data_dir_ + "/heard").c_str()) > 0; }));
}

TEST_F(ServeTest, SigtermDrainsAndLeavesNoFiles) {
  Start({PlainWriter, PlainWorker});
  ASSERT_TRUE(WaitUntilUp());
  ::kill(server_, SIGTERM);
  EXPECT_EQ(Wait(), 0);
  EXPECT_TRUE(std::filesystem::exists(data_dir_ + "/.notify"));
  EXPECT_TRUE(std::filesystem::is_empty(data_dir_ + "/.notify"));
  EXPECT_EQ(ReadAll(dir_ / "stderr"), "");
}

TEST_F(ServeTest, TheWriterEndsAfterTheLastWorker) {
  const auto note = [](const std::string& dir, const char* line) {
    std::ofstream(dir + "/order", std::ios::app) << line << std::endl;
  };
  Start({[note](const WriterConfig& config) {
           PlainWriter(config);
           note(config.data_dir, "writer");
           return 0;
         },
         [note](const WorkerConfig& config) {
           PlainWorker(config);
           ::usleep(100'000);
           note(config.data_dir, "worker");
           return 0;
         }});
  ASSERT_TRUE(WaitUntilUp());
  ::kill(server_, SIGINT);
  EXPECT_EQ(Wait(), 0);
  EXPECT_EQ(ReadAll(data_dir_ + "/order"), "worker\nworker\nwriter\n");
}

TEST_F(ServeTest, AWorkerThatDoesNotDrainIsKilledInTheEnd) {
  ServeTiming timing;
  timing.worker_drain = milliseconds(200);
  Start({PlainWriter,
         [](const WorkerConfig& config) {
           ::signal(SIGTERM, SIG_IGN);
           std::ofstream(config.data_dir + "/deaf", std::ios::app) << "worker" << std::endl;
           while (true) {
             config.page->workers[config.index].last_beat_ms = MonotonicMs();
             ::usleep(10'000);
           }
           return 0;
         }},
        timing);
  ASSERT_TRUE(WaitForBanner());
  ASSERT_TRUE(Eventually([&] { return ReadAll(data_dir_ + "/deaf") == "worker\nworker\n"; }));
  const std::int64_t start = MonotonicMs();
  ::kill(server_, SIGTERM);
  EXPECT_EQ(Wait(), 0);
  EXPECT_GE(MonotonicMs() - start, 200);
}

TEST_F(ServeTest, AWriterThatCannotUseTheDirectoryEndsTheServer) {
  Start({[](const WriterConfig&) { return 2; }, PlainWorker});
  EXPECT_EQ(Wait(), 1);
  EXPECT_EQ(ReadAll(dir_ / "stdout"), "");
}

TEST_F(ServeTest, AWriterThatWasReadyOnceIsAlwaysStartedAgain) {
  Start({[](const WriterConfig& config) {
           if (config.page->writer_epoch++ == 1) return 2;
           return PlainWriter(config);
         },
         PlainWorker});
  ASSERT_TRUE(WaitForBanner());
  const auto writer_pid = [&]() -> pid_t {
    // The writer answers on the control socket, like the workers do on theirs.
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (data_dir_ + "/.notify/wombat.sock").copy(address.sun_path, sizeof address.sun_path - 1);
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return 0;
    char text[32] = {};
    return ::read(fd.get(), text, sizeof text - 1) > 0 ? std::atoi(text) : 0;
  };
  const pid_t first = writer_pid();
  ASSERT_GT(first, 0);
  ::kill(first, SIGKILL);
  const pid_t third = writer_pid();  // its connection waits through the death of the second
  EXPECT_GT(third, 0);
  EXPECT_NE(third, first);
}

TEST_F(ServeTest, ASecondServerOnTheDirectoryIsRefusedAndSaysWhoHoldsIt) {
  Start({PlainWriter, PlainWorker});
  ASSERT_TRUE(WaitForBanner());
  testing::internal::CaptureStderr();
  CommandLine second = options_;
  second.http = "127.0.0.1:0";
  EXPECT_EQ(Serve(second, {PlainWriter, PlainWorker}), 1);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "Error: the data directory " + data_dir_ + " is in use by process " + std::to_string(server_) + "\n");
}

TEST_F(ServeTest, AnAddressInUseEndsTheStart) {
  Start({PlainWriter, PlainWorker});
  ASSERT_TRUE(WaitForBanner());
  testing::internal::CaptureStderr();
  CommandLine second = options_;
  second.data_dir = dir_ / "other";
  EXPECT_EQ(Serve(second, {PlainWriter, PlainWorker}), 1);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("address already in use"), std::string::npos);
}

TEST_F(ServeTest, SystemdIsToldWhenTheServerIsReadyAliveAndStopping) {
  const std::string path = dir_ / "notify";
  UniqueFd systemd(::socket(AF_UNIX, SOCK_DGRAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(systemd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  ::setenv("WATCHDOG_USEC", "100000", 1);
  Start({PlainWriter, PlainWorker});
  ::unsetenv("NOTIFY_SOCKET");
  ::unsetenv("WATCHDOG_USEC");
  std::string heard;
  const auto hears = [&](const char* state) {
    return Eventually([&] {
      char text[256] = {};
      if (::recv(systemd.get(), text, sizeof text - 1, MSG_DONTWAIT) > 0) heard += std::string(text) + "\n";
      return heard.find(state) != std::string::npos;
    });
  };
  EXPECT_TRUE(hears("READY=1"));
  heard.clear();
  EXPECT_TRUE(hears("WATCHDOG=1"));
  ::kill(server_, SIGTERM);
  EXPECT_TRUE(hears("STOPPING=1"));
  EXPECT_EQ(Wait(), 0);
}

TEST_F(ServeTest, TlsIsRefusedClearly) {
  options_.data_dir = data_dir_;
  options_.https = "127.0.0.1:443";
  testing::internal::CaptureStderr();
  EXPECT_EQ(Serve(options_, {PlainWriter, PlainWorker}), 1);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("TLS is not supported yet"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(data_dir_));
}

}  // namespace
}  // namespace wombat

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>

#include "common/base/text.h"
#include "common/base/unique_fd.h"
#include "common/mail/header_text.h"
#include "common/mail/mime.h"
#include "common/mail/transport.h"

extern char** environ;

namespace wombat {
namespace {

// A program that has not ended by then is ended.
constexpr std::chrono::seconds kMaxRun{120};

std::string FindSendmail() {
  for (const char* path : {"/usr/sbin/sendmail", "/usr/bin/sendmail"})
    if (::access(path, X_OK) == 0) return path;
  const char* search = std::getenv("PATH");
  if (!search) return {};
  for (std::string_view folder : Split(search, ':')) {
    // A relative folder would run whatever lies in the working directory.
    if (!folder.starts_with('/')) continue;
    std::string path = std::string(folder) + "/sendmail";
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return {};
}

std::string TextFor(const MailMessage& message) {
  std::string out;
  const auto header = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) out.append(name).append(": ").append(value).append("\r\n");
  };
  header("Bcc", HeaderAddresses(message.bcc));
  header("Cc", HeaderAddresses(message.cc));
  header("Content-Type", "text/html; charset=UTF-8");
  header("From", HeaderAddress(message.from));
  header("Subject", HeaderText(message.subject));
  header("To", HeaderAddresses(message.to));
  return out.append("\r\n").append(message.html.empty() ? message.text : message.html);
}

class Deadline {
 public:
  int left_ms() const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now());
    return left.count() > 0 ? int(left.count()) : 0;
  }

 private:
  std::chrono::steady_clock::time_point end_ = std::chrono::steady_clock::now() + kMaxRun;
};

// False: it stopped reading, or the time was up.
bool WaitFor(int fd, short events, const Deadline& deadline) {
  pollfd waiting{fd, events, 0};
  for (;;) {
    const int ready = ::poll(&waiting, 1, deadline.left_ms());
    if (ready > 0) return (waiting.revents & (events | POLLHUP)) != 0;
    if (ready == 0 || errno != EINTR) return false;
  }
}

void Write(int fd, std::string_view text, const Deadline& deadline) {
  while (!text.empty() && WaitFor(fd, POLLOUT, deadline)) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written > 0)
      text.remove_prefix(std::size_t(written));
    else if (errno != EINTR && errno != EAGAIN)
      return;  // how the program ended tells more
  }
}

struct SpawnAttributes {
  SpawnAttributes() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
  }
  ~SpawnAttributes() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

Result<pid_t> Spawn(const std::string& path, int input) {
  SpawnAttributes with;
  ::posix_spawn_file_actions_adddup2(&with.actions, input, STDIN_FILENO);
  ::posix_spawn_file_actions_addopen(&with.actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addopen(&with.actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addclosefrom_np(&with.actions, 3);
  // This process ignores and blocks signals that the program knows as they usually are.
  sigset_t none, all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&with.attributes, &none);
  ::posix_spawnattr_setsigdefault(&with.attributes, &all);
  ::posix_spawnattr_setflags(&with.attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::string name = "sendmail", ignore_dots = "-i", take_recipients = "-t";
  char* arguments[] = {name.data(), ignore_dots.data(), take_recipients.data(), nullptr};
  pid_t pid = 0;
  const int error = ::posix_spawn(&pid, path.c_str(), &with.actions, &with.attributes, arguments, environ);
  if (error != 0) return Fail(path + " cannot be started: " + std::strerror(error));
  return pid;
}

Result<void> WaitForEnd(pid_t pid, const Deadline& deadline) {
  const UniqueFd process(int(::syscall(SYS_pidfd_open, pid, 0)));
  bool killed = false;
  if (process.get() >= 0 && !WaitFor(process.get(), POLLIN, deadline)) killed = ::kill(pid, SIGKILL) == 0;
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return Fail("sendmail could not be waited for");
  if (killed) return Fail("sendmail took too long");
  if (WIFSIGNALED(status)) return Fail("signal: " + std::to_string(WTERMSIG(status)));
  if (WEXITSTATUS(status) != 0) return Fail("exit status " + std::to_string(WEXITSTATUS(status)));
  return {};
}

}  // namespace

Result<void> SendBySendmail(const MailMessage& message) {
  const std::string path = FindSendmail();
  if (path.empty()) return Fail("failed to locate a sendmail executable path");
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Fail("no pipe to sendmail");
  UniqueFd input(ends[0]), output(ends[1]);
  // A program that reads nothing must not hold up this thread for ever.
  ::fcntl(output.get(), F_SETFL, O_NONBLOCK);
  auto pid = Spawn(path, input.get());
  if (!pid) return std::unexpected(pid.error());
  input = UniqueFd();
  const Deadline deadline;
  Write(output.get(), TextFor(message), deadline);
  output = UniqueFd();
  return WaitForEnd(*pid, deadline);
}

}  // namespace wombat

#include "supervisor/directory_lock.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "common/base/shared_page.h"
#include "supervisor/control_socket.h"

namespace wombat {
namespace {

constexpr std::chrono::milliseconds kRetryInterval{20};

LockRefusal CannotUse(const std::string& path, const char* reason) {
  return {false, 0, "cannot use " + path + ": " + reason};
}

pid_t ReadPid(int fd) {
  char text[32] = {};
  if (::pread(fd, text, sizeof text - 1, 0) <= 0) return 0;
  return static_cast<pid_t>(std::strtol(text, nullptr, 10));
}

LockRefusal HeldBy(const std::string& data_dir, pid_t pid) {
  std::string who = pid > 0 ? "process " + std::to_string(pid) : "another process";
  return {true, pid, "the data directory " + data_dir + " is in use by " + who};
}

// A previous owner removes its file before it lets go: what was locked must still be what the path names.
bool IsStillThere(int fd, const std::string& path) {
  struct stat opened {
  }, named{};
  return ::fstat(fd, &opened) == 0 && ::stat(path.c_str(), &named) == 0 && opened.st_dev == named.st_dev &&
         opened.st_ino == named.st_ino;
}

bool IsAlive(pid_t pid) { return pid > 0 && (::kill(pid, 0) == 0 || errno == EPERM); }

}  // namespace

std::expected<DirectoryLock, LockRefusal> DirectoryLock::Take(const std::string& data_dir) {
  const std::string folder = data_dir + "/.notify";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return std::unexpected(CannotUse(folder, error.message().c_str()));

  const std::string path = folder + "/wombat.lock";
  while (true) {
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (!fd) return std::unexpected(CannotUse(path, strerror(errno)));
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) return std::unexpected(HeldBy(data_dir, ReadPid(fd.get())));
      if (errno == EINTR) continue;
      return std::unexpected(CannotUse(path, strerror(errno)));
    }
    if (!IsStillThere(fd.get(), path)) continue;
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(fd.get(), 0) != 0 || ::pwrite(fd.get(), pid.data(), pid.size(), 0) < 0) {
      return std::unexpected(CannotUse(path, strerror(errno)));
    }
    return DirectoryLock(std::move(fd), path);
  }
}

DirectoryLock::~DirectoryLock() {
  if (fd_) ::unlink(path_.c_str());
}

std::expected<DirectoryLock, LockRefusal> TakeWithPatience(const std::string& data_dir,
                                                           std::chrono::milliseconds patience) {
  const std::int64_t deadline = MonotonicMs() + patience.count();
  while (true) {
    auto lock = DirectoryLock::Take(data_dir);
    if (lock || !lock.error().held || MonotonicMs() >= deadline) return lock;
    if (IsAlive(lock.error().holder) && SomebodyListens(data_dir)) return lock;
    ::usleep(static_cast<useconds_t>(std::chrono::microseconds(kRetryInterval).count()));
  }
}

}  // namespace wombat

// One server (or one command without a server) a data directory.                 design.md, "The command line beside…"
//
// The lock is flock(2) on <data dir>/.notify/wombat.lock, which holds the owner's pid as text. Forked children inherit
// the descriptor, so the directory stays taken until the last of them is gone, even when the owner was killed.
// `.notify` is the one folder that the reference keeps out of its backups.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <expected>
#include <string>

#include "common/base/unique_fd.h"

namespace wombat {

struct LockRefusal {
  bool held = false;                       // by another process; otherwise the directory cannot be used
  pid_t holder = 0;                        // 0: unknown
  std::string message;
};

class DirectoryLock {
 public:
  // Creates the data directory and `.notify` in it when they are absent.
  static std::expected<DirectoryLock, LockRefusal> Take(const std::string& data_dir);

  DirectoryLock(DirectoryLock&&) = default;
  DirectoryLock& operator=(DirectoryLock&&) = delete;
  ~DirectoryLock();                        // removes the file, then lets go

  int descriptor() const { return fd_.get(); }

 private:
  DirectoryLock(UniqueFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  UniqueFd fd_;
  std::string path_;
};

// Take, but with some patience for a holder that is not a server: a command that will soon be through, or the children
// of a killed server that have not gone yet. A running server is not waited for.
std::expected<DirectoryLock, LockRefusal> TakeWithPatience(const std::string& data_dir,
                                                           std::chrono::milliseconds patience);

}  // namespace wombat

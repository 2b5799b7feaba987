// The Unix socket on which a data directory's writer can be reached by workers and commands: <data
// dir>/.notify/wombat.sock.
//
// A socket's address holds 107 bytes. A longer path is reached through an open descriptor of its folder, which the
// address names by /proc/self/fd; children inherit that descriptor.
#pragma once

#include <string>

#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace wombat {

struct ControlSocketPath {
  std::string path;                        // what bind(2) and connect(2) can use while `folder` is open
  UniqueFd folder;                         // set only when the path needs it
};

// Error: the folder `.notify` cannot be opened.
Result<ControlSocketPath> FindControlSocket(const std::string& data_dir);

class ControlSocket {
 public:
  // Binds and listens, mode 0600. Replaces a socket that a killed server left behind, so the caller must hold the
  // directory's lock.
  static Result<ControlSocket> Listen(const std::string& data_dir);

  ControlSocket(ControlSocket&&) = default;
  ControlSocket& operator=(ControlSocket&&) = delete;
  ~ControlSocket();                        // removes the file

  int descriptor() const { return fd_.get(); }
  const std::string& path() const { return where_.path; }

 private:
  ControlSocket(ControlSocketPath where, UniqueFd fd) : where_(std::move(where)), fd_(std::move(fd)) {}

  ControlSocketPath where_;
  UniqueFd fd_;
};

// True when a connection is taken: a server owns the directory.
bool SomebodyListens(const std::string& data_dir);

}  // namespace wombat

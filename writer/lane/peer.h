// One connection to the writer: a worker's or a command's.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "common/base/unique_fd.h"
#include "proto/frame.h"

namespace wombat {

// Sending is safe on any thread; receiving belongs to the mover.
class Peer {
 public:
  // `wake_mover` is called (on any thread) when bytes wait that the socket did not take at once.
  Peer(UniqueFd fd, std::function<void(int fd)> wake_mover) : fd_(std::move(fd)), wake_mover_(std::move(wake_mover)) {}

  // Writes what the socket takes; the rest waits for the mover. A broken connection is noticed by the mover's read.
  void Send(std::string_view bytes);
  // Mover: the socket can take more. True while something still waits.
  bool Flush();

  int fd() const { return fd_.get(); }
  std::uint64_t incarnation = 0;        // set by the mover from Hello, before the first mutation is queued
  bool said_hello = false;
  std::atomic<bool> gone = false;       // set by the mover when the connection has ended
  FrameReader frames;

 private:
  // A worker that reads nothing for so long is stuck; the supervisor's heartbeat ends it. Its answers are dropped then.
  static constexpr std::size_t kMaxWaiting = 1u << 30;

  UniqueFd fd_;
  std::function<void(int)> wake_mover_;
  std::mutex mutex_;
  std::string waiting_;
  bool broken_ = false;
};

using PeerPtr = std::shared_ptr<Peer>;

}  // namespace wombat

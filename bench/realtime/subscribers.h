// Many event streams read by one thread, cheaply: it looks for nothing but stamps.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load/histogram.h"
#include "bench/realtime/stamp.h"
#include "common/base/unique_fd.h"

namespace wombat::load {

class Subscribers {
 public:
  explicit Subscribers(std::uint16_t port);

  // Opens `count` streams and subscribes each to `topic` (to nothing when it is empty). False: `problem` says why not.
  bool Open(int count, std::string_view topic, std::string& problem);

  // Reads until Stop, on the calling thread. Streams behind the first `parsed` are only emptied.
  void Read(std::size_t parsed);
  void Stop() { stopping_ = true; }
  // Another thread's view: the events of all parsed streams so far.
  std::uint64_t heard() const { return heard_.load(std::memory_order_acquire); }
  std::size_t size() const { return streams_.size(); }

  // ---- after Read has returned
  const Histogram& delays() const { return delays_; }
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t reads() const { return reads_; }
  std::uint64_t broken() const { return broken_; }
  // How many of the parsed streams did not hear exactly `expected` events.
  std::uint64_t IncompleteStreams(std::uint64_t expected) const;
  // How many different sequences of events the parsed streams heard; 1 when all agree.
  std::size_t Orders() const;

 private:
  struct Stream {
    UniqueFd fd;
    std::string id;
    std::uint64_t events = 0, order = 0;
    char rest[kStampBytes] = {};  // the end of what was read, which may be the beginning of a stamp
    std::uint8_t rest_size = 0;
    bool parsed = true;
  };

  bool Connect(Stream& stream);
  bool AwaitId(Stream& stream, std::string& problem);
  bool Subscribe(std::string_view topic, std::string& problem);
  void Receive(Stream& stream, std::vector<char>& buffer);
  std::size_t ReceiveSome(Stream& stream, std::vector<char>& buffer);
  void Parse(Stream& stream, const char* begin, const char* end, std::uint64_t now);

  std::uint16_t port_;
  UniqueFd epoll_;
  std::deque<Stream> streams_;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::uint64_t> heard_ = 0;
  std::uint64_t bytes_ = 0, reads_ = 0, broken_ = 0;
  Histogram delays_;
};

}  // namespace wombat::load

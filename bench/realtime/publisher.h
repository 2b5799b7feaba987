// Makes changes: each connection creates a record with a stamp in its title, waits for the answer, and creates the next.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "bench/load/histogram.h"
#include "bench/load/response.h"
#include "common/base/unique_fd.h"

namespace wombat::load {

struct PublishPlan {
  std::uint16_t port = 0;
  std::string collection;
  int connections = 1;
  std::uint64_t changes = 0;                // 0: as many as `duration` has room for
  std::chrono::nanoseconds duration{0};
  double per_second = 0;                    // 0: as fast as the answers come
  std::function<void(std::uint64_t)> next;  // called before each change but the first, with how many were made
};

struct Published {
  Histogram latencies;  // of the answers with a status of 2xx
  std::uint64_t errors = 0;
  std::chrono::nanoseconds elapsed{0};
  std::string first_error;
};

class Publisher {
 public:
  Publisher(const PublishPlan& plan, Published& out);
  // False: nobody listens.
  bool Run();

 private:
  struct Connection {
    UniqueFd fd;
    std::string request;
    ResponseReader reader;
    std::string received;
    std::uint64_t sent_at = 0;
    bool busy = false;
  };

  bool MayStart();
  void StartIdle();
  void Send(Connection& connection);
  void Receive(Connection& connection);
  void Fail(Connection& connection, std::string_view reason);

  const PublishPlan& plan_;
  Published& out_;
  UniqueFd epoll_;
  std::deque<Connection> connections_;
  std::size_t stamp_at_ = 0;  // in every request
  std::uint64_t started_ = 0, begin_ = 0;
  int busy_ = 0;
  bool broken_ = false;
};

}  // namespace wombat::load

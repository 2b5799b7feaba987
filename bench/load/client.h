// Keeps a number of connections busy: each sends a request, waits for the answer, and sends the next one.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load/histogram.h"

namespace wombat::load {

struct Plan {
  std::uint16_t port = 0;                          // on 127.0.0.1
  int connections = 1;
  std::vector<std::string_view> requests;          // whole, as they go over the wire
  bool once = false;                               // each request once, in order; otherwise at random for `duration`
  std::chrono::nanoseconds duration{0};            // then what is in flight is waited for, and counted
};

struct Outcome {
  Histogram latencies;                             // of the answers with a status of 2xx
  std::uint64_t errors = 0;                        // other answers, and connections that broke
  std::uint64_t bytes = 0;                         // of all answers
  std::chrono::nanoseconds elapsed{0};
  std::string first_error;                         // for a person to read
};

// False when the server cannot be reached at all.
bool Run(const Plan& plan, Outcome& out);

}  // namespace wombat::load

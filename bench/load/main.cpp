// wombat_load: one scenario's load on one server. bench/run prepares the requests and makes tables of the results.
//
//   wombat_load PORT CONNECTIONS DURATION_MS FILE     at random for some time
//   wombat_load PORT CONNECTIONS once FILE            each request once
//
// FILE holds whole requests, each preceded by its size (four bytes, little-endian). Prints one line of JSON.
#include <stdio.h>
#include <string.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>

#include "bench/load/client.h"

namespace {

using wombat::load::Outcome;
using wombat::load::Plan;

std::vector<std::string_view> SplitRequests(std::string_view file) {
  std::vector<std::string_view> requests;
  std::uint32_t size = 0;
  while (file.size() >= sizeof size) {
    memcpy(&size, file.data(), sizeof size);
    file.remove_prefix(sizeof size);
    requests.push_back(file.substr(0, size));
    file.remove_prefix(std::min<std::size_t>(size, file.size()));
  }
  return requests;
}

std::string JsonText(const std::string& text) {
  std::string out = "\"";
  for (unsigned char c : text) {
    char escaped[8];
    if (c == '"' || c == '\\') {
      out += {'\\', static_cast<char>(c)};
    } else if (c < 0x20) {
      ::snprintf(escaped, sizeof escaped, "\\u%04x", c);
      out += escaped;
    } else {
      out += static_cast<char>(c);
    }
  }
  return out + '"';
}

void Print(const Outcome& outcome) {
  const double seconds = static_cast<double>(outcome.elapsed.count()) / 1e9;
  const auto micros = [](std::uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e3; };
  ::printf(
      "{\"requests\":%llu,\"errors\":%llu,\"seconds\":%.6f,\"bytes\":%llu,\"p50_us\":%.1f,\"p99_us\":%.1f,"
      "\"max_us\":%.1f,\"first_error\":%s}\n",
      static_cast<unsigned long long>(outcome.latencies.total()), static_cast<unsigned long long>(outcome.errors),
      seconds, static_cast<unsigned long long>(outcome.bytes), micros(outcome.latencies.Quantile(0.5)),
      micros(outcome.latencies.Quantile(0.99)), micros(outcome.latencies.largest()),
      JsonText(outcome.first_error).c_str());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    ::fprintf(stderr, "usage: wombat_load PORT CONNECTIONS (once | DURATION_MS) FILE\n");
    return 2;
  }
  std::ifstream stream(argv[4], std::ios::binary);
  const std::string file((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  Plan plan;
  plan.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  plan.connections = std::atoi(argv[2]);
  plan.requests = SplitRequests(file);
  plan.once = strcmp(argv[3], "once") == 0;
  if (!plan.once) plan.duration = std::chrono::milliseconds(std::atoi(argv[3]));
  if (plan.requests.empty() || plan.connections < 1) {
    ::fprintf(stderr, "wombat_load: no requests in %s\n", argv[4]);
    return 2;
  }
  auto outcome = std::make_unique<Outcome>();
  if (!wombat::load::Run(plan, *outcome)) {
    ::fprintf(stderr, "wombat_load: nobody listens on port %s\n", argv[1]);
    return 1;
  }
  Print(*outcome);
  return 0;
}

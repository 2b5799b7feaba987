// wombat_listen: one realtime scenario on one server. bench/run prepares the collection and makes tables of the results.
//
//   wombat_listen PORT COLLECTION SUBSCRIBERS idle               holds the streams until its input ends
//   wombat_listen PORT COLLECTION SUBSCRIBERS each CHANGES       a change, until all have heard of it, then the next
//   wombat_listen PORT COLLECTION SUBSCRIBERS burst CHANGES N    that many changes over N connections, as fast as they go
//   wombat_listen PORT COLLECTION SUBSCRIBERS load MS N          changes over N connections for some time
//   wombat_listen PORT COLLECTION SUBSCRIBERS rate MS PER_S      so many changes a second for some time
//
// With `load` only some of the streams are read by this program, the rest are emptied inside the kernel: it measures the
// changes. Prints one line of JSON.
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <thread>

#include "bench/realtime/publisher.h"
#include "bench/realtime/subscribers.h"

namespace {

using wombat::load::NowNs;
using wombat::load::Published;
using wombat::load::Publisher;
using wombat::load::PublishPlan;
using wombat::load::Subscribers;

constexpr std::size_t kReadUnderLoad = 16;
// Events that nobody hears any more are not waited for.
constexpr std::uint64_t kPatienceNs = 20'000'000'000;

void AllowManyFiles() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

// Waits until `count` events were heard, or nothing is heard any more.
void AwaitHeard(const Subscribers& subscribers, std::uint64_t count) {
  std::uint64_t last = subscribers.heard(), moved_at = NowNs();
  while (last < count && NowNs() - moved_at < kPatienceNs) {
    ::usleep(50);
    if (subscribers.heard() != last) {
      last = subscribers.heard();
      moved_at = NowNs();
    }
  }
}

int Idle(const Subscribers& subscribers) {
  ::printf("{\"subscribers\":%zu}\n", subscribers.size());
  ::fflush(stdout);
  char byte;
  while (::read(STDIN_FILENO, &byte, 1) > 0) continue;
  return 0;
}

void Print(const Subscribers& subscribers, const Published& published, double seconds_to_hear) {
  const auto micros = [](std::uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e3; };
  const double seconds = static_cast<double>(published.elapsed.count()) / 1e9;
  const std::uint64_t changes = published.latencies.total();
  ::printf("{\"changes\":%llu,\"errors\":%llu,\"seconds\":%.6f,\"p50_us\":%.1f,\"p99_us\":%.1f,",
           static_cast<unsigned long long>(changes), static_cast<unsigned long long>(published.errors), seconds,
           micros(published.latencies.Quantile(0.5)), micros(published.latencies.Quantile(0.99)));
  ::printf("\"events\":%llu,\"hear_seconds\":%.6f,\"delay_p50_us\":%.1f,\"delay_p99_us\":%.1f,\"delay_max_us\":%.1f,",
           static_cast<unsigned long long>(subscribers.heard()), seconds_to_hear,
           micros(subscribers.delays().Quantile(0.5)), micros(subscribers.delays().Quantile(0.99)),
           micros(subscribers.delays().largest()));
  ::printf("\"incomplete\":%llu,\"orders\":%zu,\"broken\":%llu,\"bytes\":%llu,\"reads\":%llu}\n",
           static_cast<unsigned long long>(subscribers.IncompleteStreams(changes)), subscribers.Orders(),
           static_cast<unsigned long long>(subscribers.broken()), static_cast<unsigned long long>(subscribers.bytes()),
           static_cast<unsigned long long>(subscribers.reads()));
  if (!published.first_error.empty()) ::fprintf(stderr, "wombat_listen: %s\n", published.first_error.c_str());
}

bool MakePlan(int argc, char** argv, PublishPlan& plan) {
  const std::string_view mode = argv[4];
  plan.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  plan.collection = argv[2];
  const std::string_view argument = argc > 5 ? argv[5] : "", last = argc > 6 ? argv[6] : "";
  const long long number = std::atoll(std::string(argument).c_str());
  if (mode == "each" || mode == "burst")
    plan.changes = static_cast<std::uint64_t>(number);
  else
    plan.duration = std::chrono::milliseconds(number);
  if (mode == "rate") {
    plan.per_second = std::atof(std::string(last).c_str());
    plan.connections = 64;
  } else if (!last.empty()) {
    plan.connections = std::atoi(std::string(last).c_str());
  }
  return number > 0 && plan.connections > 0 && (mode != "rate" || plan.per_second > 0);
}

}  // namespace

int main(int argc, char** argv) {
  PublishPlan plan;
  const bool idle = argc == 5 && strcmp(argv[4], "idle") == 0;
  if (argc < 5 || (!idle && !MakePlan(argc, argv, plan))) {
    ::fprintf(stderr, "usage: wombat_listen PORT COLLECTION SUBSCRIBERS (idle | each N | burst N C | load MS C | rate MS R)\n");
    return 2;
  }
  AllowManyFiles();
  auto subscribers = std::make_unique<Subscribers>(static_cast<std::uint16_t>(std::atoi(argv[1])));
  std::string problem;
  if (!subscribers->Open(std::atoi(argv[3]), std::string(argv[2]) + "/*", problem)) {
    ::fprintf(stderr, "wombat_listen: %s\n", problem.c_str());
    return 1;
  }
  if (idle) return Idle(*subscribers);

  const std::string_view mode = argv[4];
  const std::size_t parsed = std::min(subscribers->size(), mode == "load" ? kReadUnderLoad : subscribers->size());
  if (mode == "each") plan.next = [&](std::uint64_t made) { AwaitHeard(*subscribers, made * parsed); };
  std::thread reader([&] { subscribers->Read(parsed); });
  auto published = std::make_unique<Published>();
  const std::uint64_t begin = NowNs();
  const bool reached = Publisher(plan, *published).Run();
  if (reached) AwaitHeard(*subscribers, published->latencies.total() * parsed);
  const double seconds_to_hear = static_cast<double>(NowNs() - begin) / 1e9;
  subscribers->Stop();
  reader.join();
  if (!reached) {
    ::fprintf(stderr, "wombat_listen: nobody listens on port %s\n", argv[1]);
    return 1;
  }
  Print(*subscribers, *published, seconds_to_hear);
  return 0;
}

#include "worker/runtime.h"

#include <algorithm>
#include <thread>

#include "worker/files/thumbs.h"
#include "worker/mail/mailer.h"
#include "worker/realtime/realtime.h"

namespace wombat {
namespace {

// Slow queries share the machine with everything else: a few at once, and a queue short enough that its tail still answers
// within the query time limit's order of magnitude.
constexpr int kQueryThreads = 4;
constexpr std::size_t kMaxWaitingQueries = 256;
constexpr std::size_t kMaxWaitingHashes = 4096;
// A sign-in is slow anyway; the loops, which answer everybody else, come first.
constexpr int kHashNiceness = 10;
// Mostly waiting for the disk to sync; those that wait together share its syncs.
constexpr int kFileThreads = 8;
constexpr std::size_t kMaxWaitingFiles = 4096;
constexpr std::size_t kMaxWaitingThumbs = 256;
constexpr int kBucketThreads = 16;
constexpr std::size_t kMaxWaitingReads = 4096;
constexpr int kNetThreads = 16;
constexpr std::size_t kMaxWaitingRequests = 1024;

int HashThreads() { return std::max(1, int(std::thread::hardware_concurrency())); }

// All workers together hash on as many threads as there are cores: more would finish nothing sooner.
PoolManners HashManners(SharedPage& page, int worker) {
  std::atomic<std::uint32_t>& mine = page.hashing[worker];
  mine.store(0);                     // the worker before this one may have died while it hashed
  return {.niceness = kHashNiceness,
          .may_work =
              [&page](int) {
                int working = 0;
                for (const auto& one : page.hashing) working += int(one.load(std::memory_order_relaxed));
                return working < HashThreads();
              },
          .working = [&mine](int working) { mine.store(std::uint32_t(working), std::memory_order_relaxed); }};
}

}  // namespace

Runtime::Runtime(const WorkerConfig& worker_config, App& application, uv_loop_t* uv_loop,
                 std::unique_ptr<Connection> connection)
    : config(worker_config),
      app(application),
      loop(uv_loop),
      reader(std::move(connection)),
      snapshots(*reader, *config.page, config.encryption_env, &app),
      auth(*config.page),
      writer(loop, config.writer_socket, std::uint32_t(config.index)),
      sessions(loop, config.writer_socket, std::uint32_t(config.index)),
      log(loop, writer, *config.page),
      totals(config.data_dir + "/data.db"),
      query_pool(loop, kQueryThreads, kMaxWaitingQueries, config.data_dir + "/data.db"),
      hash_pool(loop, HashThreads(), kMaxWaitingHashes, config.data_dir + "/data.db", HashManners(*config.page, config.index)),
      file_pool(loop, kFileThreads, kMaxWaitingFiles, config.data_dir + "/data.db"),
      thumb_pool(loop, ThumbThreads(), kMaxWaitingThumbs, config.data_dir + "/data.db"),
      net_pool(loop, kNetThreads, kMaxWaitingRequests, config.data_dir + "/data.db"),
      bucket_pool(loop, kBucketThreads, kMaxWaitingReads, config.data_dir + "/data.db"),
      storages(config.data_dir),
      file_journal(config.data_dir),
      realtime(std::make_unique<Realtime>(*this)),
      mailer(std::make_unique<Mailer>(*this)) {}

Runtime::~Runtime() = default;

}  // namespace wombat

#include "worker/runtime.h"

#include <algorithm>
#include <thread>

#include "common/storage/local_storage.h"
#include "worker/files/thumbs.h"
#include "worker/realtime/realtime.h"

namespace wombat {
namespace {

// Slow queries share the machine with everything else: a few at once, and a queue short enough that its tail still answers
// within the query time limit's order of magnitude.
constexpr int kQueryThreads = 4;
constexpr std::size_t kMaxWaitingQueries = 256;
constexpr std::size_t kMaxWaitingHashes = 4096;
// Mostly waiting for the disk to sync; those that wait together share its syncs.
constexpr int kFileThreads = 8;
constexpr std::size_t kMaxWaitingFiles = 4096;
constexpr std::size_t kMaxWaitingThumbs = 256;

int HashThreads() { return std::max(1, int(std::thread::hardware_concurrency())); }

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
      hash_pool(loop, HashThreads(), kMaxWaitingHashes, config.data_dir + "/data.db"),
      file_pool(loop, kFileThreads, kMaxWaitingFiles, config.data_dir + "/data.db"),
      thumb_pool(loop, ThumbThreads(), kMaxWaitingThumbs, config.data_dir + "/data.db"),
      storage(OpenLocalStorage(config.data_dir)),
      file_journal(config.data_dir),
      realtime(std::make_unique<Realtime>(*this)) {}

Runtime::~Runtime() = default;

}  // namespace wombat

#include "worker/worker.h"

#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>
#include <uv.h>

#include <cstdio>
#include <memory>

#include "common/base/console.h"
#include "worker/dispatch.h"
#include "worker/http/off_loop.h"
#include "worker/http/server.h"
#include "worker/idle_memory.h"
#include "worker/runtime.h"

namespace wombat {
namespace {

constexpr std::uint64_t kBeatMs = 1000;
constexpr useconds_t kReadyPollMicros = 500;
// Rows of a hot working set; the kernel's page cache holds the rest, once for all workers.
constexpr int kReaderCacheKib = 8000;

// The parts whose life is the loop's, and the loop's own end.
class Process {
 public:
  Process(const WorkerConfig& config, App& app, std::unique_ptr<Connection> reader)
      : config_(config), runtime_(config, app, &loop_, std::move(reader)), dispatcher_(runtime_),
        server_(&loop_, ServerOptionsFor()) {}

  // Called once before construction.
  static uv_loop_t* PrepareLoop();

  int Run() {
    if (auto listening = server_.Listen(config_.http_listener); !listening) {
      std::fprintf(stderr, "wombat worker: %s\n", listening.error().message.c_str());
      return 1;
    }
    StartBeating();
    StartSignals();
    uv_run(&loop_, UV_RUN_DEFAULT);
    return 0;
  }

 private:
  static Task<void> RunFileWork(Runtime* runtime, std::function<void()> work) {
    std::function<bool(PoolThread&)> job = [&work](PoolThread&) { return work(), true; };
    auto done = co_await runtime->file_pool.Run<bool>(job);
    if (done) co_return;
    // Too much waits there: these few bytes of one client are not worth an error.
    auto elsewhere = OffLoop(runtime->loop, [&work] { return work(), true; });
    co_await elsewhere;
  }

  ServerOptions ServerOptionsFor() {
    ServerOptions options;
    // On the data's own disk, in the one folder that backups leave out.
    options.spill_dir = config_.data_dir + "/.notify";
    options.data_dir = config_.data_dir;
    options.run_blocking = [this](std::function<void()> work) { return RunFileWork(&runtime_, std::move(work)); };
    options.handle = [this](HttpRequest& request) { return dispatcher_.Handle(request); };
    options.handle_too_large = [this](HttpRequest& request) { return dispatcher_.HandleTooLarge(request); };
    options.body_limit = [this](const HttpRequest& head) { return dispatcher_.LimitOf(head); };
    return options;
  }

  void StartBeating() {
    uv_timer_init(&loop_, &beat_);
    beat_.data = this;
    auto beat = [](uv_timer_t* timer) {
      auto* self = static_cast<Process*>(timer->data);
      self->config_.page->workers[self->config_.index].last_beat_ms.store(MonotonicMs(), std::memory_order_relaxed);
      self->idle_memory_.Tick();
    };
    beat(&beat_);
    uv_timer_start(&beat_, beat, kBeatMs, kBeatMs);
  }

  void StartSignals() {
    uv_signal_init(&loop_, &terminate_);
    terminate_.data = this;
    uv_signal_start(&terminate_, [](uv_signal_t* signal, int) { static_cast<Process*>(signal->data)->Drain(); }, SIGTERM);
  }

  // No new connections; requests in flight get kDrainTimeout; then the loop ends, whatever still runs.
  void Drain() {
    if (draining_) return;
    draining_ = true;
    server_.StopAccepting();
    server_.CloseIdle();
    drain_until_ms_ = MonotonicMs() + std::chrono::duration_cast<std::chrono::milliseconds>(kDrainTimeout).count();
    uv_timer_init(&loop_, &drain_);
    drain_.data = this;
    uv_timer_start(&drain_, [](uv_timer_t* timer) { static_cast<Process*>(timer->data)->CheckDrained(); }, 0, 5);
  }

  void CheckDrained() {
    if (server_.in_flight() > 0 && MonotonicMs() < drain_until_ms_) return server_.CloseIdle();
    runtime_.log.Flush();
    runtime_.writer.FlushNow();
    uv_stop(&loop_);
  }

  static uv_loop_t loop_;
  const WorkerConfig& config_;
  Runtime runtime_;
  Dispatcher dispatcher_;
  Server server_;
  IdleMemory idle_memory_;
  uv_timer_t beat_{}, drain_{};
  uv_signal_t terminate_{};
  bool draining_ = false;
  std::int64_t drain_until_ms_ = 0;
};

uv_loop_t Process::loop_;

uv_loop_t* Process::PrepareLoop() {
  uv_loop_init(&loop_);
  return &loop_;
}

// Each client is one; a shell's usual limit is about a thousand.
void AllowManyFiles() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace

int RunWorker(const WorkerConfig& config, App& app) {
  ::signal(SIGPIPE, SIG_IGN);
  AllowManyFiles();
  ShowDevelopmentOutput(config.dev);
  // Many small threads' arenas would each keep memory of their own; the loop is the only thread that allocates much.
  ::mallopt(M_ARENA_MAX, 2);
  while (config.page->ready.load(std::memory_order_acquire) == 0) ::usleep(kReadyPollMicros);
  auto reader = Connection::Open(config.data_dir + "/data.db", {.mode = Connection::Mode::kReader, .cache_kib = kReaderCacheKib});
  if (!reader) {
    std::fprintf(stderr, "wombat worker: %s\n", reader.error().message.c_str());
    return 1;
  }
  Process::PrepareLoop();
  // Never destroyed: the process ends right after its loop, and handlers that still wait for the writer or a pool thread
  // hold references into it. The kernel takes everything back.
  auto* process = new Process(config, app, std::move(*reader));
  int status = process->Run();
  std::fflush(nullptr);
  ::_exit(status);
}

}  // namespace wombat

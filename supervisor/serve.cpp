#include "supervisor/serve.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "supervisor/banner.h"
#include "supervisor/control_socket.h"
#include "supervisor/directory_lock.h"
#include "supervisor/listeners.h"
#include "supervisor/process_title.h"
#include "supervisor/signals.h"
#include "supervisor/systemd.h"

namespace wombat {
namespace {

constexpr int kWriterCannotUseDirectory = 2;  // RunWriter's exit status
constexpr std::chrono::milliseconds kReadyPoll{1};

int CoreCount() {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::clamp(CPU_COUNT(&set), 1, kMaxWorkers);
}

int Refuse(const std::string& reason) {
  ::fprintf(stderr, "Error: %s\n", reason.c_str());
  return 1;
}

// Everything that must exist before the first fork.
struct Resources {
  DirectoryLock lock;
  SignalQueue signals;
  HttpListeners http;
  ControlSocket control;
  SharedPage* page;
};

Result<Resources> Acquire(const CommandLine& options, int workers, const ServeTiming& timing) {
  auto lock = TakeWithPatience(options.data_dir, timing.lock_patience);
  if (!lock) return Fail(lock.error().message);
  auto signals = SignalQueue::Open();
  if (!signals) return std::unexpected(signals.error());
  auto http = ListenForHttp(options.http, workers);
  if (!http) return std::unexpected(http.error());
  auto control = ControlSocket::Listen(options.data_dir);
  if (!control) return std::unexpected(control.error());
  SharedPage* page = CreateSharedPage();
  if (!page) return Fail("no memory for the page that the processes share");
  return Resources{std::move(*lock), std::move(*signals), std::move(*http), std::move(*control), page};
}

class Server {
 public:
  Server(const CommandLine& options, const ServeBodies& bodies, const ServeTiming& timing, Resources& resources)
      : options_(options),
        bodies_(bodies),
        timing_(timing),
        resources_(resources),
        table_(timing.processes, {resources.signals.descriptor()}) {}

  int Run();

 private:
  enum class Phase { kStarting, kServing, kDrainingWorkers, kDrainingWriter };

  void AddWriter();
  void AddWorker(int index);
  void ReportExit(const ChildExit& exit) const;
  void BeginDrain(int exit_status, std::int64_t now);
  void Advance(std::int64_t now);
  bool AnyWorkerRuns() const;
  bool IsDraining() const { return phase_ == Phase::kDrainingWorkers || phase_ == Phase::kDrainingWriter; }
  std::chrono::milliseconds Timeout(std::int64_t now) const;

  const CommandLine& options_;
  const ServeBodies& bodies_;
  const ServeTiming& timing_;
  Resources& resources_;
  ProcessTable table_;
  std::optional<Systemd> systemd_;
  Phase phase_ = Phase::kStarting;
  int writer_ = 0, exit_status_ = 0;
  std::vector<int> workers_;
  std::int64_t drain_deadline_ = 0, next_watchdog_ = 0;
};

void Server::AddWriter() {
  WriterConfig config;
  config.data_dir = options_.data_dir;
  config.encryption_env = options_.encryption_env;
  config.migrations_dir = options_.migrations_dir;
  config.hooks_dir = options_.hooks_dir;
  config.dev = options_.dev;
  config.page = resources_.page;
  config.base_url = BaseUrl(resources_.http.address);
  config.listener = resources_.control.descriptor();
  writer_ = table_.Add({"wombat: writer",
                        [this, config] { return bodies_.writer(config); },
                        &resources_.page->writer,
                        {resources_.control.descriptor()}});
}

void Server::AddWorker(int index) {
  WorkerConfig config;
  config.index = index;
  config.data_dir = options_.data_dir;
  config.encryption_env = options_.encryption_env;
  config.public_dir = options_.public_dir;
  config.index_fallback = options_.index_fallback;
  config.origins = options_.origins;
  config.query_timeout = std::chrono::seconds(options_.query_timeout);
  config.dev = options_.dev;
  config.page = resources_.page;
  config.http_listener = resources_.http.sockets[static_cast<std::size_t>(index)].get();
  config.writer_socket = resources_.control.path();
  workers_.push_back(table_.Add({"wombat: worker " + std::to_string(index + 1),
                                 [this, config] { return bodies_.worker(config); },
                                 &resources_.page->workers[index],
                                 {config.http_listener}}));
}

void Server::ReportExit(const ChildExit& exit) const {
  if (IsDraining() && (exit.status == 0 || WTERMSIG(exit.status) == SIGTERM)) return;
  const std::string how = WIFSIGNALED(exit.status) ? std::string("was ended by ") + strsignal(WTERMSIG(exit.status))
                                                   : "ended with status " + std::to_string(WEXITSTATUS(exit.status));
  ::fprintf(stderr, "%s %s\n", table_.Title(exit.slot).c_str(), how.c_str());
}

void Server::BeginDrain(int exit_status, std::int64_t now) {
  if (IsDraining()) return;
  exit_status_ = exit_status;
  systemd_->Notify("STOPPING=1");
  phase_ = Phase::kDrainingWorkers;
  drain_deadline_ = now + timing_.worker_drain.count();
  for (int worker : workers_) table_.Stop(worker);
}

bool Server::AnyWorkerRuns() const {
  return std::any_of(workers_.begin(), workers_.end(), [this](int worker) { return table_.IsRunning(worker); });
}

// Moves on to the next phase when the present one has reached its end.
void Server::Advance(std::int64_t now) {
  if (phase_ == Phase::kStarting && resources_.page->ready.load() != 0) {
    phase_ = Phase::kServing;
    PrintBanner(BaseUrl(resources_.http.address));
    systemd_->Notify("READY=1");
  }
  if (phase_ == Phase::kDrainingWorkers) {
    if (now >= drain_deadline_) {
      for (int worker : workers_) table_.Kill(worker);
    }
    // The writer goes last: requests that the workers still finish need it.
    if (!AnyWorkerRuns()) {
      phase_ = Phase::kDrainingWriter;
      drain_deadline_ = now + timing_.writer_drain.count();
      table_.Stop(writer_);
    }
  }
  if (phase_ == Phase::kDrainingWriter && now >= drain_deadline_) table_.Kill(writer_);
  if (systemd_->watchdog_interval().count() > 0 && now >= next_watchdog_) {
    systemd_->Notify("WATCHDOG=1");
    next_watchdog_ = now + systemd_->watchdog_interval().count();
  }
}

std::chrono::milliseconds Server::Timeout(std::int64_t now) const {
  std::chrono::milliseconds timeout = table_.NextDeadline(now);
  const auto until = [now](std::int64_t at) { return std::chrono::milliseconds(std::max<std::int64_t>(at - now, 1)); };
  if (phase_ == Phase::kStarting) timeout = std::min(timeout, kReadyPoll);
  if (IsDraining()) timeout = std::min(timeout, until(drain_deadline_));
  if (systemd_->watchdog_interval().count() > 0) timeout = std::min(timeout, until(next_watchdog_));
  return timeout;
}

int Server::Run() {
  AddWriter();
  for (int i = 0; i < static_cast<int>(resources_.http.sockets.size()); i++) AddWorker(i);
  table_.Start(writer_, MonotonicMs());
  for (int worker : workers_) table_.Start(worker, MonotonicMs());
  systemd_.emplace();

  while (true) {
    pollfd waiting{resources_.signals.descriptor(), POLLIN, 0};
    ::poll(&waiting, 1, static_cast<int>(Timeout(MonotonicMs()).count()));
    const std::int64_t now = MonotonicMs();
    const ArrivedSignals arrived = resources_.signals.Drain();
    if (arrived.stop) BeginDrain(0, now);
    for (const ChildExit& exit : arrived.child ? table_.Reap(now) : std::vector<ChildExit>()) {
      ReportExit(exit);
      const bool hopeless = exit.slot == writer_ && WIFEXITED(exit.status) &&
                            WEXITSTATUS(exit.status) == kWriterCannotUseDirectory && resources_.page->ready.load() == 0;
      if (hopeless) BeginDrain(1, now);
    }
    table_.Tick(now);
    Advance(now);
    if (phase_ == Phase::kDrainingWriter && !table_.IsRunning(writer_)) return exit_status_;
  }
}

}  // namespace

int Serve(const CommandLine& options, const ServeBodies& bodies, const ServeTiming& timing) {
  if (!options.https.empty() || !options.domains.empty()) {
    return Refuse("TLS is not supported yet: start without --https and without domain arguments");
  }
  auto resources = Acquire(options, options.workers > 0 ? options.workers : CoreCount(), timing);
  if (!resources) return Refuse(resources.error().message);
  SetProcessTitle("wombat: supervisor");
  return Server(options, bodies, timing, *resources).Run();
}

}  // namespace wombat

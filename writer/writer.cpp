#include "writer/writer.h"

#include <malloc.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <future>
#include <thread>

#include "common/base/console.h"
#include "proto/values.h"
#include "writer/bootstrap/bootstrap.h"
#include "writer/commands/superuser.h"
#include "writer/jobs/builtin_crons.h"
#include "writer/jobs/cron.h"
#include "writer/jobs/installer.h"
#include "writer/jobs/log_store.h"
#include "writer/lane/commit_lane.h"
#include "writer/lane/mover.h"

namespace wombat {
namespace {

constexpr int kFailed = 1, kDirectoryUnusable = 2;

CommandOutcome CarryOut(const std::vector<std::string>& words,
                        const std::function<ApiResult<void>(std::function<ApiResult<void>(LaneTransaction&)>)>& submit) {
  if (!words.empty() && words[0] == "superuser") return CarryOutSuperuserCommand(words, submit);
  return {1, {}, "unknown command"};
}

// Passes work to the started lane and waits for its commit.
ApiResult<void> SubmitAndWait(CommitLane& lane, std::function<ApiResult<void>(LaneTransaction&)> run) {
  std::promise<ApiResult<void>> finished;
  std::vector<CommitLane::Job> jobs;
  jobs.push_back(CommitLane::Internal{std::move(run), [&](ApiResult<void> result) { finished.set_value(std::move(result)); }});
  auto result = finished.get_future();
  lane.Push(std::move(jobs));
  return result.get();
}

void AnswerCommand(const PeerPtr& peer, const CommandOutcome& outcome) {
  capnp::MallocMessageBuilder builder;
  auto reply = builder.initRoot<proto::Message>().initCommandReply();
  reply.setExitStatus(outcome.exit_status);
  reply.setOutput(ToText(outcome.output));
  reply.setError(ToText(outcome.error));
  std::string bytes;
  AppendFrame(bytes, builder);
  peer->Send(bytes);
}

// Commands hash passwords, which neither the mover nor the lane may wait for: each has a thread of its own.
class CommandThreads {
 public:
  explicit CommandThreads(CommitLane& lane) : lane_(lane) {}
  ~CommandThreads() {
    for (auto& thread : threads_) thread.join();
  }
  void Start(PeerPtr peer, std::vector<std::string> words) {
    threads_.emplace_back([this, peer = std::move(peer), words = std::move(words)] {
      AnswerCommand(peer, CarryOut(words, [this](auto run) { return SubmitAndWait(lane_, std::move(run)); }));
    });
  }

 private:
  CommitLane& lane_;
  std::vector<std::thread> threads_;
};

void TakeLogs(LogStore& store, proto::LogBatch::Reader batch) {
  std::vector<LogEntryView> entries;
  entries.reserve(batch.getEntries().size());
  for (auto entry : batch.getEntries())
    entries.push_back({entry.getLevel(), View(entry.getMessage()), View(entry.getDataJson()), View(entry.getCreated())});
  store.Append(entries);
}

UniqueFd TerminationSignal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  // Before any thread exists, so that all of them inherit the mask and only the mover sees the signal.
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return UniqueFd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

// The directory made ready inside its hook (07 §2.1): before Next() nothing is usable, after it everything is.
Result<DataDirectory> BootstrapWithHooks(const WriterConfig& config, App& app) {
  Result<DataDirectory> directory = Fail("the data directory was not opened: an OnBootstrap handler did not call Next()");
  BootstrapEvent event;
  event.app = &app;
  auto done = app.on_bootstrap.Trigger(event, {}, [&](BootstrapEvent&) -> HookResult {
    directory = Bootstrap({config.data_dir, config.encryption_env});
    if (!directory) return Refuse(500, directory.error().message);
    SettingsReloadEvent reload;
    reload.app = &app;
    return app.on_settings_reload.Trigger(reload, {}, [](SettingsReloadEvent&) { return HookResult{}; });
  });
  if (!done && directory) return Fail(done.error().message);
  return directory;
}

int Serve(const WriterConfig& config, App& app, DataDirectory& directory, int stop) {
  LogStore logs(std::move(directory.auxiliary), directory.settings, *config.page);
  Announcer announcer(*config.page);
  app.realtime = &announcer;
  CommitLane lane(*directory.data, app, *config.page,
                  {config.encryption_env, [&logs](const Settings& settings) { logs.Update(settings); }, &announcer});
  if (auto prepared = lane.Prepare(config.data_dir + "/data.db"); !prepared) {
    std::fprintf(stderr, "%s\n", prepared.error().message.c_str());
    return kDirectoryUnusable;
  }
  CronJobs crons;
  AddBuiltinCrons(crons, lane, logs, [&lane](auto run) { return SubmitAndWait(lane, std::move(run)); });
  // Ended in the reverse order: commands wait for the lane, and whoever answers uses the mover.
  std::unique_ptr<CommandThreads> commands;
  Mover mover(config.listener, lane, *config.page,
              {.take_logs = [&](proto::LogBatch::Reader batch) { TakeLogs(logs, batch); },
               .take_command = [&](PeerPtr peer, std::vector<std::string> words) {
                 commands->Start(std::move(peer), std::move(words));
               },
               .announcer = &announcer,
               .take_request = [&](Peer& from, proto::PassOn::Reader request) { AnswerCronRequest(crons, from, request); },
               .tick = [&] { crons.Tick(Now()); }});
  commands = std::make_unique<CommandThreads>(lane);
  if (auto prepared = mover.Prepare(); !prepared) {
    std::fprintf(stderr, "%s\n", prepared.error().message.c_str());
    return kFailed;
  }
  lane.Start();
  const bool is_first = config.page->ready.exchange(1, std::memory_order_acq_rel) == 0;
  if (is_first && !config.base_url.empty()) OfferInstaller(lane, config.base_url);
  mover.Run(stop);
  commands.reset();
  crons.Stop();
  lane.Stop();
  TerminateEvent terminate;
  terminate.app = &app;
  (void)app.on_terminate.Trigger(terminate, {}, [](TerminateEvent&) { return HookResult{}; });
  app.realtime = nullptr;
  logs.Stop();
  lane.CloseDirectory();
  return 0;
}

}  // namespace

int RunWriter(const WriterConfig& config, App& app) {
  UniqueFd stop = TerminationSignal();
  ::signal(SIGPIPE, SIG_IGN);
  ShowDevelopmentOutput(config.dev);
  // The lane's and the log thread's heaps swing with every group: giving memory back each time costs more than a system call.
  // They do it when they have been idle for a moment.
  ::mallopt(M_TRIM_THRESHOLD, 16 << 20);
  auto directory = BootstrapWithHooks(config, app);
  if (!directory) {
    std::fprintf(stderr, "%s\n", directory.error().message.c_str());
    return kDirectoryUnusable;
  }
  return Serve(config, app, *directory, stop.get());
}

CommandOutcome RunCommandHere(const WriterConfig& config, App& app, const std::vector<std::string>& words) {
  ShowDevelopmentOutput(config.dev);
  auto directory = BootstrapWithHooks(config, app);
  if (!directory) return {1, {}, directory.error().message};
  CommitLane lane(*directory->data, app, *config.page, {config.encryption_env, {}, nullptr});
  if (auto prepared = lane.Prepare(config.data_dir + "/data.db"); !prepared) return {1, {}, prepared.error().message};
  CommandOutcome outcome = CarryOut(words, [&](std::function<ApiResult<void>(LaneTransaction&)> run) {
    ApiResult<void> result;
    lane.RunNow(CommitLane::Internal{std::move(run), [&](ApiResult<void> done) { result = std::move(done); }});
    return result;
  });
  lane.CloseDirectory();
  return outcome;
}

}  // namespace wombat

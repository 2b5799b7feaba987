#include "writer/lane/commit_lane.h"

#include <malloc.h>
#include <pthread.h>
#include <sqlite3.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "proto/values.h"
#include "writer/lane/wal_reserve.h"

namespace wombat {
namespace {

// A checkpoint costs a sync of the database file: rarely under load, so that pages written often are copied once, and at
// the latest when the WAL has become this long. While nothing waits it runs earlier, in nobody's way.
constexpr int kCheckpointFrames = 4000;
constexpr int kIdleCheckpointFrames = 1000;
// A reader that held an old snapshot kept the WAL from being reset: wait for it this long once the WAL is this long.
constexpr int kForcedCheckpointFrames = 32000;
constexpr int kForcedCheckpointWaitMs = 100;
// The page cache is given back when nothing came for this long.
constexpr auto kKeepPages = std::chrono::seconds(1);
constexpr int kBusyTimeoutMs = 10000;

constexpr const char* kUnwritable = "The data directory cannot be written: the disk is full or read-only.";

MutationAnswer RefusedAfterCommit(ApiError error) {
  MutationAnswer answer = MutationAnswer::Refused(std::move(error));
  answer.committed = true;
  return answer;
}

bool IsSession(const CommitLane::Job& job) {
  const auto* from_worker = std::get_if<CommitLane::FromWorker>(&job);
  return from_worker && from_worker->frame.message().isSession();
}

}  // namespace

ApiError CommitFailure(const Error& error) {
  bool disk = error.kind == Error::Kind::kDiskFull;
  return {disk ? 507 : 500, disk ? kUnwritable : "", Json::Object(), error.message};
}

Result<void> CommitLane::Prepare(const std::string& database_path) {
  sqlite3_wal_hook(connection_.handle(),
                   [](void* self, sqlite3*, const char*, int frames) {
                     static_cast<CommitLane*>(self)->wal_frames_ = frames;
                     return SQLITE_OK;
                   },
                   this);
  if (auto opened = applied_.Open(connection_, database_path); !opened) return opened;
  // An earlier writer may have died between a commit and raising the generation.
  std::uint64_t generation = page_.schema_generation.fetch_add(1) + 1;
  page_.writer_epoch.fetch_add(1);
  auto schema = LoadSchema(connection_, generation);
  if (!schema) return std::unexpected(schema.error());
  schema_ = std::move(*schema);
  files_ = std::make_unique<FileKeeper>(std::filesystem::path(database_path).parent_path().string());
  if (auto settings = LoadSettings(connection_, options_.encryption_env)) files_->Follow(*settings);
  files_->Sweep(connection_, *schema_);
  return SettleSettings();
}

// Rate limits start anew with every generation of the settings, so it is raised only when an earlier writer died between
// a commit that changed them and telling so.
Result<void> CommitLane::SettleSettings() {
  auto fingerprint = SettingsFingerprint(connection_);
  if (!fingerprint) return std::unexpected(fingerprint.error());
  if (page_.settings_fingerprint.exchange(*fingerprint) != *fingerprint) page_.settings_generation.fetch_add(1);
  return {};
}

void CommitLane::Start() {
  stopping_ = false;
  MakeRoomInWal();
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kLaneStackBytes);
  int failed = pthread_create(&thread_, &attributes, [](void* self) -> void* {
    static_cast<CommitLane*>(self)->ThreadMain();
    return nullptr;
  }, this);
  pthread_attr_destroy(&attributes);
  if (failed) {
    std::fprintf(stderr, "the commit lane's thread cannot be started\n");
    std::abort();
  }
  pthread_setname_np(thread_, "lane");
  started_ = true;
}

CommitLane::~CommitLane() {
  Stop();
  files_.reset();                    // its threads may be about to push a sweep
}

void CommitLane::Push(std::vector<Job>&& jobs) {
  bool was_empty;
  {
    std::lock_guard lock(mutex_);
    was_empty = waiting_.empty();
    if (was_empty) waiting_ = std::move(jobs);
    else waiting_.insert(waiting_.end(), std::make_move_iterator(jobs.begin()), std::make_move_iterator(jobs.end()));
  }
  if (was_empty) ready_.notify_one();
}

void CommitLane::PushSessionCall(FromWorker call) {
  {
    std::lock_guard lock(mutex_);
    session_calls_.push_back(std::move(call));
  }
  ready_.notify_one();
}

void CommitLane::Stop() {
  if (!started_) return;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_one();
  pthread_join(thread_, nullptr);
  started_ = false;
}

void CommitLane::RunNow(Job job) {
  std::vector<Job> jobs;
  jobs.push_back(std::move(job));
  std::size_t taken = 0;
  RunGroup(jobs, 0, taken);
}

void CommitLane::ThreadMain() {
  std::vector<Job> jobs, stray_calls;
  bool holds_pages = true;         // the schema was loaded
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      if (waiting_.empty() && session_calls_.empty() && !stopping_) {
        lock.unlock();
        CheckpointIfDue(true);
        lock.lock();
        auto called = [&] { return !waiting_.empty() || !session_calls_.empty() || stopping_; };
        if (holds_pages && !ready_.wait_for(lock, kKeepPages, called)) {
          lock.unlock();
          connection_.ReleaseMemory();
          malloc_trim(0);
          holds_pages = false;
          lock.lock();
        }
        ready_.wait(lock, called);
      }
      if (waiting_.empty() && session_calls_.empty()) return;
      jobs.swap(waiting_);
      stray_calls.swap(session_calls_);
    }
    busy_since_ms_.store(MonotonicMs(), std::memory_order_relaxed);
    holds_pages = true;
    AnswerStrayCalls(stray_calls);
    for (std::size_t next = 0; next < jobs.size();) {
      std::size_t taken = 1;
      if (IsSession(jobs[next])) RunSession(jobs[next]);
      else RunGroup(jobs, next, taken = 0);
      next += taken;
    }
    jobs.clear();
    CheckpointIfDue(false);
    busy_since_ms_.store(0, std::memory_order_relaxed);
  }
}

void CommitLane::RunGroup(std::vector<Job>& jobs, std::size_t first, std::size_t& taken) {
  std::vector<Outcome> outcomes;
  auto transaction = Transaction::Begin(connection_, Transaction::Kind::kImmediate);
  if (!transaction) {
    for (std::size_t i = first; i < jobs.size() && !IsSession(jobs[i]); i++, taken++)
      outcomes.push_back({&jobs[i], MutationAnswer(), {}});
    FailGroup(outcomes, transaction.error());
    return;
  }
  LaneTransaction tx(connection_, app_, schema_, statements_, {options_.encryption_env, page_.settings_generation.load()});
  tx.UseFiles(*files_);
  tx.UseAnnouncer(options_.announcer);
  std::size_t limit = std::min(jobs.size(), first + kGroupCommitMaxMutations);
  for (std::size_t i = first; i < limit && !IsSession(jobs[i]); i++) {
    outcomes.push_back(RunJob(tx, jobs[i]));
    taken++;
    // A full disk can make SQLite give up the whole transaction in the middle. Going on would commit each statement alone.
    if (!connection_.in_transaction()) {
      applied_.RolledBack();
      { auto ended = std::move(*transaction); }
      FailGroup(outcomes, Error{Error::Kind::kDiskFull, "the transaction was given up in the middle"});
      return;
    }
    // What follows was computed against the state before this change: it belongs to the next group, as `stale`.
    if (outcomes.back().effects.schema_changed || outcomes.back().effects.settings_changed) break;
  }
  NoteRemovedFiles(outcomes);
  Result<void> saved = applied_.BeforeCommit();
  if (saved) saved = transaction->Commit();
  if (!saved) {
    applied_.RolledBack();
    files_->Forget();
    { auto rolled_back = std::move(*transaction); }
    FailGroup(outcomes, saved.error());
    return;
  }
  applied_.Committed();
  files_->Remove();
  PublishAndAnswer(outcomes);
}

void CommitLane::NoteRemovedFiles(const std::vector<Outcome>& outcomes) {
  std::vector<std::string> removed, placed;
  for (const Outcome& outcome : outcomes) {
    removed.insert(removed.end(), outcome.effects.removed_files.begin(), outcome.effects.removed_files.end());
    placed.insert(placed.end(), outcome.effects.placed_files.begin(), outcome.effects.placed_files.end());
  }
  files_->Note(std::move(removed), placed);
}

void CommitLane::SweepFilesSoon() {
  files_->SweepSoon([this] {
    // Behind everything that waits, and outside a transaction: only what is committed counts.
    std::vector<Job> jobs;
    jobs.push_back(Internal{[](LaneTransaction&) { return ApiResult<void>(); },
                            [this](ApiResult<void>) { files_->Sweep(connection_, *schema_); }});
    Push(std::move(jobs));
  });
}

CommitLane::Outcome CommitLane::RunJob(LaneTransaction& tx, Job& job) {
  Outcome outcome{&job, MutationAnswer(), {}};
  // A group that could not go on (disk full: SQLite may have rolled the whole transaction back) fails the rest as well; its
  // COMMIT fails and everything is answered with that.
  if (auto* from_worker = std::get_if<FromWorker>(&job)) RunMutationJob(tx, *from_worker, outcome);
  else RunInternalJob(tx, std::get<Internal>(job), outcome);
  outcome.effects = tx.TakeEffects();
  return outcome;
}

// Its savepoint (if it needed one) is kept when something was applied.
MutationAnswer CommitLane::RunInSavepoint(LaneTransaction& tx, proto::Mutation::Reader mutation) {
  MutationAnswer answer = RunMutation(tx, mutation);
  tx.EndSavepoint(answer.applied());
  if (answer.kind == MutationAnswer::Kind::kRefused || answer.kind == MutationAnswer::Kind::kBatchFailed) tx.FailEffects(answer.error);
  // Another try follows: nobody shall hear of this one.
  else if (!answer.applied()) tx.DropEffects();
  return answer;
}

void CommitLane::RunMutationJob(LaneTransaction& tx, FromWorker& job, Outcome& outcome) {
  // The message comes from one of our own processes; one that Cap'n Proto cannot read is refused, never trusted.
  try {
    auto mutation = job.frame.message().getMutation();
    std::uint64_t incarnation = job.peer->incarnation;
    if (applied_.Contains(incarnation, mutation.getSequence())) {
      outcome.result = AnswerRepeated(tx, mutation);
      return;
    }
    if (mutation.getSchemaGeneration() != schema_->generation()) {
      outcome.result = MutationAnswer::Of(MutationAnswer::Kind::kStale);
      return;
    }
    MutationAnswer answer = RunInSavepoint(tx, mutation);
    if (answer.applied()) applied_.Add(incarnation, mutation.getSequence());
    outcome.result = std::move(answer);
  } catch (const kj::Exception& exception) {
    tx.EndSavepoint(false);
    tx.DropEffects();
    outcome.result = MutationAnswer::Refused({500, {}, Json::Object(), exception.getDescription().cStr()});
  }
}

void CommitLane::RunInternalJob(LaneTransaction& tx, Internal& job, Outcome& outcome) {
  ApiResult<void> result;
  if (auto opened = tx.EnsureSavepoint(); !opened) result = std::unexpected(CommitFailure(opened.error()));
  else result = job.run(tx);
  tx.EndSavepoint(result.has_value());
  if (!result) tx.FailEffects(result.error());
  outcome.result = std::move(result);
}

void CommitLane::FailGroup(std::vector<Outcome>& outcomes, const Error& error) {
  std::fprintf(stderr, "wombat writer: %zu mutations could not be committed: %s\n", outcomes.size(), error.message.c_str());
  for (Outcome& outcome : outcomes) {
    LaneEffects effects = std::exchange(outcome.effects, {});
    for (const auto& hook : effects.after_error) hook(CommitFailure(error));
    if (std::holds_alternative<Internal>(*outcome.job)) outcome.result = ApiResult<void>(std::unexpected(CommitFailure(error)));
    else outcome.result = MutationAnswer::Refused(CommitFailure(error));
  }
  PublishAndAnswer(outcomes);
}

void CommitLane::PublishAndAnswer(std::vector<Outcome>& outcomes) {
  const std::uint64_t generation = schema_->generation();    // of the changes, whatever they make of it
  bool schema_changed = false, settings_changed = false, all_auth_changed = false;
  for (Outcome& outcome : outcomes) {
    schema_changed |= outcome.effects.schema_changed;
    settings_changed |= outcome.effects.settings_changed;
    all_auth_changed |= outcome.effects.all_auth_changed;
    for (const auto& id : outcome.effects.changed_auth_collections) page_.AuthCounter(id).fetch_add(1);
  }
  if (all_auth_changed) page_.writer_epoch.fetch_add(1);
  if (schema_changed) ReloadSchema();
  if (settings_changed) ReloadSettings();
  std::unordered_map<Peer*, std::string> outboxes;
  for (Outcome& outcome : outcomes) {
    for (const auto& hook : outcome.effects.after_success) {
      HookResult done = hook();
      if (done) continue;
      if (std::holds_alternative<Internal>(*outcome.job)) outcome.result = ApiResult<void>(std::unexpected(done.error()));
      else outcome.result = RefusedAfterCommit(done.error());
    }
    // Before the answer: who has it finds that every worker was told.
    if (!outcome.effects.changes.empty()) options_.announcer->Announce(outcome.effects.changes, generation);
    if (options_.announcer && std::holds_alternative<Internal>(*outcome.job)) options_.announcer->SendAnnounced();
    Answer(outcome, outboxes);
  }
  if (options_.announcer) options_.announcer->SendAnnounced();
  for (auto& [peer, bytes] : outboxes) peer->Send(bytes);
}

void CommitLane::Answer(Outcome& outcome, std::unordered_map<Peer*, std::string>& outboxes) {
  if (auto* internal = std::get_if<Internal>(outcome.job)) {
    internal->done(std::move(std::get<ApiResult<void>>(outcome.result)));
    return;
  }
  auto& job = std::get<FromWorker>(*outcome.job);
  const auto& answer = std::get<MutationAnswer>(outcome.result);
  alignas(capnp::word) char scratch[4096] = {};
  capnp::MallocMessageBuilder builder(kj::arrayPtr(reinterpret_cast<capnp::word*>(scratch), sizeof scratch / sizeof(capnp::word)));
  auto message = builder.initRoot<proto::Message>();
  if (IsSession(*outcome.job)) {                        // its commit
    auto reply = message.initSessionReply();
    if (answer.kind == MutationAnswer::Kind::kRefused) {
      auto refused = reply.initRefused();
      WriteRefusal(refused, answer.error);
      refused.setCommitted(answer.committed);
    } else {
      reply.setCommitted();
    }
  } else {
    auto reply = message.initReply();
    reply.setSequence(job.frame.message().getMutation().getSequence());
    WriteAnswer(reply, answer);
  }
  AppendFrame(outboxes[job.peer.get()], builder);
}

void CommitLane::ReloadSchema() {
  std::uint64_t generation = page_.schema_generation.load() + 1;
  auto schema = LoadSchema(connection_, generation);
  if (!schema) {
    // What this process just wrote cannot be read back: going on would answer from a schema that is no longer stored.
    std::fprintf(stderr, "wombat writer: the collections cannot be loaded after a change: %s\n", schema.error().message.c_str());
    std::abort();
  }
  statements_.clear();
  connection_.ClearCache();
  schema_ = std::move(*schema);
  page_.schema_generation.store(generation);
}

void CommitLane::ReloadSettings() {
  auto fingerprint = SettingsFingerprint(connection_);
  auto settings = LoadSettings(connection_, options_.encryption_env);
  if (!settings || !fingerprint) {
    std::fprintf(stderr, "wombat writer: the settings cannot be loaded after a change: %s\n",
                 (settings ? fingerprint.error() : settings.error()).message.c_str());
    return;
  }
  if (page_.settings_fingerprint.exchange(*fingerprint) == *fingerprint) return;
  page_.settings_generation.fetch_add(1);
  files_->Follow(*settings);
  SettingsReloadEvent event;
  event.app = &app_;
  // Its handlers have nothing to refuse: the settings are in force.
  (void)app_.on_settings_reload.Trigger(event, {}, [&](SettingsReloadEvent&) {
    if (options_.on_settings) options_.on_settings(*settings);
    return HookResult{};
  });
}

void CommitLane::CheckpointIfDue(bool idle) {
  if (optimize_soon_.exchange(false)) return Optimize();
  if (wal_frames_ < (idle ? kIdleCheckpointFrames : kCheckpointFrames)) return;
  int frames = 0, copied = 0;
  int mode = SQLITE_CHECKPOINT_PASSIVE;
  if (wal_frames_ >= kForcedCheckpointFrames) {
    mode = SQLITE_CHECKPOINT_RESTART;
    sqlite3_busy_timeout(connection_.handle(), kForcedCheckpointWaitMs);
  }
  sqlite3_wal_checkpoint_v2(connection_.handle(), nullptr, mode, &frames, &copied);
  if (mode == SQLITE_CHECKPOINT_RESTART) sqlite3_busy_timeout(connection_.handle(), kBusyTimeoutMs);
  // Once everything is copied the next transaction starts the WAL anew; the hook reports its length then. Until it could,
  // ask again only after as many frames more.
  wal_frames_ = copied == frames ? 0 : std::min(wal_frames_, frames - copied);
}

void CommitLane::OptimizeSoon() {
  optimize_soon_ = true;
  std::vector<Job> jobs;
  jobs.push_back(Internal{[](LaneTransaction&) { return ApiResult<void>(); }, [](ApiResult<void>) {}});
  Push(std::move(jobs));           // wakes the lane
}

void CommitLane::Optimize() {
  sqlite3_busy_timeout(connection_.handle(), kForcedCheckpointWaitMs);
  const int cut = sqlite3_wal_checkpoint_v2(connection_.handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  sqlite3_busy_timeout(connection_.handle(), kBusyTimeoutMs);
  if (cut == SQLITE_OK) {
    wal_frames_ = 0;
    MakeRoomInWal();
  }
  // Some rows of each index tell enough, and all of a large table would hold up every write meanwhile.
  (void)connection_.Run("PRAGMA analysis_limit = 1000");
  (void)connection_.Run("PRAGMA optimize");
}

// Under the write lock: whoever else might have the directory open does not append meanwhile.
void CommitLane::MakeRoomInWal() {
  if (auto alone = Transaction::Begin(connection_, Transaction::Kind::kImmediate))
    ReserveWal(sqlite3_filename_wal(sqlite3_db_filename(connection_.handle(), "main")));
}

void CommitLane::CloseDirectory() {
  sqlite3_wal_checkpoint_v2(connection_.handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
}

}  // namespace wombat

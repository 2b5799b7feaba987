#include "writer/lane/commit_lane.h"

#include <pthread.h>
#include <sqlite3.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "proto/values.h"

namespace wombat {
namespace {

// A checkpoint costs a sync of the database file: rarely under load, so that pages written often are copied once, and at
// the latest when the WAL has become this long. While nothing waits it runs earlier, in nobody's way.
constexpr int kCheckpointFrames = 4000;
constexpr int kIdleCheckpointFrames = 1000;
// A reader that held an old snapshot kept the WAL from being reset: wait for it this long once the WAL is this long.
constexpr int kForcedCheckpointFrames = 32000;
constexpr int kForcedCheckpointWaitMs = 100;
constexpr int kBusyTimeoutMs = 10000;

constexpr const char* kUnwritable = "The data directory cannot be written: the disk is full or read-only.";

ApiError CommitFailure(const Error& error) {
  bool disk = error.kind == Error::Kind::kDiskFull;
  return {disk ? 507 : 500, disk ? kUnwritable : "", Json::Object(), error.message};
}

}  // namespace

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
  return {};
}

void CommitLane::Start() {
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
  std::vector<Job> jobs;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      if (waiting_.empty() && !stopping_) {
        lock.unlock();
        CheckpointIfDue(true);
        lock.lock();
        ready_.wait(lock, [&] { return !waiting_.empty() || stopping_; });
      }
      if (waiting_.empty()) return;
      jobs.swap(waiting_);
    }
    busy_since_ms_.store(MonotonicMs(), std::memory_order_relaxed);
    for (std::size_t next = 0; next < jobs.size();) {
      std::size_t taken = 0;
      RunGroup(jobs, next, taken);
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
    taken = jobs.size() - first;
    for (std::size_t i = first; i < jobs.size(); i++) outcomes.push_back({&jobs[i], MutationAnswer(), {}});
    FailGroup(outcomes, transaction.error());
    return;
  }
  LaneTransaction tx(connection_, app_, schema_, statements_);
  std::size_t limit = std::min(jobs.size(), first + kGroupCommitMaxMutations);
  for (std::size_t i = first; i < limit; i++) {
    outcomes.push_back(RunJob(tx, jobs[i]));
    taken++;
    // A full disk can make SQLite give up the whole transaction in the middle. Going on would commit each statement alone.
    if (!connection_.in_transaction()) {
      applied_.RolledBack();
      { auto ended = std::move(*transaction); }
      FailGroup(outcomes, Error{Error::Kind::kDiskFull, "the transaction was given up in the middle"});
      return;
    }
    // What follows was computed against the schema before this change: it belongs to the next group, as `stale`.
    if (outcomes.back().effects.schema_changed) break;
  }
  Result<void> saved = applied_.BeforeCommit();
  if (saved) saved = transaction->Commit();
  if (!saved) {
    applied_.RolledBack();
    { auto rolled_back = std::move(*transaction); }
    FailGroup(outcomes, saved.error());
    return;
  }
  applied_.Committed();
  PublishAndAnswer(outcomes);
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

// Runs `run`, whose savepoint (if it needs one) is kept when it returns true.
bool CommitLane::InSavepoint(LaneTransaction& tx, const std::function<bool()>& run) {
  bool keep = run();
  tx.EndSavepoint(keep);
  if (!keep) tx.DropEffects();
  return keep;
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
    MutationAnswer answer;
    bool kept = InSavepoint(tx, [&] {
      answer = RunMutation(tx, mutation);
      return answer.kind == MutationAnswer::Kind::kRecord || answer.kind == MutationAnswer::Kind::kDone ||
             answer.kind == MutationAnswer::Kind::kCollection;
    });
    if (kept) applied_.Add(incarnation, mutation.getSequence());
    outcome.result = std::move(answer);
  } catch (const kj::Exception& exception) {
    outcome.result = MutationAnswer::Refused({500, {}, Json::Object(), exception.getDescription().cStr()});
  }
}

void CommitLane::RunInternalJob(LaneTransaction& tx, Internal& job, Outcome& outcome) {
  ApiResult<void> result;
  InSavepoint(tx, [&] {
    if (auto opened = tx.EnsureSavepoint(); !opened) result = std::unexpected(CommitFailure(opened.error()));
    else result = job.run(tx);
    return result.has_value();
  });
  outcome.result = std::move(result);
}

void CommitLane::FailGroup(std::vector<Outcome>& outcomes, const Error& error) {
  std::fprintf(stderr, "wombat writer: %zu mutations could not be committed: %s\n", outcomes.size(), error.message.c_str());
  for (Outcome& outcome : outcomes) {
    outcome.effects = {};
    if (std::holds_alternative<Internal>(*outcome.job)) outcome.result = ApiResult<void>(std::unexpected(CommitFailure(error)));
    else outcome.result = MutationAnswer::Refused(CommitFailure(error));
  }
  PublishAndAnswer(outcomes);
}

void CommitLane::PublishAndAnswer(std::vector<Outcome>& outcomes) {
  bool schema_changed = false;
  for (Outcome& outcome : outcomes) {
    schema_changed |= outcome.effects.schema_changed;
    for (const auto& id : outcome.effects.changed_auth_collections) page_.AuthCounter(id).fetch_add(1);
  }
  if (schema_changed) ReloadSchema();
  std::unordered_map<Peer*, std::string> outboxes;
  for (Outcome& outcome : outcomes) {
    for (const auto& hook : outcome.effects.after_success) {
      HookResult done = hook();
      if (done) continue;
      if (std::holds_alternative<Internal>(*outcome.job)) outcome.result = ApiResult<void>(std::unexpected(done.error()));
      else outcome.result = MutationAnswer::Refused(done.error());
    }
    Answer(outcome, outboxes);
  }
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
  auto reply = builder.initRoot<proto::Message>().initReply();
  reply.setSequence(job.frame.message().getMutation().getSequence());
  switch (answer.kind) {
    case MutationAnswer::Kind::kRecord: {
      const Record& record = *answer.record;
      WriteRecordValues(reply.initRecord().initValues(unsigned(record.collection().fields.size())), record);
      break;
    }
    case MutationAnswer::Kind::kDone: reply.setDone(); break;
    case MutationAnswer::Kind::kCollection: reply.setCollection(ToText(answer.collection_id)); break;
    case MutationAnswer::Kind::kRefused: WriteRefusal(reply.initRefused(), answer.error); break;
    case MutationAnswer::Kind::kStale: reply.setStale(); break;
    case MutationAnswer::Kind::kRowChanged: reply.setRowChanged(); break;
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

void CommitLane::CheckpointIfDue(bool idle) {
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

void CommitLane::CloseDirectory() {
  sqlite3_wal_checkpoint_v2(connection_.handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
}

}  // namespace wombat

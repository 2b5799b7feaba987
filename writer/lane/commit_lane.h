// The commit lane: every mutation of the server passes through it, many to a COMMIT.      design.md, "The commit lane".
//
// One thread. It takes everything that waits, runs each mutation in its own SAVEPOINT of one transaction, commits once
// (synced), raises the shared counters, runs after-success hooks, then answers all. While it syncs, the next group gathers.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <variant>
#include <vector>

#include "common/app/app.h"
#include "common/base/shared_page.h"
#include "common/db/sqlite.h"
#include "common/schema/schema.h"
#include "writer/lane/applied_log.h"
#include "writer/lane/peer.h"
#include "writer/lane/transaction.h"
#include "writer/mutations/mutations.h"

namespace wombat {

inline constexpr std::size_t kGroupCommitMaxMutations = 1024;
// Deep cascades recurse on the lane's stack (record_delete_chain.cpp); virtual memory, touched only when used.
inline constexpr std::size_t kLaneStackBytes = 512u << 20;

class CommitLane {
 public:
  // A worker's mutation.
  struct FromWorker {
    PeerPtr peer;
    Frame frame;
  };
  // Work of the writer itself (a command): runs in its own savepoint like a mutation; `done` is called after the commit, on
  // the lane's thread.
  struct Internal {
    std::function<ApiResult<void>(LaneTransaction&)> run;
    std::function<void(ApiResult<void>)> done;
  };
  using Job = std::variant<FromWorker, Internal>;

  CommitLane(Connection& connection, App& app, SharedPage& page)
      : connection_(connection), app_(app), page_(page), applied_(page.applied) {}
  ~CommitLane() { Stop(); }

  // Loads the schema and settles what an earlier writer of this server applied. `database_path`: data.db.
  Result<void> Prepare(const std::string& database_path);

  void Start();
  // Any thread. Jobs of one peer run in the order in which they were pushed.
  void Push(std::vector<Job>&& jobs);
  // Runs what waits, then ends the thread. Idempotent.
  void Stop();
  // Runs one job to its commit on the calling thread, without a started lane (commands without a server).
  void RunNow(Job job);

  // Monotonic milliseconds since when the lane is in one group; 0 while it waits. Any thread.
  std::int64_t busy_since_ms() const { return busy_since_ms_.load(std::memory_order_relaxed); }

  // Copies the WAL into the database. After Stop.
  void CloseDirectory();

 private:
  struct Outcome {
    Job* job;
    std::variant<MutationAnswer, ApiResult<void>> result;
    LaneEffects effects;
  };

  void ThreadMain();
  void RunGroup(std::vector<Job>& jobs, std::size_t first, std::size_t& taken);
  Outcome RunJob(LaneTransaction& tx, Job& job);
  void RunMutationJob(LaneTransaction& tx, FromWorker& job, Outcome& outcome);
  void RunInternalJob(LaneTransaction& tx, Internal& job, Outcome& outcome);
  bool InSavepoint(LaneTransaction& tx, const std::function<bool()>& run);
  void FailGroup(std::vector<Outcome>& outcomes, const Error& error);
  void PublishAndAnswer(std::vector<Outcome>& outcomes);
  void Answer(Outcome& outcome, std::unordered_map<Peer*, std::string>& outboxes);
  void ReloadSchema();
  void CheckpointIfDue(bool idle);

  Connection& connection_;
  App& app_;
  SharedPage& page_;
  SchemaPtr schema_;
  std::unordered_map<const Collection*, CollectionStatements> statements_;
  AppliedLog applied_;

  std::mutex mutex_;
  std::condition_variable ready_;
  std::vector<Job> waiting_;
  bool stopping_ = false;
  bool started_ = false;
  pthread_t thread_{};
  std::atomic<std::int64_t> busy_since_ms_{0};
  int wal_frames_ = 0;
};

}  // namespace wombat

// The commit lane: every mutation of the server passes through it, many to a COMMIT.      design.md, "The commit lane".
//
// One thread. It takes everything that waits, runs each mutation in its own SAVEPOINT of one transaction, commits once
// (synced), raises the shared counters, runs after-success hooks, then answers all. While it syncs, the next group gathers.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <variant>
#include <vector>

#include "common/app/app.h"
#include "common/base/shared_page.h"
#include "common/db/sqlite.h"
#include "common/schema/schema.h"
#include "common/settings/settings.h"
#include "writer/jobs/file_keeper.h"
#include "writer/lane/applied_log.h"
#include "writer/lane/peer.h"
#include "writer/lane/transaction.h"
#include "writer/mutations/mutations.h"

namespace wombat {

inline constexpr std::size_t kGroupCommitMaxMutations = AppliedLog::kGroupEntries;
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

  struct Options {
    std::string encryption_env;            // NAME of the variable with the settings key; "" for none
    // After a commit that changed the settings, before its answer leaves; on the lane's thread.
    std::function<void(const Settings&)> on_settings;
    Announcer* announcer = nullptr;        // null: no worker is told what changed
  };

  CommitLane(Connection& connection, App& app, SharedPage& page) : CommitLane(connection, app, page, Options()) {}
  CommitLane(Connection& connection, App& app, SharedPage& page, Options options)
      : connection_(connection), app_(app), page_(page), options_(std::move(options)), applied_(page.applied) {}
  ~CommitLane();

  // Loads the schema and settles what an earlier writer of this server applied. `database_path`: data.db.
  Result<void> Prepare(const std::string& database_path);

  void Start();
  // Any thread. Jobs of one peer run in the order in which they were pushed.
  void Push(std::vector<Job>&& jobs);
  // A call of a session other than its `begin`, which is a job like a mutation. Any thread.
  void PushSessionCall(FromWorker call);
  // The peer of the session may have gone. Any thread.
  void WakeSession();
  // Runs what waits, then ends the thread. Idempotent.
  void Stop();
  // Runs one job to its commit on the calling thread, without a started lane (commands without a server).
  void RunNow(Job job);

  // Monotonic milliseconds since when the lane is in one group; 0 while it waits. Any thread.
  std::int64_t busy_since_ms() const { return busy_since_ms_.load(std::memory_order_relaxed); }

  // A worker has gone, perhaps with files under way: clears up behind its last mutation. Any thread.
  void SweepFilesSoon();

  // Between two groups: copies the WAL into the database, cuts it, and lets SQLite look after its statistics. Any thread.
  void OptimizeSoon();

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
  MutationAnswer RunInSavepoint(LaneTransaction& tx, proto::Mutation::Reader mutation);
  void FailGroup(std::vector<Outcome>& outcomes, const Error& error);
  void PublishAndAnswer(std::vector<Outcome>& outcomes);
  void NoteRemovedFiles(const std::vector<Outcome>& outcomes);
  void Answer(Outcome& outcome, std::unordered_map<Peer*, std::string>& outboxes);
  void ReloadSchema();
  void ReloadSettings();
  Result<void> SettleSettings();
  void CheckpointIfDue(bool idle);
  void Optimize();
  void MakeRoomInWal();

  // session.cpp: the lane serves one session at a time and nothing else meanwhile.
  class Session;
  void RunSession(Job& begin);
  std::optional<Job> NextSessionCall(const Peer& peer, std::chrono::steady_clock::time_point deadline);
  void AnswerStrayCalls(std::vector<Job>& calls);

  Connection& connection_;
  App& app_;
  SharedPage& page_;
  Options options_;
  SchemaPtr schema_;
  std::unordered_map<const Collection*, CollectionStatements> statements_;
  AppliedLog applied_;
  std::unique_ptr<FileKeeper> files_;

  std::mutex mutex_;
  std::condition_variable ready_;
  std::vector<Job> waiting_;
  std::vector<Job> session_calls_;
  bool stopping_ = false;
  bool started_ = false;
  pthread_t thread_{};
  std::atomic<std::int64_t> busy_since_ms_{0};
  std::atomic<bool> optimize_soon_{false};
  int wal_frames_ = 0;
};

}  // namespace wombat

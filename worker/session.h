// Sessions with the writer: transactions that this worker fills call by call.
//                                       design.md, "A transaction that belongs to someone else"; writer/README.md,
//                                       "Sessions".
//
// The lane serves one session at a time, so a worker has at most one open; others wait for their turn here. Calls
// block, so they run on a thread of their own; statements that are read there look like those of any connection.
#pragma once

#include <chrono>
#include <coroutine>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/app/task.h"
#include "common/base/unique_fd.h"
#include "common/db/sqlite.h"
#include "proto/frame.h"
#include "worker/thread_pool.h"

namespace wombat {

class Sessions;

// Where a session stands. All but kOpen and kCommitted: everything was rolled back.
enum class SessionState {
  kOpen,
  kCommitted,
  kRolledBack,  // as asked
  kTimeIsUp,
  kLost,    // the writer died: the work has to be done again
  kFailed,  // error() tells
};

// Open from Sessions::Begin on; rolled back when it is destroyed uncommitted. Used by one coroutine at a time.
class Session : private RemoteStatements {
 public:
  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  SessionState state() const { return state_; }
  const ApiError& error() const { return error_; }
  bool hook_failed() const { return hook_failed_; }

  // Runs `read` on a connection that sees the transaction.
  template <class T>
  Task<Result<T>> Read(std::function<Result<T>(Connection&)> read);

  // The frame's message().getSessionReply().getMutation() is the answer; nullopt: the session has ended.
  Task<std::optional<Frame>> Mutate(std::function<void(proto::Mutation::Builder)> fill);
  // state() tells what came of it. Committed, an after-success hook may still have failed: hook_failed(), error().
  Task<void> Commit();
  Task<void> RollBack(ApiError why);

 private:
  friend class Sessions;
  explicit Session(Sessions& sessions) : sessions_(sessions) {}

  // ---- on the sessions' thread
  bool Begin(std::uint64_t schema_generation, std::chrono::milliseconds time_limit, bool& stale);
  Result<Rows> Run(const std::string& sql, const SqlValues& values) override;
  // nullopt: the session has ended, state_ says why.
  std::optional<Frame> Call(const std::function<void(proto::SessionCall::Builder)>& fill);
  void CommitHere();

  Task<void> OnThread(std::function<void()> job);
  ThreadPool& thread();

  Sessions& sessions_;
  std::unique_ptr<Connection> connection_;
  SessionState state_ = SessionState::kOpen;
  ApiError error_;
  bool hook_failed_ = false;
};

class Sessions {
 public:
  Sessions(uv_loop_t* loop, std::string socket_path, std::uint32_t worker_index);

  // Waits for its turn in this worker and in the lane. Null: `stale` (the schema's generation has moved on) or `error`.
  struct Begun {
    std::unique_ptr<Session> session;
    bool stale = false;
    ApiError error;
  };
  Task<Begun> Begin(std::uint64_t schema_generation, std::chrono::milliseconds time_limit);

  void Stop() { thread_.Stop(); }

 private:
  friend class Session;
  struct Turn {
    explicit Turn(Sessions& sessions_) : sessions(sessions_) {}
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    Sessions& sessions;
    bool await_ready() const { return !std::exchange(sessions.taken_, true); }
    void await_suspend(std::coroutine_handle<> handle) { sessions.waiting_.push_back(handle); }
    void await_resume() const {}
  };
  void EndTurn();

  // ---- on the thread
  bool Connect();
  void Disconnect();
  bool Send(const std::string& bytes);
  std::optional<Frame> Receive();

  ThreadPool thread_;
  std::string socket_path_;
  std::uint32_t worker_index_;
  std::uint64_t incarnation_;
  std::uint64_t next_sequence_ = 1;
  UniqueFd socket_;
  FrameReader frames_;
  bool taken_ = false;
  std::deque<std::coroutine_handle<>> waiting_;
};

template <class T>
Task<Result<T>> Session::Read(std::function<Result<T>(Connection&)> read) {
  std::function<Result<T>(PoolThread&)> job = [this, &read](PoolThread&) { return read(*connection_); };
  auto done = co_await thread().template Run<Result<T>>(job);
  if (!done) co_return Fail("the session's thread has ended", Error::Kind::kBusy);
  co_return std::move(*done);
}

}  // namespace wombat

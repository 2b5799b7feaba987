#include "worker/session.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "common/base/random.h"
#include "proto/connect.h"
#include "proto/values.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxWaitingCalls = 4096;
constexpr std::chrono::milliseconds kRetry{20};
constexpr std::size_t kReadBytes = 64 * 1024;

std::string SessionFrame(const std::function<void(proto::SessionCall::Builder)>& fill) {
  capnp::MallocMessageBuilder builder;
  fill(builder.initRoot<proto::Message>().initSession());
  std::string bytes;
  AppendFrame(bytes, builder);
  return bytes;
}

}  // namespace

Sessions::Sessions(uv_loop_t* loop, std::string socket_path, std::uint32_t worker_index)
    : thread_(loop, 1, kMaxWaitingCalls, {}),
      socket_path_(std::move(socket_path)),
      worker_index_(worker_index),
      incarnation_(RandomU64() | 1) {}

Task<Sessions::Begun> Sessions::Begin(std::uint64_t schema_generation, std::chrono::milliseconds time_limit) {
  Turn turn(*this);
  co_await turn;
  Begun begun;
  begun.session.reset(new Session(*this));
  Session& session = *begun.session;
  bool stale = false;
  std::function<bool(PoolThread&)> job = [&](PoolThread&) {
    return session.Begin(schema_generation, time_limit, stale);
  };
  auto done = co_await thread_.Run<bool>(job);
  if (done && *done) co_return begun;
  begun.stale = stale;
  begun.error = done ? session.error_
                     : ApiError{503, "The server is busy, try again later.", Json::Object(), "no session thread"};
  if (session.state_ == SessionState::kOpen) session.state_ = SessionState::kRolledBack;
  begun.session.reset();
  co_return begun;
}

void Sessions::EndTurn() {
  if (waiting_.empty()) {
    taken_ = false;
    return;
  }
  auto next = waiting_.front();
  waiting_.pop_front();
  next.resume();
}

// Waits as long as it takes for a writer: requests see a pause while there is none.
bool Sessions::Connect() {
  while (!socket_) {
    auto connected = ConnectToWriter(socket_path_);
    if (connected) {
      socket_ = std::move(*connected);
      frames_ = FrameReader();
      capnp::MallocMessageBuilder builder;
      auto hello = builder.initRoot<proto::Message>().initHello();
      hello.setIncarnation(incarnation_);
      hello.setWorkerIndex(worker_index_);
      std::string bytes;
      AppendFrame(bytes, builder);
      if (Send(bytes)) return true;
    }
    std::this_thread::sleep_for(kRetry);
  }
  return true;
}

void Sessions::Disconnect() { socket_ = UniqueFd(); }

bool Sessions::Send(const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    ssize_t n = ::send(socket_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      Disconnect();
      return false;
    }
    sent += std::size_t(n);
  }
  return true;
}

std::optional<Frame> Sessions::Receive() {
  std::optional<Frame> received;
  std::string buffer(kReadBytes, '\0');
  while (!received) {
    ssize_t n = ::read(socket_.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    bool understood = n > 0 && frames_.Feed({buffer.data(), std::size_t(n)}, [&](Frame frame) {
      if (frame.message().isSessionReply()) received.emplace(std::move(frame));
    });
    if (!understood) {
      Disconnect();
      return std::nullopt;
    }
  }
  return received;
}

Session::~Session() {
  // Closing the connection is the rollback. (Nothing of this session runs on the thread any more.)
  if (state_ == SessionState::kOpen) sessions_.Disconnect();
  sessions_.EndTurn();
}

ThreadPool& Session::thread() { return sessions_.thread_; }

bool Session::Begin(std::uint64_t schema_generation, std::chrono::milliseconds time_limit, bool& stale) {
  const std::string bytes = SessionFrame([&](proto::SessionCall::Builder call) {
    auto begin = call.initBegin();
    begin.setSchemaGeneration(schema_generation);
    begin.setTimeLimitMs(std::uint32_t(time_limit.count()));
  });
  // A writer that dies before it has begun has done nothing: the next one is asked.
  std::optional<Frame> reply;
  while (!reply)
    if (sessions_.Connect() && sessions_.Send(bytes)) reply = sessions_.Receive();
  auto answer = reply->message().getSessionReply();
  if (answer.isBegun()) {
    auto connection = Connection::OpenRemote(*this);
    if (connection) {
      connection_ = std::move(*connection);
      return true;
    }
    error_ = {500, {}, Json::Object(), connection.error().message};
    return false;
  }
  state_ = SessionState::kRolledBack;
  stale = answer.isStale();
  error_ = answer.isRefused() ? ReadRefusal(answer.getRefused())
                              : ApiError{500, {}, Json::Object(), "a session was not begun"};
  return false;
}

std::optional<Frame> Session::Call(const std::function<void(proto::SessionCall::Builder)>& fill) {
  if (state_ != SessionState::kOpen) return std::nullopt;
  std::optional<Frame> reply;
  if (sessions_.Send(SessionFrame(fill))) reply = sessions_.Receive();
  if (!reply) {
    state_ = SessionState::kLost;
    return std::nullopt;
  }
  auto answer = reply->message().getSessionReply();
  if (!answer.isEnded()) return reply;
  switch (answer.getEnded()) {
    case proto::SessionEnd::ROLLED_BACK:
      state_ = SessionState::kRolledBack;
      break;
    // The connection has not broken, so the writer did begin it: it was only too late.
    case proto::SessionEnd::UNKNOWN:
    case proto::SessionEnd::TIME_IS_UP:
      state_ = SessionState::kTimeIsUp;
      break;
    case proto::SessionEnd::FAILED:
      state_ = SessionState::kFailed;
      error_ = {500, {}, Json::Object(), "the transaction was given up"};
      break;
  }
  return std::nullopt;
}

Result<RemoteStatements::Rows> Session::Run(const std::string& sql, const SqlValues& values) {
  auto reply = Call([&](proto::SessionCall::Builder call) {
    auto statement = call.initStatement();
    statement.setSql(ToText(sql));
    WriteSqlValues(statement.initValues(unsigned(values.size())), values);
  });
  if (!reply) return Fail("the session has ended", Error::Kind::kInterrupted);
  auto answer = reply->message().getSessionReply();
  if (answer.isFailed())
    return Fail(std::string(View(answer.getFailed().getMessage())), Error::Kind(answer.getFailed().getKind()));
  if (!answer.isRows()) return Fail("an unexpected answer to a session's statement");
  Rows rows;
  for (auto column : answer.getRows().getColumns()) rows.columns.emplace_back(View(column));
  if (rows.columns.empty()) return rows;
  SqlValues cells = ReadSqlValues(answer.getRows().getValues());
  for (std::size_t i = 0; i + rows.columns.size() <= cells.size(); i += rows.columns.size()) {
    auto first = std::make_move_iterator(cells.begin() + std::ptrdiff_t(i));
    rows.rows.emplace_back(first, first + std::ptrdiff_t(rows.columns.size()));
  }
  return rows;
}

void Session::CommitHere() {
  if (state_ != SessionState::kOpen) return;
  const std::uint64_t sequence = sessions_.next_sequence_++;
  const std::string bytes = SessionFrame([&](proto::SessionCall::Builder call) { call.setCommit(sequence); });
  // A commit whose answer was lost with the writer is asked about again: the next writer knows whether it got through.
  bool same_connection = true;
  std::optional<Frame> reply;
  for (;;) {
    if (sessions_.Connect() && sessions_.Send(bytes)) reply = sessions_.Receive();
    if (reply) break;
    same_connection = false;
  }
  auto answer = reply->message().getSessionReply();
  if (answer.isCommitted()) {
    state_ = SessionState::kCommitted;
  } else if (answer.isRefused()) {
    state_ = answer.getRefused().getCommitted() ? SessionState::kCommitted : SessionState::kFailed;
    error_ = ReadRefusal(answer.getRefused());
    hook_failed_ = state_ == SessionState::kCommitted;
  } else {
    state_ = same_connection ? SessionState::kTimeIsUp : SessionState::kLost;
  }
}

Task<void> Session::OnThread(std::function<void()> job) {
  std::function<bool(PoolThread&)> run = [&job](PoolThread&) {
    job();
    return true;
  };
  (void)co_await thread().Run<bool>(run);
}

Task<std::optional<Frame>> Session::Mutate(std::function<void(proto::Mutation::Builder)> fill) {
  std::optional<Frame> reply;
  std::function<void()> job = [&] {
    reply = Call([&](proto::SessionCall::Builder call) { fill(call.initMutation()); });
  };
  co_await OnThread(job);
  co_return reply;
}

Task<void> Session::Commit() {
  std::function<void()> job = [this] { CommitHere(); };
  co_await OnThread(job);
}

Task<void> Session::RollBack(ApiError why) {
  std::function<void()> job = [&] {
    (void)Call([&](proto::SessionCall::Builder call) { WriteRefusal(call.initRollback(), why); });
  };
  co_await OnThread(job);
}

}  // namespace wombat

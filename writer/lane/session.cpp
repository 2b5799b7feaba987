// A session: a transaction that one worker fills call by call, while the lane serves nobody else.
//                                              design.md, "A transaction that belongs to someone else";
//                                              writer/README.md.
#include <algorithm>
#include <cstdio>

#include "proto/values.h"
#include "writer/lane/commit_lane.h"

namespace wombat {
namespace {

// What one statement may give, in cells' bytes: more is a query that nobody meant to run in the lane.
constexpr std::size_t kMaxSessionRowsBytes = 64u << 20;

using SessionReplyBuilder = proto::SessionReply::Builder;

void Reply(Peer& peer, const std::function<void(SessionReplyBuilder)>& fill) {
  capnp::MallocMessageBuilder builder;
  fill(builder.initRoot<proto::Message>().initSessionReply());
  std::string bytes;
  AppendFrame(bytes, builder);
  peer.Send(bytes);
}

void ReplyEnded(Peer& peer, proto::SessionEnd why) {
  Reply(peer, [&](SessionReplyBuilder reply) { reply.setEnded(why); });
}

std::size_t BytesOf(const SqlValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return text->size() + sizeof value;
  if (const auto* blob = std::get_if<Blob>(&value)) return blob->bytes.size() + sizeof value;
  return sizeof value;
}

struct Rows {
  std::vector<std::string> columns;
  SqlValues cells;
};

Result<Rows> RunStatement(Connection& connection, proto::SessionStatement::Reader message) {
  auto statement = connection.Prepare(View(message.getSql()));
  if (!statement) return std::unexpected(statement.error());
  SqlValues values = ReadSqlValues(message.getValues());
  statement->BindAll(values);
  Rows rows;
  for (int i = 0; i < statement->columns(); i++) rows.columns.emplace_back(statement->column_name(i));
  for (std::size_t bytes = 0;;) {
    auto more = statement->Step();
    if (!more) return std::unexpected(more.error());
    if (!*more) return rows;
    for (int i = 0; i < statement->columns(); i++) {
      rows.cells.push_back(statement->cell(i).value());
      bytes += BytesOf(rows.cells.back());
    }
    if (bytes > kMaxSessionRowsBytes) return Fail("the rows of a session's statement are too many");
  }
}

void WriteRows(proto::SessionRows::Builder out, const Rows& rows) {
  auto columns = out.initColumns(unsigned(rows.columns.size()));
  for (unsigned i = 0; i < columns.size(); i++) columns.set(i, ToText(rows.columns[i]));
  WriteSqlValues(out.initValues(unsigned(rows.cells.size())), rows.cells);
}

// Collections and settings are whole mutations of their own: what follows them needs another schema.
bool MayBeInSession(proto::Mutation::Reader mutation) {
  return mutation.isCreateRecord() || mutation.isUpdateRecord() || mutation.isDeleteRecord();
}

}  // namespace

// One session from its begin to its end; its destructor rolls back what was not committed.
class CommitLane::Session {
 public:
  Session(CommitLane& lane, Peer& peer, Transaction transaction, std::chrono::steady_clock::time_point deadline)
      : lane_(lane),
        peer_(peer),
        transaction_(std::move(transaction)),
        deadline_(deadline),
        tx_(lane.connection_, lane.app_, lane.schema_, lane.statements_) {
    tx_.UseFiles(*lane.files_);
    tx_.UseAnnouncer(lane.options_.announcer);
    tx_.JoinUntil(deadline);
  }

  void Serve() {
    while (auto call = lane_.NextSessionCall(peer_, deadline_)) {
      lane_.busy_since_ms_.store(MonotonicMs(), std::memory_order_relaxed);
      try {
        if (!Take(*call)) return;
      } catch (const kj::Exception& exception) {
        return Fail(proto::SessionEnd::FAILED, exception.getDescription().cStr());
      }
      if (!lane_.connection_.in_transaction()) return Fail(proto::SessionEnd::FAILED, "SQLite gave the transaction up");
    }
    // Its worker is gone or hears of it at its next call.
    RollBack({400, {}, Json::Object(), "the transaction's time limit was reached"});
  }

 private:
  // False: the session is over.
  bool Take(Job& job) {
    auto call = std::get<FromWorker>(job).frame.message().getSession();
    switch (call.which()) {
      case proto::SessionCall::BEGIN:
        break;
      case proto::SessionCall::STATEMENT:
        return Statement(call.getStatement());
      case proto::SessionCall::MUTATION:
        return Mutate(call.getMutation());
      case proto::SessionCall::COMMIT:
        return Commit(job, call.getCommit());
      case proto::SessionCall::ROLLBACK:
        RollBack(ReadRefusal(call.getRollback()));
        ReplyEnded(peer_, proto::SessionEnd::ROLLED_BACK);
        return false;
    }
    Fail(proto::SessionEnd::FAILED, "a session was begun within a session");
    return false;
  }

  bool Statement(proto::SessionStatement::Reader message) {
    auto rows = RunStatement(tx_.db(), message);
    if (!rows && tx_.time_is_up()) return TimeIsUp();
    Reply(peer_, [&](SessionReplyBuilder reply) {
      if (rows) return WriteRows(reply.initRows(), *rows);
      auto failed = reply.initFailed();
      failed.setKind(std::uint8_t(rows.error().kind));
      failed.setMessage(ToText(rows.error().message));
    });
    return true;
  }

  bool Mutate(proto::Mutation::Reader mutation) {
    MutationAnswer answer =
        MutationAnswer::Refused({500, {}, Json::Object(), "a mutation that cannot be in a session"});
    if (MayBeInSession(mutation)) answer = lane_.RunInSavepoint(tx_, mutation);
    effects_.Append(tx_.TakeEffects());
    if (!answer.applied() && tx_.time_is_up()) return TimeIsUp();
    Reply(peer_, [&](SessionReplyBuilder reply) { WriteAnswer(reply.initMutation(), answer); });
    return true;
  }

  bool Commit(Job& job, std::uint64_t sequence) {
    tx_.EndJoin();
    std::vector<Outcome> outcomes;
    outcomes.push_back({&job, MutationAnswer::Of(MutationAnswer::Kind::kCommitted), std::exchange(effects_, {})});
    lane_.NoteRemovedFiles(outcomes);
    lane_.applied_.Add(peer_.incarnation, sequence);
    Result<void> saved = lane_.applied_.BeforeCommit();
    if (saved) saved = transaction_.Commit();
    if (saved) {
      lane_.applied_.Committed();
      lane_.files_->Remove();
      lane_.PublishAndAnswer(outcomes);
    } else {
      lane_.applied_.RolledBack();
      lane_.files_->Forget();
      { auto rolled_back = std::move(transaction_); }
      lane_.FailGroup(outcomes, saved.error());
    }
    return false;
  }

  bool TimeIsUp() {
    Fail(proto::SessionEnd::TIME_IS_UP, "the transaction's time limit was reached");
    return false;
  }

  void Fail(proto::SessionEnd why, const std::string& details) {
    RollBack({400, {}, Json::Object(), details});
    ReplyEnded(peer_, why);
  }

  void RollBack(const ApiError& why) {
    tx_.EndJoin();
    { auto rolled_back = std::move(transaction_); }
    for (const auto& hook : std::exchange(effects_, {}).after_error) hook(why);
  }

  CommitLane& lane_;
  Peer& peer_;
  Transaction transaction_;
  std::chrono::steady_clock::time_point deadline_;
  LaneTransaction tx_;
  LaneEffects effects_;
};

void CommitLane::WakeSession() {
  { std::lock_guard lock(mutex_); }
  ready_.notify_one();
}

void CommitLane::RunSession(Job& job) {
  auto& from = std::get<FromWorker>(job);
  if (from.peer->gone) return;
  auto begin = from.frame.message().getSession().getBegin();
  if (begin.getSchemaGeneration() != schema_->generation())
    return Reply(*from.peer, [](SessionReplyBuilder reply) { reply.setStale(); });
  auto transaction = Transaction::Begin(connection_, Transaction::Kind::kImmediate);
  if (!transaction) {
    std::fprintf(stderr, "wombat writer: a session cannot be begun: %s\n", transaction.error().message.c_str());
    return Reply(*from.peer, [&](SessionReplyBuilder reply) {
      WriteRefusal(reply.initRefused(), CommitFailure(transaction.error()));
    });
  }
  auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(begin.getTimeLimitMs());
  Session session(*this, *from.peer, std::move(*transaction), deadline);
  Reply(*from.peer, [](SessionReplyBuilder reply) { reply.setBegun(); });
  session.Serve();
}

// nullopt: the peer has gone, its time is up, or the lane shall end.
std::optional<CommitLane::Job> CommitLane::NextSessionCall(const Peer& peer,
                                                           std::chrono::steady_clock::time_point deadline) {
  std::vector<Job> stray_calls;
  std::optional<Job> found;
  {
    std::unique_lock lock(mutex_);
    auto ready = [&] { return !session_calls_.empty() || stopping_ || peer.gone; };
    while (!found && ready_.wait_until(lock, deadline, ready) && !session_calls_.empty()) {
      for (Job& job : std::exchange(session_calls_, {})) {
        if (!found && std::get<FromWorker>(job).peer.get() == &peer)
          found = std::move(job);
        else
          stray_calls.push_back(std::move(job));
      }
    }
  }
  AnswerStrayCalls(stray_calls);
  return found;
}

// Calls of sessions that are over, or were begun with an earlier writer: only whether a commit got through is known.
void CommitLane::AnswerStrayCalls(std::vector<Job>& calls) {
  for (Job& job : calls) {
    auto& from = std::get<FromWorker>(job);
    auto call = from.frame.message().getSession();
    if (call.isCommit() && applied_.Contains(from.peer->incarnation, call.getCommit()))
      Reply(*from.peer, [](SessionReplyBuilder reply) { reply.setCommitted(); });
    else
      ReplyEnded(*from.peer, proto::SessionEnd::UNKNOWN);
  }
  calls.clear();
}

}  // namespace wombat

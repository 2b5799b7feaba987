#include <cerrno>
#include <utility>

#include "common/base/console.h"
#include "common/base/text.h"
#include "common/db/remote_cursor.h"
#include "common/db/merging_vfs.h"
#include "common/db/sqlite.h"

namespace wombat {
namespace {

// Between two looks at the clock: some ten microseconds of work.
constexpr int kStepsBetweenClockChecks = 1000;

std::string Pragmas(const Connection::Options& options) {
  using Mode = Connection::Mode;
  std::string script = "PRAGMA busy_timeout=10000;";  // before anything that may have to wait for a lock
  if (options.mode == Mode::kReader) {
    script += "PRAGMA wal_autocheckpoint=0;";
  } else {
    script += "PRAGMA journal_mode=WAL; PRAGMA journal_size_limit=200000000;";
  }
  if (options.mode == Mode::kWriter) script += "PRAGMA wal_autocheckpoint=0;";
  const char* full_or_normal = options.mode == Mode::kWriter ? "FULL" : "NORMAL";
  script += std::string("PRAGMA synchronous=") + (options.sync ? full_or_normal : "OFF") + ";";
  script += "PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;";
  script += "PRAGMA cache_size=-" + std::to_string(options.cache_kib) + ";";
  if (options.mode == Mode::kReader) script += "PRAGMA query_only=1;";
  return script;
}

int ShowStatement(unsigned, void*, void* statement, void* nanoseconds) {
  const std::unique_ptr<char, decltype(&sqlite3_free)> sql(
      sqlite3_expanded_sql(static_cast<sqlite3_stmt*>(statement)), &sqlite3_free);
  if (sql) PrintStatement(double(*static_cast<sqlite3_int64*>(nanoseconds)) / 1e6, sql.get());
  return 0;
}

Error::Kind KindOf(int code, int system_errno) {
  switch (code & 0xFF) {
    case SQLITE_CONSTRAINT:
      return Error::Kind::kConstraint;
    case SQLITE_INTERRUPT:
      return Error::Kind::kInterrupted;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Error::Kind::kBusy;
    case SQLITE_FULL:
    case SQLITE_READONLY:
      return Error::Kind::kDiskFull;
    case SQLITE_IOERR: {
      const bool no_room = system_errno == ENOSPC || system_errno == EDQUOT || system_errno == EROFS;
      return no_room ? Error::Kind::kDiskFull : Error::Kind::kGeneric;
    }
    default:
      return Error::Kind::kGeneric;
  }
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::Open(const std::string& path, const Options& options) {
  // Its statistics would take a process-wide lock at every allocation. Too late, and ignored, where SQLite already runs.
  [[maybe_unused]] static const int without_statistics = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  std::unique_ptr<Connection> connection(new Connection());
  connection->capacity_ = options.cached_statements;
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
  if (options.create) flags |= SQLITE_OPEN_CREATE;
  const char* vfs = options.mode == Mode::kReader ? nullptr : MergingVfsName();
  if (const int code = sqlite3_open_v2(path.c_str(), &connection->handle_, flags, vfs); code != SQLITE_OK) {
    return std::unexpected(connection->LastError(code));
  }
  sqlite3_extended_result_codes(connection->handle_, 1);
  if (options.mode == Mode::kReader) {
    sqlite3_db_config(connection->handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  }
  if (auto done = connection->Execute(Pragmas(options)); !done) return std::unexpected(done.error());
  if (DevelopmentOutput()) sqlite3_trace_v2(connection->handle_, SQLITE_TRACE_PROFILE, &ShowStatement, nullptr);
  return connection;
}

Result<std::unique_ptr<Connection>> Connection::OpenRemote(RemoteStatements& remote) {
  auto connection = Open(":memory:", {.mode = Mode::kReader, .cache_kib = 64, .cached_statements = 64});
  if (connection) (*connection)->remote_ = &remote;
  return connection;
}

Connection::~Connection() {
  for (const CacheEntry& entry : recent_) sqlite3_finalize(entry.statement);
  sqlite3_close_v2(handle_);
}

Result<Statement> Connection::Prepare(std::string_view sql) {
  if (remote_) return Statement(this, std::make_shared<RemoteCursor>(*remote_, std::string(sql)));
  return PrepareHere(sql);
}

Result<Statement> Connection::PrepareHere(std::string_view sql) {
  const auto cached = by_sql_.find(sql);
  const bool known = cached != by_sql_.end();
  if (known && !cached->second->in_use) {
    const auto entry = cached->second;
    recent_.splice(recent_.begin(), recent_, entry);
    entry->in_use = true;
    return Statement(this, entry->statement, &*entry);
  }
  const bool cacheable = !known && capacity_ > 0;
  sqlite3_stmt* statement = nullptr;
  const char* tail = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), int(sql.size()), cacheable ? SQLITE_PREPARE_PERSISTENT : 0,
                                      &statement, &tail);
  if (code != SQLITE_OK) return std::unexpected(LastError(code));
  if (statement == nullptr) return Fail("empty statement", Error::Kind::kInvalidInput);
  if (!TrimBlanks(sql.substr(std::size_t(tail - sql.data()))).empty()) {
    sqlite3_finalize(statement);
    return Fail("more than one statement", Error::Kind::kInvalidInput);
  }
  if (!cacheable) return Statement(this, statement, nullptr);
  recent_.push_front({std::string(sql), statement, true});
  by_sql_.emplace(recent_.front().sql, recent_.begin());
  Statement result(this, statement, &recent_.front());
  EvictOldest();
  return result;
}

void Connection::EvictOldest() {
  for (auto entry = recent_.end(); recent_.size() > capacity_ && entry != recent_.begin();) {
    --entry;
    if (entry->in_use) continue;
    by_sql_.erase(entry->sql);
    sqlite3_finalize(entry->statement);
    entry = recent_.erase(entry);
  }
}

void Connection::GiveBack(sqlite3_stmt* statement, void* slot) {
  if (slot == nullptr) {
    sqlite3_finalize(statement);
    return;
  }
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  auto* entry = static_cast<CacheEntry*>(slot);
  entry->in_use = false;
  if (entry->forgotten) {
    sqlite3_finalize(statement);
    recent_.remove_if([entry](const CacheEntry& other) { return &other == entry; });
  } else if (recent_.size() > capacity_) {
    EvictOldest();
  }
}

void Connection::ClearCache() {
  by_sql_.clear();
  std::erase_if(recent_, [](CacheEntry& entry) {
    entry.forgotten = entry.in_use;  // whoever uses it gives it back later
    if (!entry.in_use) sqlite3_finalize(entry.statement);
    return !entry.in_use;
  });
}

Result<void> Connection::Run(std::string_view sql, std::span<const SqlValue> values) {
  auto statement = Prepare(sql);
  if (!statement) return std::unexpected(statement.error());
  statement->BindAll(values);
  for (;;) {
    const auto row = statement->Step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return {};
  }
}

Result<void> Connection::Execute(const std::string& script) {
  const int code = sqlite3_exec(handle_, script.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return std::unexpected(LastError(code));
  return {};
}

Result<SqlValue> Connection::QueryValue(std::string_view sql, std::span<const SqlValue> values) {
  auto statement = Prepare(sql);
  if (!statement) return std::unexpected(statement.error());
  statement->BindAll(values);
  const auto row = statement->Step();
  if (!row) return std::unexpected(row.error());
  return *row ? statement->cell(0).value() : SqlValue();
}

void Connection::SetTimeLimit(std::chrono::steady_clock::duration budget) {
  const bool limited = budget != budget.zero();
  deadline_ = std::chrono::steady_clock::now() + budget;
  if (limited == limited_) return;
  limited_ = limited;
  const auto is_over = [](void* connection) -> int {
    const auto* self = static_cast<const Connection*>(connection);
    return self->limited_ && std::chrono::steady_clock::now() >= self->deadline_;
  };
  sqlite3_progress_handler(handle_, limited ? kStepsBetweenClockChecks : 0, limited ? +is_over : nullptr, this);
}

void Connection::RollBack() {
  const bool limited = std::exchange(limited_, false);
  (void)Run("ROLLBACK");
  limited_ = limited;
}

Error Connection::LastError(int code) const {
  if (handle_ == nullptr) return {Error::Kind::kGeneric, sqlite3_errstr(code)};
  return {KindOf(code, sqlite3_system_errno(handle_)), sqlite3_errmsg(handle_)};
}

}  // namespace wombat

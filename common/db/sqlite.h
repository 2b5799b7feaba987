// SQLite for C++: connections, cached statements, transactions, as RAII handles and error values.
//
// A Connection and everything made from it belongs to one thread at a time. Nothing here throws.
// Errors: Error with the kind mapped from SQLite's result code (kConstraint, kInterrupted, kBusy, kDiskFull).
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/base/result.h"
#include "common/db/value.h"

namespace wombat {

class Connection;
class RemoteCursor;

// Runs the statements of a remote connection: another process within a transaction of its own. Blocks.
class RemoteStatements {
 public:
  struct Rows {
    std::vector<std::string> columns;
    std::vector<SqlValues> rows;
  };
  virtual ~RemoteStatements() = default;
  virtual Result<Rows> Run(const std::string& sql, const SqlValues& values) = 0;
};

// One cell of the current row. Views stay valid until the next Step, Reset or conversion of the same cell.
class Cell {
 public:
  Cell(sqlite3_stmt* statement, int column) : statement_(statement), column_(column) {}
  int type() const { return sqlite3_column_type(statement_, column_); }   // SQLITE_INTEGER, SQLITE_FLOAT, SQLITE_TEXT, …
  bool is_null() const { return type() == SQLITE_NULL; }
  std::int64_t integer() const { return sqlite3_column_int64(statement_, column_); }
  double real() const { return sqlite3_column_double(statement_, column_); }
  std::string_view text() const {
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column_));
    return data ? std::string_view(data, std::size_t(sqlite3_column_bytes(statement_, column_))) : std::string_view();
  }
  SqlValue value() const;

 private:
  sqlite3_stmt* statement_;
  int column_;
};

// A prepared statement taken from its connection's cache; goes back, reset and unbound, when destroyed.
// Must not outlive its connection.
class Statement {
 public:
  Statement() = default;
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  // Parameters count from 1. BindView does not copy: the text must live until the statement is destroyed or rebound.
  void Bind(int parameter, const SqlValue& value);
  void BindView(int parameter, std::string_view text);
  void Bind(int parameter, std::int64_t value) {
    if (cursor_) return BindRemote(parameter, value);
    sqlite3_bind_int64(statement_, parameter, value);
  }
  void Bind(int parameter, double value) {
    if (cursor_) return BindRemote(parameter, value);
    sqlite3_bind_double(statement_, parameter, value);
  }
  void BindNull(int parameter) {
    if (cursor_) return BindRemote(parameter, {});
    sqlite3_bind_null(statement_, parameter);
  }
  // Binds from `first` on; returns the parameter after the last one. The values must outlive the statement's use.
  int BindAll(std::span<const SqlValue> values, int first = 1);

  // True: a row is there. False: done.
  Result<bool> Step();
  void Reset() {
    if (cursor_) return ResetRemote();
    sqlite3_reset(statement_);
  }

  int columns() const { return sqlite3_column_count(statement_); }
  std::string_view column_name(int column) const { return sqlite3_column_name(statement_, column); }
  std::string_view column_declared_type(int column) const;   // "" for expressions
  Cell cell(int column) const { return {statement_, column}; }
  explicit operator bool() const { return statement_ != nullptr || cursor_; }

 private:
  friend class Connection;
  Statement(Connection* connection, sqlite3_stmt* statement, void* slot)
      : connection_(connection), statement_(statement), slot_(slot) {}
  Statement(Connection* connection, std::shared_ptr<RemoteCursor> cursor)
      : connection_(connection), cursor_(std::move(cursor)) {}
  void GiveBack();
  void BindRemote(int parameter, SqlValue value);
  void ResetRemote();
  Result<bool> StepRemote();

  Connection* connection_ = nullptr;
  sqlite3_stmt* statement_ = nullptr;   // of a remote statement: a local one that shows the current row's cells
  void* slot_ = nullptr;   // the cache entry; null when the statement is not cached
  std::shared_ptr<RemoteCursor> cursor_;   // remote statements only
};

class Connection {
 public:
  enum class Mode {
    kReader,     // worker: query_only, never checkpoints
    kWriter,     // writer: synchronous=FULL, checkpoints only when told to
    kAuxiliary,  // the log database in the writer: synchronous=NORMAL
  };
  struct Options {
    Mode mode = Mode::kReader;
    int cache_kib = 32000;
    std::size_t cached_statements = 256;
    bool create = false;
    bool sync = true;          // false only in the power-cut test's counter-proof
  };

  static Result<std::unique_ptr<Connection>> Open(const std::string& path, const Options& options);
  // A connection whose statements `remote` runs, all inside the transaction that is open there: Transaction does nothing on
  // it, time limits are the remote's, and Execute is not available. `remote` must outlive it.
  static Result<std::unique_ptr<Connection>> OpenRemote(RemoteStatements& remote);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // From the cache when the same text was prepared before. The text must hold exactly one statement.
  Result<Statement> Prepare(std::string_view sql);
  // Prepares, binds, steps to the end, ignores rows.
  Result<void> Run(std::string_view sql, std::span<const SqlValue> values = {});
  // Several statements without parameters (DDL, pragmas).
  Result<void> Execute(const std::string& script);
  // First cell of the first row; nullopt-like monostate when there is none.
  Result<SqlValue> QueryValue(std::string_view sql, std::span<const SqlValue> values = {});

  std::int64_t changes() const { return sqlite3_changes64(handle_); }
  std::int64_t last_insert_rowid() const { return sqlite3_last_insert_rowid(handle_); }
  bool in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }
  bool is_remote() const { return remote_ != nullptr; }
  // Drops all cached statements (after DDL by this connection they would only be re-prepared one by one).
  void ClearCache();
  void ReleaseMemory() { sqlite3_db_release_memory(handle_); }

  // Ends the running statement with kInterrupted once `budget` has passed; zero means no limit. Stays until changed.
  void SetTimeLimit(std::chrono::steady_clock::duration budget);

  Error LastError(int code) const;
  sqlite3* handle() { return handle_; }

 private:
  friend class Statement;
  friend class Transaction;
  struct CacheEntry {
    std::string sql;
    sqlite3_stmt* statement = nullptr;
    bool in_use = false;
    bool forgotten = false;        // the cache was cleared while it was in use
  };
  Connection() = default;
  Result<Statement> PrepareHere(std::string_view sql);
  void GiveBack(sqlite3_stmt* statement, void* slot);
  void EvictOldest();
  // Whatever the time limit: a rollback that is interrupted would leave the connection inside its transaction for good.
  void RollBack();

  sqlite3* handle_ = nullptr;
  RemoteStatements* remote_ = nullptr;
  std::size_t capacity_ = 0;
  std::list<CacheEntry> recent_;   // most recently used first
  std::unordered_map<std::string_view, std::list<CacheEntry>::iterator> by_sql_;
  std::chrono::steady_clock::time_point deadline_{};
  bool limited_ = false;
};

// BEGIN … COMMIT around a block; rolls back when destroyed uncommitted.
class Transaction {
 public:
  enum class Kind { kDeferred, kImmediate };
  static Result<Transaction> Begin(Connection& connection, Kind kind);
  Transaction(Transaction&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Result<void> Commit();

 private:
  explicit Transaction(Connection* connection) : connection_(connection) {}
  Connection* connection_;   // null on a remote connection
};

// One read transaction: every statement of a request between begin and end sees the same state.
using ReadSnapshot = Transaction;

}  // namespace wombat

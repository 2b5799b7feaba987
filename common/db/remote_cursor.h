// The rows of a remote statement, shown one after the other through a local one: "SELECT ?1, ?2, …" with a row's values
// bound has exactly its cells, so that whoever reads a Statement need not know where it ran.
#pragma once

#include <string>
#include <utility>

#include "common/db/sqlite.h"

namespace wombat {

class RemoteCursor {
 public:
  RemoteCursor(RemoteStatements& remote, std::string sql) : remote_(remote), sql_(std::move(sql)) {}

  void Bind(int parameter, SqlValue value);
  void Reset() { has_run_ = false; }

  // Runs the statement unless it has run. True: it had to, so that rows() are new ones.
  Result<bool> EnsureRun();
  // The next row; null behind the last one. Its values stay until Reset.
  const SqlValues* NextRow() { return next_ < rows_.rows.size() ? &rows_.rows[next_++] : nullptr; }
  // The statement that shows a row.
  std::string PresenterSql() const;

 private:
  RemoteStatements& remote_;
  std::string sql_;
  SqlValues values_;
  RemoteStatements::Rows rows_;
  std::size_t next_ = 0;
  bool has_run_ = false;
};

}  // namespace wombat

#include "common/db/sqlite.h"

namespace wombat {

Result<Transaction> Transaction::Begin(Connection& connection, Kind kind) {
  const auto begun = connection.Run(kind == Kind::kImmediate ? "BEGIN IMMEDIATE" : "BEGIN");
  if (!begun) return std::unexpected(begun.error());
  return Transaction(connection);
}

Transaction::~Transaction() {
  // SQLite may have rolled back by itself (disk full, interrupted): then there is nothing left to do.
  if (connection_ && connection_->in_transaction()) (void)connection_->Run("ROLLBACK");
}

Result<void> Transaction::Commit() {
  const auto committed = connection_->Run("COMMIT");
  if (!committed) return committed;
  connection_ = nullptr;
  return {};
}

}  // namespace wombat

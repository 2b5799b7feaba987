#include "common/db/sqlite.h"

namespace wombat {

Result<Transaction> Transaction::Begin(Connection& connection, Kind kind) {
  if (connection.is_remote()) return Transaction(nullptr);
  const auto begun = connection.Run(kind == Kind::kImmediate ? "BEGIN IMMEDIATE" : "BEGIN");
  if (!begun) return std::unexpected(begun.error());
  return Transaction(&connection);
}

Transaction::~Transaction() {
  // SQLite may have rolled back by itself (disk full, interrupted): then there is nothing left to do.
  if (connection_ && connection_->in_transaction()) connection_->RollBack();
}

Result<void> Transaction::Commit() {
  if (!connection_) return {};
  const auto committed = connection_->Run("COMMIT");
  if (!committed) return committed;
  connection_ = nullptr;
  return {};
}

}  // namespace wombat

#include "writer/lane/transaction.h"

#include "common/base/text.h"

namespace wombat {

void LaneEffects::Append(LaneEffects&& later) {
  changed_auth_collections.merge(later.changed_auth_collections);
  schema_changed |= later.schema_changed;
  after_success.insert(after_success.end(), std::make_move_iterator(later.after_success.begin()),
                       std::make_move_iterator(later.after_success.end()));
}

Result<void> LaneTransaction::EnsureSavepoint() {
  if (in_savepoint_) return {};
  auto opened = db().Run("SAVEPOINT mutation");
  in_savepoint_ = opened.has_value();
  return opened;
}

void LaneTransaction::EndSavepoint(bool keep) {
  if (!std::exchange(in_savepoint_, false)) return;
  // Where these fail SQLite has given up the whole transaction; the lane notices that before it commits.
  if (!keep) (void)db().Run("ROLLBACK TO mutation");
  (void)db().Run("RELEASE mutation");
}

const CollectionStatements& LaneTransaction::statements(const Collection& collection) {
  auto [at, added] = statements_.try_emplace(&collection);
  if (!added) return at->second;
  std::string table = QuoteName(collection.name);
  std::string columns, marks, sets;
  for (const auto& field : collection.fields) {
    std::string column = QuoteName(field->name);
    if (!columns.empty()) {
      columns += ", ";
      marks += ", ";
      sets += ", ";
    }
    columns += column;
    marks += "?";
    sets += column + " = ?";
  }
  at->second.insert = "INSERT INTO " + table + " (" + columns + ") VALUES (" + marks + ")";
  at->second.update = "UPDATE " + table + " SET " + sets + " WHERE `id` = ?";
  at->second.select_by_id = "SELECT " + collection.select_columns + " FROM " + table + " WHERE " + table + ".`id` = ?";
  at->second.remove = "DELETE FROM " + table + " WHERE `id` = ?";
  return at->second;
}

Result<Record> LaneTransaction::FindRecord(const CollectionPtr& collection, std::string_view id) {
  auto statement = db().Prepare(statements(*collection).select_by_id);
  if (!statement) return std::unexpected(statement.error());
  statement->BindView(1, id);
  auto row = statement->Step();
  if (!row) return std::unexpected(row.error());
  if (!*row) return Fail("no such record", Error::Kind::kNotFound);
  return Record::FromRow(collection, *statement);
}

ApiError WriteFailure(const Error& error, std::string_view message) {
  if (error.kind == Error::Kind::kDiskFull)
    return {507, "The data directory cannot be written: the disk is full or read-only.", Json::Object(), error.message};
  return {400, std::string(message), Json::Object(), error.message};
}

}  // namespace wombat

#include "writer/lane/transaction.h"

#include <algorithm>
#include <iterator>

#include "common/base/text.h"

namespace wombat {

void LaneEffects::Append(LaneEffects&& later) {
  changed_auth_collections.merge(later.changed_auth_collections);
  schema_changed |= later.schema_changed;
  settings_changed |= later.settings_changed;
  all_auth_changed |= later.all_auth_changed;
  after_success.insert(after_success.end(), std::make_move_iterator(later.after_success.begin()),
                       std::make_move_iterator(later.after_success.end()));
  after_error.insert(after_error.end(), std::make_move_iterator(later.after_error.begin()),
                     std::make_move_iterator(later.after_error.end()));
  removed_files.insert(removed_files.end(), std::make_move_iterator(later.removed_files.begin()),
                       std::make_move_iterator(later.removed_files.end()));
  placed_files.insert(placed_files.end(), std::make_move_iterator(later.placed_files.begin()),
                      std::make_move_iterator(later.placed_files.end()));
  changes.insert(changes.end(), std::make_move_iterator(later.changes.begin()), std::make_move_iterator(later.changes.end()));
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

void LaneTransaction::FailEffects(const ApiError& error) {
  LaneEffects failed = TakeEffects();
  for (const auto& hook : failed.after_error) hook(error);
}

void LaneTransaction::FailEffectsSince(EffectsMark mark, const ApiError& error) {
  if (joined_) return;
  effects_.after_success.resize(mark.success);
  effects_.changes.resize(mark.changes);
  std::vector<std::function<void(const ApiError&)>> failed(std::make_move_iterator(effects_.after_error.begin() + std::ptrdiff_t(mark.error)),
                                                           std::make_move_iterator(effects_.after_error.end()));
  effects_.after_error.resize(mark.error);
  for (const auto& hook : failed) hook(error);
}

void LaneTransaction::JoinUntil(std::chrono::steady_clock::time_point deadline) {
  joined_ = true;
  deadline_ = deadline;
  LimitStatements({});
}

void LaneTransaction::EndJoin() {
  joined_ = false;
  LimitStatements({});
}

void LaneTransaction::LimitStatements(std::chrono::steady_clock::duration limit) {
  if (joined_) {
    // A limit of zero would be none: what is over gets the shortest there is.
    auto left = std::max(deadline_ - std::chrono::steady_clock::now(), std::chrono::steady_clock::duration(1));
    limit = limit == limit.zero() ? left : std::min(limit, left);
  }
  db().SetTimeLimit(limit);
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

// What a mutation works with inside the commit lane. One lives for each group of mutations that commit together.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/app/app.h"
#include "common/base/result.h"
#include "common/db/sqlite.h"
#include "common/records/record.h"
#include "common/schema/schema.h"

namespace wombat {

// The statements that write a collection's rows, built once a schema generation.
struct CollectionStatements {
  std::string insert;               // every column, in the order of `fields`
  std::string update;               // every column, then WHERE id = ?
  std::string select_by_id;
  std::string remove;
};

// What a mutation did besides writing rows; counts only when its savepoint was kept and the group's COMMIT succeeded.
struct LaneEffects {
  // Auth collections whose records changed: tokens verified against them are looked up again (design.md, "Identity").
  std::set<std::string> changed_auth_collections;
  bool schema_changed = false;
  // After-success hooks, in the order of the operations. An error replaces the mutation's answer (07 §4.2).
  std::vector<std::function<HookResult()>> after_success;

  void Append(LaneEffects&& later);
};

class LaneTransaction {
 public:
  LaneTransaction(Connection& connection, App& app, SchemaPtr schema,
                  std::unordered_map<const Collection*, CollectionStatements>& statements)
      : connection_(connection), app_(app), schema_(std::move(schema)), statements_(statements) {}

  Connection& db() { return connection_; }
  App& app() { return app_; }
  const Schema& schema() const { return *schema_; }
  const SchemaPtr& schema_ptr() const { return schema_; }
  const CollectionStatements& statements(const Collection& collection);

  // A mutation whose one statement is its only write needs no savepoint: a statement that fails has changed nothing. All
  // others call this before their first write; the lane rolls back to it, or keeps it. (A savepoint makes SQLite copy every
  // page before it is changed.)
  Result<void> EnsureSavepoint();
  // Lane: ends the savepoint, if the mutation opened one.
  void EndSavepoint(bool keep);

  LaneEffects& effects() { return effects_; }
  LaneEffects TakeEffects() { return std::exchange(effects_, {}); }
  void DropEffects() { effects_ = {}; }

  // The stored row; kNotFound when there is none.
  Result<Record> FindRecord(const CollectionPtr& collection, std::string_view id);

 private:
  Connection& connection_;
  App& app_;
  SchemaPtr schema_;
  std::unordered_map<const Collection*, CollectionStatements>& statements_;
  LaneEffects effects_;
  bool in_savepoint_ = false;
};

// Turns an internal failure into the answer of an operation that could not write: 5xx for a full or read-only disk and for
// anything unexpected, the operation's own message otherwise.
ApiError WriteFailure(const Error& error, std::string_view message);

}  // namespace wombat

// What a mutation works with inside the commit lane. One lives for each group of mutations that commit together.
#pragma once

#include <chrono>
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
#include "writer/lane/announcer.h"

namespace wombat {

class FileKeeper;

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
  bool settings_changed = false;
  // All cached tokens are looked up again: nobody knows which records changed.
  bool all_auth_changed = false;
  // After-success hooks, in the order of the operations. An error replaces the mutation's answer (07 §4.2).
  std::vector<std::function<HookResult()>> after_success;
  // After-error hooks of the same operations, for when they succeeded and are rolled back all the same (07 §4.2).
  std::vector<std::function<void(const ApiError&)>> after_error;
  // Files that no record needs any more: their keys, and the prefixes of deleted records and collections.
  std::vector<std::string> removed_files;
  // Files that records need from now on, in a folder that may be among those.
  std::vector<std::string> placed_files;
  // Saved and deleted records that workers want to know of; those of an uninteresting collection only where a delete of the
  // same mutation may be judged with them.
  RecordChanges changes;

  void Append(LaneEffects&& later);
};

// How the settings are kept, and which generation of them stands.
struct LaneSettings {
  std::string encryption_env;
  std::uint64_t generation = 0;
};

class LaneTransaction {
 public:
  LaneTransaction(Connection& connection, App& app, SchemaPtr schema,
                  std::unordered_map<const Collection*, CollectionStatements>& statements, LaneSettings settings = {})
      : connection_(connection), app_(app), schema_(std::move(schema)), statements_(statements), settings_(std::move(settings)) {}

  Connection& db() { return connection_; }
  App& app() { return app_; }
  const Schema& schema() const { return *schema_; }
  const SchemaPtr& schema_ptr() const { return schema_; }
  const LaneSettings& settings() const { return settings_; }
  const CollectionStatements& statements(const Collection& collection);
  // Null only in a transaction that nobody gave any.
  FileKeeper* files() { return files_; }
  void UseFiles(FileKeeper& files) { files_ = &files; }
  // Null: nobody is told what changed.
  Announcer* announcer() { return announcer_; }
  void UseAnnouncer(Announcer* announcer) { announcer_ = announcer; }

  // A mutation whose one statement is its only write needs no savepoint: a statement that fails has changed nothing. All
  // others call this before their first write; the lane rolls back to it, or keeps it. (A savepoint makes SQLite copy every
  // page before it is changed.)
  Result<void> EnsureSavepoint();
  // Lane: ends the savepoint, if the mutation opened one.
  void EndSavepoint(bool keep);

  LaneEffects& effects() { return effects_; }
  LaneEffects TakeEffects() { return std::exchange(effects_, {}); }
  void DropEffects() { effects_ = {}; }
  // What was done is rolled back because of `error`: drops the effects and runs the after-error hooks.
  void FailEffects(const ApiError& error);
  // The same for what was done since `Mark`; within a batch or session nothing yet, as its end decides for all (07 §4.2).
  struct EffectsMark {
    std::size_t success, error, changes;
  };
  EffectsMark Mark() const { return {effects_.after_success.size(), effects_.after_error.size(), effects_.changes.size()}; }
  void FailEffectsSince(EffectsMark mark, const ApiError& error);

  // A batch or session: several mutations that stand or fall together, within a time limit.
  void JoinUntil(std::chrono::steady_clock::time_point deadline);
  void EndJoin();
  bool time_is_up() const { return joined_ && std::chrono::steady_clock::now() >= deadline_; }
  // Statements from now on may take so long, zero: as long as they like; but never past the deadline.
  void LimitStatements(std::chrono::steady_clock::duration limit);

  // The stored row; kNotFound when there is none.
  Result<Record> FindRecord(const CollectionPtr& collection, std::string_view id);

 private:
  Connection& connection_;
  App& app_;
  SchemaPtr schema_;
  std::unordered_map<const Collection*, CollectionStatements>& statements_;
  LaneSettings settings_;
  FileKeeper* files_ = nullptr;
  Announcer* announcer_ = nullptr;
  LaneEffects effects_;
  bool in_savepoint_ = false;
  bool joined_ = false;
  std::chrono::steady_clock::time_point deadline_{};
};

// The answer to all of a transaction whose COMMIT (or BEGIN) failed.
ApiError CommitFailure(const Error& error);

// Turns an internal failure into the answer of an operation that could not write: 5xx for a full or read-only disk and for
// anything unexpected, the operation's own message otherwise.
ApiError WriteFailure(const Error& error, std::string_view message);

}  // namespace wombat

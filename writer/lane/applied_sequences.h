// Remembers which mutations were applied, in the same transaction that applied them, so that one which a worker sends again
// after the writer's death is answered instead of redone (design.md, invariant 2).
//
// A row for each worker incarnation in `_wombat_lane`, holding the sequences that were applied and not yet known to be
// answered. The table exists only while a server runs: a cleanly closed directory does not contain it.
#pragma once

#include <cstdint>
#include <set>
#include <unordered_map>

#include "common/base/result.h"
#include "common/db/sqlite.h"

namespace wombat {

class AppliedSequences {
 public:
  // What an earlier writer left.
  Result<void> Load(Connection& connection);
  // Forgets everything: a new server start has only new incarnations.
  Result<void> Clear(Connection& connection);

  bool Contains(std::uint64_t incarnation, std::uint64_t sequence) const;
  void Add(std::uint64_t incarnation, std::uint64_t sequence, std::uint64_t oldest_unanswered);

  // Writes what changed since the last call; inside the transaction of the mutations themselves.
  Result<void> Save(Connection& connection);
  // The transaction was rolled back: what was added since the last successful Save is forgotten.
  void Revert();
  void Committed() { added_.clear(); }

 private:
  std::unordered_map<std::uint64_t, std::set<std::uint64_t>> applied_;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> added_;
  std::set<std::uint64_t> dirty_;
  bool has_table_ = false;
};

}  // namespace wombat

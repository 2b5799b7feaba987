// `_logs` as the log store's thread sees it: bulk inserts, purging in small steps, a bounded WAL.  spec 06 §15, 05 §5.4
// Belongs to one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/db/sqlite.h"
#include "writer/jobs/log_queue.h"

namespace wombat {

class LogTable {
 public:
  explicit LogTable(std::unique_ptr<Connection> connection);
  ~LogTable();

  // All rows in one transaction, or none.
  Result<void> Insert(const std::vector<LogChunk>& chunks);

  // Starts over with new limits: rows with created <= `created_until` go, and, with `min_level`, those below it.
  void StartPurge(std::string created_until, const int* min_level, bool vacuum_after);
  bool purging() const { return !purge_steps_.empty(); }
  // Deletes at most some thousand rows in a transaction of its own.
  Result<void> PurgeSome();

  // Moves the WAL back into the database when it has grown.
  void CheckpointIfDue();
  // The same at once, and cuts the WAL; left undone while somebody reads an old state.
  void Checkpoint();
  // Gives the page cache back; it fills again.
  void ReleaseMemory();

 private:
  // One kind of row to purge. Each uses an index, so a step reads little more than it deletes.
  struct PurgeStep {
    std::string sql;
    SqlValues values;
  };

  Result<void> InsertAll(const std::vector<LogChunk>& chunks);

  std::unique_ptr<Connection> connection_;
  std::vector<PurgeStep> purge_steps_;  // the next one last
  bool vacuum_after_ = false;
  int wal_frames_ = 0;
};

}  // namespace wombat

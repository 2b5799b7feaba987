// Room for the write-ahead log before it is needed.
#pragma once

#include <string>

namespace wombat {

// As many frames as the WAL has when it is copied back while the server is idle (commit_lane.cpp).
inline constexpr long kReservedWalBytes = 4 << 20;

// Fills `wal_path`, which exists, with zeros up to kReservedWalBytes: a sync of bytes inside a file writes those bytes, a sync
// of bytes that made it longer writes its inode, too. What lies behind the last valid frame means nothing to SQLite. Best
// effort: without room the WAL grows as it goes. The caller holds the database's write lock.
void ReserveWal(const std::string& wal_path);

}  // namespace wombat

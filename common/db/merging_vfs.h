// Writes a commit's WAL frames with one system call instead of two for each page.
//
// SQLite hands its VFS every frame as two writes (24 bytes of header, one page). This VFS, laid over the default one, keeps
// consecutive writes to a `-wal` file in memory and passes them on together: when a frame that ends a transaction is
// complete, at a sync, before a read that they cover, at a jump, or when kMergedBytes are held. So nothing is held back
// once a commit becomes visible to other connections, whatever the `synchronous` setting; other files pass through.
#pragma once

#include <cstddef>

namespace wombat {

// SQLite's Unix VFS takes less than 128 KiB at a time.
inline constexpr std::size_t kMergedBytes = 120 * 1024;

// The name to open a connection with. Registered at the first call over whatever the default VFS is then; null when memory
// is short (the default VFS serves as well). Any thread, one call at a time.
const char* MergingVfsName();

}  // namespace wombat

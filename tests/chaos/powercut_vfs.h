// An SQLite VFS for power-cut tests: the system's own, plus a journal of everything that is not synced yet.
//
// For each database and write-ahead log that is written, `<file>.undo` holds the bytes that each write or truncation
// since the last xSync replaced, oldest first. The test kills every process (what they wrote stays in the page cache),
// then plays the journal back (tests/chaos/lib/powercut.mjs): what is left is what a disk may hold after the power
// went. Shared memory is the system's own: it is lost in any case.
//
// A record is {u32 magic, u32 length, u64 offset, u64 size of the file before}, then `length` bytes that were at
// `offset`.
#pragma once

namespace wombat::powercut {

// Makes it the default VFS of this process and of those that it forks. With WOMBAT_TEST_NO_SYNC=1 in the environment
// xSync does nothing and forgets nothing: a disk that lies. False when SQLite refuses.
bool RegisterVfs();

}  // namespace wombat::powercut

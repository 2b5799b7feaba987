// Files for content that is on its way: from a client into a storage, or from a bucket to whoever needs a whole file.
//                                                                                        Behaviour: spec 05 §2.5, 06 §14.
// They have no name, so nothing has to be cleared up after a process that dies. Safe on any thread; blocks.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/storage/storage.h"

namespace wombat {

// Where to make them for the files of a data directory: on the disk that these are on.
std::string SpoolFolder(const std::string& data_dir);

// A new, empty one, open for reading and writing. Error: kDiskFull, others.
Result<std::shared_ptr<UniqueFd>> NewSpoolFile(const std::string& folder);

// Gives it a name, after which it is an ordinary file. kGeneric: it cannot have one (another disk, an old file system);
// its content must be copied then.
Result<void> LinkSpoolFile(int file, const std::string& path);

// The whole content of an object as a file: its own where it is one, else a new one in `folder`.
Result<SpooledContent> ContentAsFile(const StoredObject& object, const std::string& folder);

}  // namespace wombat

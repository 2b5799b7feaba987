// Thumbs of stored images: found, or made once and stored beside them.                    Behaviour: spec 05 §2.1, §2.3.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "common/schema/fields/file.h"
#include "common/storage/storage.h"
#include "worker/runtime.h"

namespace wombat {

// What a request for a file is answered with.
struct ServedFile {
  StoredObject object;
  std::string key;
  std::string name;                // for the client
  std::string thumb_error;         // why it is the original though a thumb was asked for
};

// "" when the field has no thumbs of this size: the original is served then.
std::string_view AllowedThumbSize(const FileField& field, std::string_view asked);

struct WantedFile {
  std::string key, name;
  std::string thumb_size;          // "": the original
  bool whole = true;               // all of the content will be sent
};
// Error: the original is not there or cannot be read.
Task<Result<ServedFile>> FindServedFile(Runtime& runtime, std::shared_ptr<Storage> storage, WantedFile wanted);

// Threads that scale images at once in a worker, and how long a request waits for one (PB_THUMBS_MAX_WORKERS,
// PB_THUMBS_MAX_WAIT).
int ThumbThreads();
std::chrono::seconds ThumbWait();

}  // namespace wombat

// Where the files of records are kept: objects by key, each with attributes.             Behaviour: spec 05 §2.5, 06 §14.
//
// One interface for the data directory and for what else can keep objects. Every call may block (a disk, a network): never
// on a loop. Objects never change: they are written once under a name of their own, and deleted. Safe on any thread.
#pragma once

#include <cstdint>
#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace wombat {

struct ObjectOptions {
  std::string content_type;
  std::string original_name;       // the client's name; "" for none
};

// An object that is there, opened for reading.
struct StoredObject {
  std::string content_type;
  std::uint64_t size = 0;
  struct timespec modified {};
  std::shared_ptr<UniqueFd> file;  // the content
};

class Storage {
 public:
  virtual ~Storage() = default;

  // The object is there as a whole or not at all, and synced when this returns.
  // Errors: kInvalidInput for a reserved key or a name that is no UTF-8, kDiskFull, others.
  virtual Result<void> Write(std::string_view key, std::string_view content, const ObjectOptions& options) = 0;
  // kNotFound: there is no such object. Attributes that cannot be read are an error, missing ones are not.
  virtual Result<StoredObject> Open(std::string_view key) = 0;
  virtual Result<bool> Exists(std::string_view key) = 0;
  virtual Result<void> Move(std::string_view from, std::string_view to) = 0;
  // kNotFound: there was nothing.
  virtual Result<void> Delete(std::string_view key) = 0;
  // Whatever there is of an object, half-written or derived from it, and its folder when that is empty then.
  virtual void Discard(std::string_view key) = 0;
  // Keys in lexical order.
  virtual Result<std::vector<std::string>> List(std::string_view prefix) = 0;
  // The names between `prefix`, which ends in "/", and the next "/".
  virtual Result<std::vector<std::string>> ListFolders(std::string_view prefix) = 0;
  virtual Result<void> DeletePrefix(std::string_view prefix) = 0;
  // Takes everything below a prefix that ends in "/" away at once: what is written there afterwards is not touched any more.
  // Returns the rest of the work, which may take long.
  virtual std::function<void()> Detach(std::string_view prefix) = 0;
};

}  // namespace wombat

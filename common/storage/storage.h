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
  // Nobody looks for the object before the writing call has returned (an upload, whose record comes later). It may have its
  // name before its content is synced then, which saves waiting for the disk.
  bool unknown_before = false;
};

// Content on the local disk, on its way into a storage.
struct SpooledContent {
  std::shared_ptr<UniqueFd> file;  // without a name (common/storage/spool.h); read by position only
  std::uint64_t size = 0;
  std::string md5;                 // in base64; "": nobody has computed it yet
};

// The content of an object that is no file here. One call at a time; blocks.
class RemoteContent {
 public:
  virtual ~RemoteContent() = default;
  // The next bytes from `offset` on: at least one, at most `size`. Nothing from `end` on is asked for; going on where the
  // call before ended is cheap.
  virtual Result<std::size_t> Read(std::uint64_t offset, std::uint64_t end, char* buffer, std::size_t size) = 0;
};

// An object that is there, opened for reading.
struct StoredObject {
  std::string content_type;
  std::uint64_t size = 0;
  struct timespec modified {};
  std::shared_ptr<UniqueFd> file;         // the content; null: it is …
  std::shared_ptr<RemoteContent> remote;  // … elsewhere
};

class Storage {
 public:
  virtual ~Storage() = default;

  // Objects are files of a local folder, at hand without anybody else's help.
  virtual bool is_local() const = 0;

  // The object is there as a whole or not at all, and synced when this returns.
  // Errors: kInvalidInput for a reserved key or a name that is no UTF-8, kDiskFull, others.
  virtual Result<void> Write(std::string_view key, std::string_view content, const ObjectOptions& options) = 0;
  // The same for content of any size. A local storage makes the file its own where it can, instead of copying it: nobody
  // may write to it any more, whatever comes of it.
  virtual Result<void> WriteSpooled(std::string_view key, const SpooledContent& content, const ObjectOptions& options) = 0;
  // To be read as a whole. kNotFound: there is no such object. Attributes that cannot be read are an error, missing ones not.
  virtual Result<StoredObject> Open(std::string_view key) = 0;
  // The same when the content is perhaps not needed, or not from its beginning.
  virtual Result<StoredObject> Look(std::string_view key) = 0;
  virtual Result<bool> Exists(std::string_view key) = 0;
  virtual Result<void> Move(std::string_view from, std::string_view to) = 0;
  // kNotFound: there was nothing, where the storage can tell.
  virtual Result<void> Delete(std::string_view key) = 0;
  // Whatever there is of an object, half-written or derived from it, and its folder when that is empty then.
  virtual Result<void> Discard(std::string_view key) = 0;
  // Keys in lexical order.
  virtual Result<std::vector<std::string>> List(std::string_view prefix) = 0;
  // The names between `prefix`, which ends in "/", and the next "/".
  virtual Result<std::vector<std::string>> ListFolders(std::string_view prefix) = 0;
  // `spare` takes out of each list of keys those that shall stay; null: none.
  using Spare = std::function<void(std::vector<std::string>& keys)>;
  virtual Result<void> DeletePrefix(std::string_view prefix, const Spare& spare) = 0;
};

}  // namespace wombat

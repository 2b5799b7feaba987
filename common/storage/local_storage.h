// Objects as files of a folder, each with its sidecar, as the reference lays them out.    Behaviour: spec 05 §2.5, 06 §14.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "common/storage/storage.h"

namespace wombat {

class LocalStorage final : public Storage {
 public:
  // `trash`: a folder on the same file system, for what waits to be deleted. Neither has to exist yet.
  LocalStorage(std::string root, std::string trash);

  bool is_local() const override { return true; }
  Result<void> Write(std::string_view key, std::string_view content, const ObjectOptions& options) override;
  Result<void> WriteSpooled(std::string_view key, const SpooledContent& content, const ObjectOptions& options) override;
  Result<StoredObject> Open(std::string_view key) override;
  Result<StoredObject> Look(std::string_view key) override { return Open(key); }
  Result<bool> Exists(std::string_view key) override;
  Result<void> Move(std::string_view from, std::string_view to) override;
  Result<void> Delete(std::string_view key) override;
  Result<void> Discard(std::string_view key) override;
  Result<std::vector<std::string>> List(std::string_view prefix) override;
  Result<std::vector<std::string>> ListFolders(std::string_view prefix) override;
  Result<void> DeletePrefix(std::string_view prefix, const Spare& spare) override;
  // Takes everything below a prefix that ends in "/" away at once: what is written there afterwards is not touched any more.
  // Returns the rest of the work, which may take long.
  std::function<void()> Detach(std::string_view prefix);

 private:
  // Error: the key is reserved.
  Result<std::string> PathOf(std::string_view key) const;
  // A new file, not synced yet.
  struct Made {
    std::shared_ptr<UniqueFd> file;
    std::string md5;               // of its content
  };
  using MakeFile = std::function<Result<Made>(const std::string& path)>;
  Result<void> Put(std::string_view key, const ObjectOptions& options, const MakeFile& make);
  Result<void> PutFiles(const std::string& temporary, const std::string& path, const ObjectOptions& options, const MakeFile& make);

  // The entries of the folders above a file: of the file's own always, of its collection's once.
  Result<void> SyncFolders(const std::string& path);

  std::string root_;
  std::string trash_;
  std::mutex mutex_;
  // Folders of collections whose own entries are known to be synced, each with what tells it from a later one of its name.
  std::map<std::string, std::uint64_t> synced_;
};

// The files of the records of a data directory.
std::unique_ptr<LocalStorage> OpenLocalStorage(const std::string& data_dir);

}  // namespace wombat

// Objects as files of a folder, each with its sidecar, as the reference lays them out.    Behaviour: spec 05 §2.5, 06 §14.
#pragma once

#include <string>

#include "common/storage/storage.h"

namespace wombat {

class LocalStorage final : public Storage {
 public:
  // `trash`: a folder on the same file system, for what waits to be deleted. Neither has to exist yet.
  LocalStorage(std::string root, std::string trash);

  Result<void> Write(std::string_view key, std::string_view content, const ObjectOptions& options) override;
  Result<StoredObject> Open(std::string_view key) override;
  Result<bool> Exists(std::string_view key) override;
  Result<void> Move(std::string_view from, std::string_view to) override;
  Result<void> Delete(std::string_view key) override;
  void Discard(std::string_view key) override;
  Result<std::vector<std::string>> List(std::string_view prefix) override;
  Result<std::vector<std::string>> ListFolders(std::string_view prefix) override;
  Result<void> DeletePrefix(std::string_view prefix) override;
  std::function<void()> Detach(std::string_view prefix) override;

 private:
  // Error: the key is reserved.
  Result<std::string> PathOf(std::string_view key) const;

  std::string root_;
  std::string trash_;
};

// The files of the records of a data directory.
std::unique_ptr<Storage> OpenLocalStorage(const std::string& data_dir);

}  // namespace wombat

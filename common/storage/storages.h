// The storage that the settings name, kept as long as they do.                            Behaviour: spec 05 §2.6.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "common/base/json.h"
#include "common/storage/local_storage.h"

namespace wombat {

// Safe on any thread; quick. Whoever goes on with something after a change of the settings keeps the storage it began with.
class Storages {
 public:
  explicit Storages(const std::string& data_dir) : local_(OpenLocalStorage(data_dir)) {}

  // `s3`: that member of the settings, null for none; `generation`: of them, 0 when it is not known.
  // Error: they name a bucket, but something is missing.
  Result<std::shared_ptr<Storage>> Choose(const Json* s3, std::uint64_t generation);
  const std::shared_ptr<LocalStorage>& local() const { return local_; }

 private:
  const std::shared_ptr<LocalStorage> local_;
  std::mutex mutex_;
  std::uint64_t generation_ = 0;
  std::shared_ptr<Storage> chosen_;
};

}  // namespace wombat

#include "common/storage/storages.h"

#include "common/storage/s3_storage.h"

namespace wombat {

Result<std::shared_ptr<Storage>> Storages::Choose(const Json* s3, std::uint64_t generation) {
  std::lock_guard lock(mutex_);
  if (generation != 0 && generation == generation_ && chosen_) return chosen_;
  if (!s3 || !s3->BoolOr("enabled")) {
    chosen_ = local_;
  } else {
    auto options = S3Options::FromSettings(*s3);
    if (!options) return std::unexpected(options.error());
    const auto* kept = chosen_ && !chosen_->is_local() ? static_cast<const S3Storage*>(chosen_.get()) : nullptr;
    if (!kept || kept->options() != *options) chosen_ = std::make_shared<S3Storage>(std::move(*options));
  }
  generation_ = generation;
  return chosen_;
}

}  // namespace wombat

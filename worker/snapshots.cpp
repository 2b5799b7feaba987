#include "worker/snapshots.h"

namespace wombat {

Result<void> Snapshots::Refresh() {
  // The generation is read before the tables: what is loaded is then at least as new as it, and anything newer raises it
  // again.
  std::uint64_t schema_generation = page_.schema_generation.load(std::memory_order_acquire);
  if (!schema_ || schema_->generation() != schema_generation) {
    auto schema = LoadSchema(reader_, schema_generation);
    if (!schema) return std::unexpected(schema.error());
    schema_ = std::move(*schema);
  }
  std::uint64_t settings_generation = page_.settings_generation.load(std::memory_order_acquire);
  if (!settings_ || settings_generation_ != settings_generation) {
    auto settings = LoadSettings(reader_, encryption_env_);
    if (!settings) return std::unexpected(settings.error());
    settings_ = std::make_shared<const Settings>(std::move(*settings));
    settings_generation_ = settings_generation;
  }
  return {};
}

}  // namespace wombat

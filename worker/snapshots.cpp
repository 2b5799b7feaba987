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
    // SQLite tells a statement from a changed schema by the tables that it reads. One over a view that reads none would go
    // on as it is.
    reader_.ClearCache();
  }
  std::uint64_t settings_generation = page_.settings_generation.load(std::memory_order_acquire);
  if (!settings_ || settings_->generation != settings_generation) {
    auto settings = LoadSettings(reader_, encryption_env_);
    if (!settings) return std::unexpected(settings.error());
    settings->generation = settings_generation;
    auto fresh = std::make_shared<const Settings>(std::move(*settings));
    if (!std::exchange(settings_, fresh) || !app_) return {};
    SettingsReloadEvent event;
    event.app = app_;
    // Its handlers have nothing to refuse: the settings are in force.
    (void)app_->on_settings_reload.Trigger(event, {}, [](SettingsReloadEvent&) { return HookResult{}; });
  }
  return {};
}

}  // namespace wombat

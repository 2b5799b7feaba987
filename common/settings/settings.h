// The application's settings, one JSON document in `_params`.                 Behaviour: spec 06 §9, 05 §4.
// Typed where this version uses a value; the document itself is kept whole, so unknown keys survive a save.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/json.h"
#include "common/base/result.h"
#include "common/db/sqlite.h"

namespace wombat {

class Settings {
 public:
  // The reference's defaults (06 §9).
  Settings();
  // Overlays stored text onto the defaults. Error: text that is no object or has a value of the wrong type.
  static Result<Settings> FromJson(std::string_view text);
  // In the documented key order; what is stored.
  std::string ToStored() const;

  struct { std::int64_t max_days = 5; int min_level = 0; bool log_ip = true; bool log_auth_id = false; } logs;
  struct { std::string app_name = "Acme", app_url = "http://localhost:8090"; } meta;
  std::vector<std::string> superuser_ips;
  struct { std::vector<std::string> headers; bool use_leftmost_ip = false; } trusted_proxy;
  struct { bool enabled = false; std::int64_t max_requests = 50, timeout = 3, max_body_size = 0; } batch;

  const Json& document() const { return document_; }

 private:
  Json document_;
};

using SettingsPtr = std::shared_ptr<const Settings>;

// Reads the row; a missing one gives the defaults. `encryption_env` is the NAME of the variable that holds the key ("" for
// none). Errors have the texts of spec 06 §4.
Result<Settings> LoadSettings(Connection& connection, const std::string& encryption_env);
// Inserts or updates the row (bytes, or encrypted text when the variable is set).
Result<void> StoreSettings(Connection& connection, const Settings& settings, const std::string& encryption_env);
bool SettingsRowExists(Connection& connection);

}  // namespace wombat

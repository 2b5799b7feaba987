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
  // A copy with a request's members put onto it (05 §4.2). Error: a value of the wrong type.
  Result<Settings> With(const Json& changes) const;
  // In the documented key order; what is stored.
  std::string ToStored() const;
  // The same without secrets: what the API shows.
  std::string ToPublic() const;
  // A copy in which the labels "old:…" of rate limits are "new:…"; a collection was renamed.
  Settings WithRenamedLabels(std::string_view old_name, std::string_view new_name) const;

  struct { std::int64_t max_days = 5; int min_level = 0; bool log_ip = true; bool log_auth_id = false; } logs;
  struct { std::string app_name = "Acme", app_url = "http://localhost:8090"; } meta;
  std::vector<std::string> superuser_ips;
  struct { std::vector<std::string> headers; bool use_leftmost_ip = false; } trusted_proxy;
  struct { bool enabled = false; std::int64_t max_requests = 50, timeout = 3, max_body_size = 0; } batch;

  struct RateLimitRule {
    std::string label, audience;
    std::int64_t duration = 0, max_requests = 0;
  };
  // Read-only: changed through the document.
  struct { bool enabled = false; std::vector<RateLimitRule> rules; std::vector<std::string> excluded_ips; } rate_limits;

  const Json& document() const { return document_; }
  // With the typed members as they are by now.
  Json ToDocument() const;
  // Of the shared page, when these were loaded by somebody who follows it.
  std::uint64_t generation = 0;

 private:
  void TakeDocument(Json document);
  Json document_;
};

using SettingsPtr = std::shared_ptr<const Settings>;

// Reads the row; a missing one gives the defaults. `encryption_env` is the NAME of the variable that holds the key ("" for
// none). Errors have the texts of spec 06 §4.
Result<Settings> LoadSettings(Connection& connection, const std::string& encryption_env);
// Changes with every save: of the row as it is stored; 0 without one.
Result<std::uint64_t> SettingsFingerprint(Connection& connection);
// Inserts or updates the row (bytes, or encrypted text when the variable is set).
Result<void> StoreSettings(Connection& connection, const Settings& settings, const std::string& encryption_env);
bool SettingsRowExists(Connection& connection);

}  // namespace wombat

#include "common/settings/settings.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "common/base/time.h"
#include "common/settings/encryption.h"
#include "common/settings/shape.h"

namespace wombat {
namespace {

const Json& Section(const Json& document, std::string_view key) {
  static const Json kEmpty = Json::Object();
  const Json* section = document.Find(key);
  return section ? *section : kEmpty;
}

// Doubles past 2^63 cannot come from a checked document; the clamp keeps the conversion defined anyway.
std::int64_t Integer(const Json& section, std::string_view key) {
  const double value = section.NumberOr(key);
  if (value >= 9223372036854775807.0) return std::numeric_limits<std::int64_t>::max();
  if (value <= -9223372036854775808.0) return std::numeric_limits<std::int64_t>::min();
  return std::int64_t(value);
}

int SmallInteger(const Json& section, std::string_view key) {
  return int(std::clamp<std::int64_t>(Integer(section, key), std::numeric_limits<int>::min(),
                                      std::numeric_limits<int>::max()));
}

std::vector<std::string> Texts(const Json& section, std::string_view key) {
  std::vector<std::string> texts;
  if (const Json* list = section.Find(key); list && list->is_array()) {
    for (const Json& element : list->as_array()) {
      if (element.is_string()) texts.push_back(element.as_string());
    }
  }
  return texts;
}

// The variable is read at each save and load, so that it can be set or changed between two saves (06 §9.1).
std::string EncryptionKey(const std::string& encryption_env) {
  if (encryption_env.empty()) return {};
  const char* value = std::getenv(encryption_env.c_str());
  return value ? value : "";
}

}  // namespace

Settings::Settings() : document_(settings::DefaultDocument()) {}

Result<Settings> Settings::FromJson(std::string_view text) {
  Settings result;
  Json& document = result.document_;
  if (auto overlaid = settings::Overlay(document, text); !overlaid) return std::unexpected(overlaid.error());

  const Json& logs = Section(document, "logs");
  result.logs.max_days = Integer(logs, "maxDays");
  result.logs.min_level = SmallInteger(logs, "minLevel");
  result.logs.log_ip = logs.BoolOr("logIP");
  result.logs.log_auth_id = logs.BoolOr("logAuthId");
  const Json& meta = Section(document, "meta");
  result.meta.app_name = meta.StringOr("appName");
  result.meta.app_url = meta.StringOr("appURL");
  result.superuser_ips = Texts(document, "superuserIPs");
  const Json& proxy = Section(document, "trustedProxy");
  result.trusted_proxy.headers = Texts(proxy, "headers");
  result.trusted_proxy.use_leftmost_ip = proxy.BoolOr("useLeftmostIP");
  const Json& batch = Section(document, "batch");
  result.batch.enabled = batch.BoolOr("enabled");
  result.batch.max_requests = Integer(batch, "maxRequests");
  result.batch.timeout = Integer(batch, "timeout");
  result.batch.max_body_size = Integer(batch, "maxBodySize");
  return result;
}

// The typed members are what the program changes, so they win over the document that they were read from.
std::string Settings::ToStored() const {
  Json document = document_;
  Json& logs_section = document["logs"];
  logs_section["maxDays"] = logs.max_days;
  logs_section["minLevel"] = logs.min_level;
  logs_section["logIP"] = logs.log_ip;
  logs_section["logAuthId"] = logs.log_auth_id;
  document["meta"]["appName"] = meta.app_name;
  document["meta"]["appURL"] = meta.app_url;
  document["superuserIPs"] = Json(superuser_ips);
  document["trustedProxy"]["headers"] = Json(trusted_proxy.headers);
  document["trustedProxy"]["useLeftmostIP"] = trusted_proxy.use_leftmost_ip;
  Json& batch_section = document["batch"];
  batch_section["enabled"] = batch.enabled;
  batch_section["maxRequests"] = batch.max_requests;
  batch_section["timeout"] = batch.timeout;
  batch_section["maxBodySize"] = batch.max_body_size;
  return settings::Write(document);
}

Result<Settings> LoadSettings(Connection& connection, const std::string& encryption_env) {
  auto statement = connection.Prepare("SELECT `value` FROM `_params` WHERE `id` = 'settings'");
  if (!statement) return std::unexpected(statement.error());
  auto row = statement->Step();
  if (!row) return std::unexpected(row.error());
  if (!*row) return Settings();

  const std::string stored(statement->cell(0).text());
  if (auto plain = Settings::FromJson(stored)) return plain;
  const std::string key = EncryptionKey(encryption_env);
  if (key.empty()) {
    return Fail("invalid settings db data or missing encryption key \"" + encryption_env + "\"");
  }
  auto decrypted = DecryptText(stored, key);
  if (!decrypted) return std::unexpected(decrypted.error());
  return Settings::FromJson(*decrypted);
}

Result<void> StoreSettings(Connection& connection, const Settings& settings, const std::string& encryption_env) {
  SqlValue value;
  if (const std::string key = EncryptionKey(encryption_env); key.empty()) {
    value = Blob{settings.ToStored()};
  } else {
    auto sealed = EncryptText(settings.ToStored(), key);
    if (!sealed) return std::unexpected(sealed.error());
    value = std::move(*sealed);
  }
  const SqlValues values = {std::move(value), NowText()};
  if (auto updated =
          connection.Run("UPDATE `_params` SET `value` = ?1, `updated` = ?2 WHERE `id` = 'settings'", values);
      !updated || connection.changes() > 0) {
    return updated;
  }
  return connection.Run("INSERT INTO `_params` (`id`, `value`, `created`, `updated`) VALUES ('settings', ?1, ?2, ?2)",
                        values);
}

bool SettingsRowExists(Connection& connection) {
  auto found = connection.QueryValue("SELECT 1 FROM `_params` WHERE `id` = 'settings'");
  return found && std::holds_alternative<std::int64_t>(*found);
}

}  // namespace wombat

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

Settings::Settings() { TakeDocument(settings::DefaultDocument()); }

Result<Settings> Settings::FromJson(std::string_view text) {
  auto given = ParseJson(text);
  if (!given) return Fail(given.error().message, Error::Kind::kInvalidInput);
  Json document = settings::DefaultDocument();
  if (auto overlaid = settings::Overlay(document, *given, settings::UnknownKeys::kKeep); !overlaid)
    return std::unexpected(overlaid.error());
  Settings result;
  result.TakeDocument(std::move(document));
  return result;
}

Result<Settings> Settings::With(const Json& changes) const {
  Json document = ToDocument();
  if (auto overlaid = settings::Overlay(document, changes, settings::UnknownKeys::kIgnore); !overlaid)
    return std::unexpected(overlaid.error());
  Settings result;
  result.TakeDocument(std::move(document));
  return result;
}

Settings Settings::WithRenamedLabels(std::string_view old_name, std::string_view new_name) const {
  Json document = ToDocument();
  const std::string prefix = std::string(old_name) + ":";
  if (Json* rules = document["rateLimits"].Find("rules"); rules && rules->is_array()) {
    for (Json& rule : rules->as_array()) {
      const std::string label = rule.StringOr("label");
      if (label.starts_with(prefix)) rule["label"] = std::string(new_name) + label.substr(old_name.size());
    }
  }
  Settings result;
  result.TakeDocument(std::move(document));
  return result;
}

void Settings::TakeDocument(Json document) {
  const Json& logs_section = Section(document, "logs");
  logs.max_days = Integer(logs_section, "maxDays");
  logs.min_level = SmallInteger(logs_section, "minLevel");
  logs.log_ip = logs_section.BoolOr("logIP");
  logs.log_auth_id = logs_section.BoolOr("logAuthId");
  const Json& meta_section = Section(document, "meta");
  meta.app_name = meta_section.StringOr("appName");
  meta.app_url = meta_section.StringOr("appURL");
  superuser_ips = Texts(document, "superuserIPs");
  const Json& proxy = Section(document, "trustedProxy");
  trusted_proxy.headers = Texts(proxy, "headers");
  trusted_proxy.use_leftmost_ip = proxy.BoolOr("useLeftmostIP");
  const Json& batch_section = Section(document, "batch");
  batch.enabled = batch_section.BoolOr("enabled");
  batch.max_requests = Integer(batch_section, "maxRequests");
  batch.timeout = Integer(batch_section, "timeout");
  batch.max_body_size = Integer(batch_section, "maxBodySize");
  const Json& limits = Section(document, "rateLimits");
  rate_limits.enabled = limits.BoolOr("enabled");
  rate_limits.excluded_ips = Texts(limits, "excludedIPs");
  rate_limits.rules.clear();
  if (const Json* rules = limits.Find("rules"); rules && rules->is_array()) {
    for (const Json& rule : rules->as_array())
      rate_limits.rules.push_back(
          {rule.StringOr("label"), rule.StringOr("audience"), Integer(rule, "duration"), Integer(rule, "maxRequests")});
  }
  document_ = std::move(document);
}

// The typed members are what the program changes, so they win over the document that they were read from.
Json Settings::ToDocument() const {
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
  return document;
}

std::string Settings::ToStored() const { return settings::Write(ToDocument()); }
std::string Settings::ToPublic() const { return settings::WritePublic(ToDocument()); }

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

Result<std::uint64_t> SettingsFingerprint(Connection& connection) {
  auto statement = connection.Prepare("SELECT `value`, `updated` FROM `_params` WHERE `id` = 'settings'");
  if (!statement) return std::unexpected(statement.error());
  auto row = statement->Step();
  if (!row) return std::unexpected(row.error());
  if (!*row) return 0;
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (int column : {0, 1})
    for (unsigned char byte : statement->cell(column).text()) hash = (hash ^ byte) * 0x100000001b3u;
  return hash;
}

bool SettingsRowExists(Connection& connection) {
  auto found = connection.QueryValue("SELECT 1 FROM `_params` WHERE `id` = 'settings'");
  return found && std::holds_alternative<std::int64_t>(*found);
}

}  // namespace wombat

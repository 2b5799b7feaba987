#include "common/settings/validate.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <string>

#include "common/base/cron.h"
#include "common/base/result.h"
#include "common/base/text.h"
#include "common/schema/fields/formats.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxTextBytes = 255, kColorBytes = 7;
constexpr std::size_t kMaxHostBytes = 255, kMaxLabelBytes = 63;

bool IsIp(const std::string& text) {
  unsigned char bytes[16];
  return ::inet_pton(AF_INET, text.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, text.c_str(), bytes) == 1;
}

// Labels of word characters and inner or final dashes; the whole may end with one "." or "_".
bool IsDnsName(std::string_view text) {
  if (text.empty() || std::size_t(text.size() - std::size_t(std::ranges::count(text, '.'))) > kMaxHostBytes) return false;
  if (text.ends_with('.')) text.remove_suffix(1);
  for (std::string_view label : Split(text, '.')) {
    if (label.size() > kMaxLabelBytes + 1 || (label.size() > kMaxLabelBytes && !label.ends_with('_'))) return false;
    if (label.empty() || label.front() == '-') return false;
    const auto fits = [](char c) { return c == '-' || IsWordText({&c, 1}); };
    if (!std::ranges::all_of(label, fits)) return false;
  }
  return true;
}

bool IsHost(const std::string& text) { return IsIp(text) || IsDnsName(text); }

bool IsHexColor(std::string_view text) {
  if (text.starts_with('#')) text.remove_prefix(1);
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
  return (text.size() == 3 || text.size() == 6) && std::ranges::all_of(text, is_digit);
}

bool IsPath(std::string_view text) {
  return text.starts_with('/') && std::ranges::all_of(text, [](char c) {
           return c == '/' || c == '-' || IsWordText({&c, 1});
         });
}

// "METHOD /path", "/path", "name:action", "*:action" or a plain tag.
bool IsRateLimitLabel(std::string_view text) {
  if (IsPath(text) || IsWordText(text)) return true;
  if (const auto blank = text.find(' '); blank != std::string_view::npos)
    return IsWordText(text.substr(0, blank)) && IsPath(text.substr(blank + 1));
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || !IsWordText(text.substr(colon + 1))) return false;
  return text.substr(0, colon) == "*" || IsWordText(text.substr(0, colon));
}

class Validator {
 public:
  explicit Validator(const Json& document) : document_(document) {}

  Json Run() {
    Addresses("superuserIPs", document_.Find("superuserIPs"));
    Smtp(Section("smtp"));
    Backups(Section("backups"));
    S3("s3", Section("s3"));
    Meta(Section("meta"));
    RateLimits(Section("rateLimits"));
    Batch(Section("batch"));
    AtLeast("logs.maxDays", Section("logs").NumberOr("maxDays"), 0);
    return std::move(errors_);
  }

 private:
  const Json& Section(std::string_view key) const {
    static const Json kNone = Json::Object();
    const Json* section = document_.Find(key);
    return section ? *section : kNone;
  }

  void Add(const std::string& path, std::string_view code, std::string_view message, Json params = Json::Null()) {
    AddFieldError(errors_, path, {std::string(code), std::string(message), std::move(params)});
  }
  bool Missing(const std::string& path, bool blank) {
    if (blank) AddFieldError(errors_, path, FieldError::Required());
    return blank;
  }
  void AtLeast(const std::string& path, double value, int minimum) {
    if (value == 0 || value >= minimum) return;
    Add(path, "validation_min_greater_equal_than_required", "must be no less than {{.threshold}}",
        Json::Object({{"threshold", minimum}}));
  }
  bool TooLong(const std::string& path, const std::string& text, std::size_t min, std::size_t max) {
    if (text.empty() || (text.size() >= min && text.size() <= max)) return false;
    const Json params = Json::Object({{"max", max}, {"min", min}});
    if (min == max) Add(path, "validation_length_invalid", "the length must be exactly {{.min}}", params);
    else Add(path, "validation_length_out_of_range", "the length must be between {{.min}} and {{.max}}", params);
    return true;
  }
  void Url(const std::string& path, const std::string& text) {
    if (!text.empty() && !IsWebAddress(text)) Add(path, "validation_is_url", "must be a valid URL");
  }
  void Host(const std::string& path, const std::string& text) {
    if (!text.empty() && !IsHost(text)) Add(path, "validation_is_host", "must be a valid IP address or DNS name");
  }
  void OneOf(const std::string& path, const std::string& text, std::initializer_list<std::string_view> values) {
    if (std::ranges::find(values, text) == values.end()) Add(path, "validation_in_invalid", "must be a valid value");
  }

  void Addresses(const std::string& path, const Json* list) {
    if (!list || !list->is_array()) return;
    for (std::size_t i = 0; i < list->as_array().size(); ++i) {
      const std::string at = path + "." + std::to_string(i);
      const Json& entry = list->as_array()[i];
      const std::string text = entry.is_string() ? entry.as_string() : std::string();
      if (Missing(at, text.empty()) || IsIpOrSubnet(text)) continue;
      // The code is written like this.
      Add(at, "validation_invlaid_ip_or_subnet", "Invalid IP or CIDR subnet.");
    }
  }

  void Smtp(const Json& smtp) {
    const bool enabled = smtp.BoolOr("enabled");
    if (!enabled || !Missing("smtp.host", smtp.StringOr("host").empty())) Host("smtp.host", smtp.StringOr("host"));
    if (!enabled || !Missing("smtp.port", smtp.NumberOr("port") == 0)) AtLeast("smtp.port", smtp.NumberOr("port"), 0);
    OneOf("smtp.authMethod", smtp.StringOr("authMethod"), {"", "PLAIN", "LOGIN"});
    Host("smtp.localName", smtp.StringOr("localName"));
  }

  void S3(const std::string& path, const Json& s3) {
    const bool enabled = s3.BoolOr("enabled");
    if (!enabled || !Missing(path + ".endpoint", s3.StringOr("endpoint").empty()))
      Url(path + ".endpoint", s3.StringOr("endpoint"));
    if (!enabled) return;
    for (const char* key : {"bucket", "region", "accessKey", "secret"})
      Missing(path + "." + key, s3.StringOr(key).empty());
  }

  void Backups(const Json& backups) {
    const std::string cron = backups.StringOr("cron");
    if (!cron.empty())
      if (const auto schedule = ParseCron(cron); !schedule) Add("backups.cron", "validation_invalid_cron", schedule.error());
    const double keep = backups.NumberOr("cronMaxKeep");
    if (cron.empty() || !Missing("backups.cronMaxKeep", keep == 0)) AtLeast("backups.cronMaxKeep", keep, 1);
    if (const Json* s3 = backups.Find("s3")) S3("backups.s3", *s3);
  }

  void Meta(const Json& meta) {
    const std::string color = meta.StringOr("accentColor");
    if (!TooLong("meta.accentColor", color, kColorBytes, kColorBytes) && !color.empty() && !IsHexColor(color))
      Add("meta.accentColor", "validation_is_hex_color", "must be a valid hexadecimal color code");
    for (const std::string key : {"appName", "senderName"}) {
      const std::string path = "meta." + key;
      if (!Missing(path, meta.StringOr(key).empty())) TooLong(path, meta.StringOr(key), 1, kMaxTextBytes);
    }
    if (!Missing("meta.appURL", meta.StringOr("appURL").empty())) Url("meta.appURL", meta.StringOr("appURL"));
    const std::string address = meta.StringOr("senderAddress");
    if (!Missing("meta.senderAddress", address.empty()) && !IsEmailAddress(address))
      Add("meta.senderAddress", "validation_is_email", "must be a valid email address");
  }

  void Batch(const Json& batch) {
    const bool enabled = batch.BoolOr("enabled");
    for (const std::string key : {"maxRequests", "timeout"}) {
      const std::string path = "batch." + key;
      if (!enabled || !Missing(path, batch.NumberOr(key) == 0)) AtLeast(path, batch.NumberOr(key), 0);
    }
    AtLeast("batch.maxBodySize", batch.NumberOr("maxBodySize"), 0);
  }

  void RateLimits(const Json& limits) {
    const Json* rules = limits.Find("rules");
    const bool none = !rules || !rules->is_array() || rules->as_array().empty();
    if (limits.BoolOr("enabled") && none) Missing("rateLimits.rules", true);
    if (!none && !ConflictingRule(rules->as_array()))
      for (std::size_t i = 0; i < rules->as_array().size(); ++i) RateLimitRule(i, rules->as_array()[i]);
    Addresses("rateLimits.excludedIPs", limits.Find("excludedIPs"));
  }

  // Two rules for one label must be for different audiences; no audience is everybody.
  bool ConflictingRule(const Json::Array& rules) {
    const auto key = [](const Json& rule) { return rule.StringOr("label") + "@@" + rule.StringOr("audience"); };
    for (std::size_t i = 0; i < rules.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const std::string a = key(rules[i]), b = key(rules[j]);
        if (!a.starts_with(b) && !b.starts_with(a)) continue;
        Add("rateLimits.rules." + std::to_string(i) + ".label", "validation_conflicting_rate_limit_rule",
            "Rate limit rule configuration with label {{.label}} already exists or conflicts with another rule.",
            Json::Object({{"label", rules[i].StringOr("label")}}));
        return true;
      }
    }
    return false;
  }

  void RateLimitRule(std::size_t index, const Json& rule) {
    const std::string path = "rateLimits.rules." + std::to_string(index);
    const std::string label = rule.StringOr("label");
    if (!Missing(path + ".label", label.empty()) && !IsRateLimitLabel(label))
      Add(path + ".label", "validation_match_invalid", "must be in a valid format");
    for (const std::string key : {"maxRequests", "duration"}) {
      const std::string at = path + "." + key;
      if (!Missing(at, rule.NumberOr(key) == 0)) AtLeast(at, rule.NumberOr(key), 1);
    }
    OneOf(path + ".audience", rule.StringOr("audience"), {"", "@guest", "@auth"});
  }

  const Json& document_;
  Json errors_ = Json::Object();
};

}  // namespace

bool IsIpOrSubnet(std::string_view text) {
  const auto slash = text.find('/');
  const std::string address(text.substr(0, slash));
  if (!IsIp(address)) return false;
  if (slash == std::string_view::npos) return true;
  const std::string_view bits = text.substr(slash + 1);
  int length = -1;
  const auto read = std::from_chars(bits.data(), bits.data() + bits.size(), length);
  const bool plain = read.ec == std::errc() && read.ptr == bits.data() + bits.size() && bits != "-0" &&
                     (bits.size() == 1 || bits.front() != '0');
  return plain && length >= 0 && length <= (address.find(':') == std::string::npos ? 32 : 128);
}

Json ValidateSettings(const Json& document) { return Validator(document).Run(); }

}  // namespace wombat

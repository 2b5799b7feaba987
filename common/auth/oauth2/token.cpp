#include "common/auth/oauth2/token.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "common/auth/oauth2/form.h"
#include "common/auth/oauth2/typed_json.h"
#include "common/base/text.h"

namespace wombat {
namespace {

constexpr std::int64_t kMaxSeconds = std::numeric_limits<std::int32_t>::max();

std::optional<std::int64_t> WholeNumber(std::string_view text) {
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

// nullopt: no whole number.
std::optional<std::int64_t> SecondsOf(const Json* value) {
  if (!value) return 0;
  if (value->is_string()) return WholeNumber(value->as_string());
  if (!value->is_number() || value->is_written_as_fraction()) return std::nullopt;
  return std::int64_t(std::clamp(value->as_number(), -1e15, 1e15));
}

void SetExpiry(OAuth2Token& token, std::int64_t seconds, std::chrono::sys_seconds now) {
  if (seconds != 0) token.expiry = now + std::chrono::seconds(std::clamp(seconds, -kMaxSeconds, kMaxSeconds));
}

std::string HeaderType(const std::string& type) {
  if (type.empty() || EqualsIgnoreCase(type, "bearer")) return "Bearer";
  if (EqualsIgnoreCase(type, "mac")) return "MAC";
  if (EqualsIgnoreCase(type, "basic")) return "Basic";
  return type;
}

bool IsForm(std::string_view content_type) {
  const std::string type = AsciiLower(TrimBlanks(content_type.substr(0, content_type.find(';'))));
  return type == "application/x-www-form-urlencoded" || type == "text/plain";
}

Result<OAuth2Token> ReadForm(std::string_view body, std::chrono::sys_seconds now) {
  OAuth2Token token;
  for (auto& [key, value] : DecodeForm(body))
    if (!token.extra.Has(key)) token.extra[key] = std::move(value);
  if (!token.extra.StringOr("error").empty()) return Fail("the token endpoint answered with an error");
  token.access_token = token.extra.StringOr("access_token");
  token.refresh_token = token.extra.StringOr("refresh_token");
  token.type = HeaderType(token.extra.StringOr("token_type"));
  SetExpiry(token, WholeNumber(token.extra.StringOr("expires_in")).value_or(0), now);
  return token;
}

Result<OAuth2Token> ReadObject(std::string_view body, std::chrono::sys_seconds now) {
  auto parsed = ParseJson(body);
  if (!parsed) return Fail("the token endpoint's answer cannot be read");
  bool sound = true;
  const TypedJson members(*parsed, sound);
  if (!members.Text("error").empty()) return Fail("the token endpoint answered with an error");
  OAuth2Token token;
  token.access_token = members.Text("access_token");
  token.refresh_token = members.Text("refresh_token");
  token.type = HeaderType(members.Text("token_type"));
  const auto seconds = SecondsOf(members.Any("expires_in"));
  if (!sound || !seconds) return Fail("the token endpoint's answer has a member of an unexpected type");
  SetExpiry(token, *seconds, now);
  if (parsed->is_object()) token.extra = std::move(*parsed);
  return token;
}

}  // namespace

Result<OAuth2Token> ReadTokenResponse(const IncomingResponse& response, std::chrono::sys_seconds now) {
  if (response.status < 200 || response.status > 299)
    return Fail("the token endpoint answered with status " + std::to_string(response.status));
  auto token = IsForm(response.content_type) ? ReadForm(response.body, now) : ReadObject(response.body, now);
  if (token && token->access_token.empty()) return Fail("the token endpoint gave no access token");
  return token;
}

}  // namespace wombat

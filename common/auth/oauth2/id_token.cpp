#include "common/auth/oauth2/id_token.h"

#include <sodium.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "common/auth/base64.h"
#include "common/base/json_text.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxTokenBytes = 256 * 1024;
constexpr std::chrono::seconds kLeeway{300};
constexpr std::string_view kAlgorithms[] = {"none",  "EdDSA", "HS256", "HS384", "HS512", "RS256", "RS384",
                                            "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512"};

std::optional<Json> DecodeObject(std::string_view encoded) {
  const auto text = DecodeBase64Url(encoded);
  if (!text) return std::nullopt;
  auto object = ParseJson(*text);
  if (!object || !object->is_object()) return std::nullopt;
  return std::move(*object);
}

// nullopt: absent, or 0, which says the same. A claim that is no number is none that holds.
struct TimeClaim {
  std::optional<double> at;
  bool sound = true;
};
TimeClaim ReadTime(const Json& claims, std::string_view name) {
  const Json* claim = claims.Find(name);
  if (!claim) return {};
  if (!claim->is_number()) return {{}, false};
  if (claim->as_number() == 0) return {};
  return {std::trunc(claim->as_number()), true};
}

bool SameText(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string TextOf(const Json& value) {
  if (value.is_string()) return value.as_string();
  if (value.is_number()) return PlainDecimal(value.as_number());
  return value.is_null() ? std::string() : value.Dump();
}

std::vector<std::string> WordsOf(const Json& value) {
  std::vector<std::string> words;
  if (value.is_array()) {
    for (const Json& element : value.as_array()) words.push_back(TextOf(element));
    return words;
  }
  std::string word;
  for (char c : TextOf(value) + " ") {
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') word += c;
    else if (!word.empty()) words.push_back(std::exchange(word, {}));
  }
  return words;
}

}  // namespace

Result<IdToken> DecodeIdToken(std::string_view token) {
  const auto unreadable = [] { return Fail("the id_token cannot be read", Error::Kind::kInvalidInput); };
  if (token.size() > kMaxTokenBytes || std::ranges::count(token, '.') != 2) return unreadable();
  const std::size_t first = token.find('.'), second = token.rfind('.');
  auto header = DecodeObject(token.substr(0, first));
  auto claims = DecodeObject(token.substr(first + 1, second - first - 1));
  auto signature = DecodeBase64Url(token.substr(second + 1));
  if (!header || !claims || !signature) return unreadable();
  if (std::ranges::find(kAlgorithms, header->StringOr("alg")) == std::end(kAlgorithms)) return unreadable();
  return IdToken{std::move(*header), std::move(*claims), std::string(token.substr(0, second)), std::move(*signature)};
}

Result<void> CheckTimes(const Json& claims, std::chrono::sys_seconds now, std::chrono::seconds leeway) {
  const double earliest = double((now - leeway).time_since_epoch().count());
  const double latest = double((now + leeway).time_since_epoch().count());
  const TimeClaim expires = ReadTime(claims, "exp"), begins = ReadTime(claims, "nbf"), issued = ReadTime(claims, "iat");
  if (!expires.sound || !begins.sound || !issued.sound) return Fail("a time of the id_token is no number", Error::Kind::kInvalidInput);
  if (expires.at && earliest >= *expires.at) return Fail("the id_token is expired", Error::Kind::kInvalidInput);
  if ((begins.at && latest < *begins.at) || (issued.at && latest < *issued.at))
    return Fail("the id_token is not valid yet", Error::Kind::kInvalidInput);
  return {};
}

std::chrono::seconds IdTokenLeeway() {
  const char* text = std::getenv("PB_ID_TOKEN_LEEWAY");
  if (!text) return kLeeway;
  const std::string_view view(text);
  std::int32_t seconds = 0;
  const auto read = std::from_chars(view.data(), view.data() + view.size(), seconds);
  const bool usable = read.ec == std::errc() && read.ptr == view.data() + view.size() && seconds >= 0;
  return usable ? std::chrono::seconds(seconds) : kLeeway;
}

bool HasAudience(const Json& claims, std::string_view client_id) {
  const Json* audience = claims.Find("aud");
  if (!audience || client_id.empty()) return false;
  if (audience->is_string()) return SameText(audience->as_string(), client_id);
  if (!audience->is_array()) return false;
  bool has = false;
  for (const Json& one : audience->as_array()) {
    if (!one.is_string()) return false;
    has |= SameText(one.as_string(), client_id);
  }
  return has;
}

std::optional<bool> HasIssuer(const Json& claims, const Json& issuers) {
  const std::vector<std::string> known = WordsOf(issuers);
  if (known.empty()) return std::nullopt;
  const std::string issuer = claims.StringOr("iss");
  bool has = false;
  for (const std::string& one : known) has |= SameText(one, issuer);
  return has && !issuer.empty();
}

}  // namespace wombat

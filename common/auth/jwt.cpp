#include "common/auth/jwt.h"

#include <sodium.h>

#include <array>
#include <cmath>

#include "common/auth/base64.h"

namespace wombat {
namespace {

// Far longer than any token of ours; what is longer is not worth decoding.
constexpr std::size_t kMaxTokenBytes = 16 * 1024;

using Signature = std::array<unsigned char, crypto_auth_hmacsha256_BYTES>;

Signature Sign(std::string_view text, std::string_view key) {
  Signature signature;
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(key.data()), key.size());
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  crypto_auth_hmacsha256_final(&state, signature.data());
  sodium_memzero(&state, sizeof state);
  return signature;
}

struct Parts {
  std::string_view header, claims, signature;
};

std::optional<Parts> Cut(std::string_view token) {
  if (token.size() > kMaxTokenBytes) return std::nullopt;
  const std::size_t first = token.find('.');
  if (first == token.npos) return std::nullopt;
  const std::size_t second = token.find('.', first + 1);
  if (second == token.npos || token.find('.', second + 1) != token.npos) return std::nullopt;
  return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1)};
}

std::optional<Json> DecodeObject(std::string_view encoded) {
  const auto text = DecodeBase64Url(encoded);
  if (!text) return std::nullopt;
  auto object = ParseJson(*text);
  if (!object || !object->is_object()) return std::nullopt;
  return std::move(*object);
}

// A time claim that is absent or zero is no limit; one that is no number makes the token unusable.
enum class Limit { kNotBefore, kUntil };
bool Holds(const Json& claims, std::string_view name, Limit limit, std::int64_t unix_now) {
  const Json* claim = claims.Find(name);
  if (claim == nullptr) return true;
  if (!claim->is_number()) return false;
  const double at = std::trunc(claim->as_number());
  if (claim->as_number() == 0) return true;
  return limit == Limit::kUntil ? double(unix_now) < at : double(unix_now) >= at;
}

}  // namespace

std::string SignToken(const Json& claims, std::string_view key) {
  static const std::string header = EncodeBase64Url(R"({"alg":"HS256","typ":"JWT"})");
  std::string token = header + "." + EncodeBase64Url(claims.Dump());
  const Signature signature = Sign(token, key);
  return token + "." + EncodeBase64Url({reinterpret_cast<const char*>(signature.data()), signature.size()});
}

std::optional<Json> DecodeToken(std::string_view token, std::int64_t unix_now) {
  const auto parts = Cut(token);
  if (!parts) return std::nullopt;
  const auto header = DecodeObject(parts->header);
  if (!header || header->StringOr("alg") != "HS256") return std::nullopt;
  auto claims = DecodeObject(parts->claims);
  if (!claims || !DecodeBase64Url(parts->signature)) return std::nullopt;
  if (!Holds(*claims, "exp", Limit::kUntil, unix_now) || !Holds(*claims, "nbf", Limit::kNotBefore, unix_now) ||
      !Holds(*claims, "iat", Limit::kNotBefore, unix_now)) {
    return std::nullopt;
  }
  return claims;
}

bool VerifyTokenSignature(std::string_view token, std::string_view key) {
  const auto parts = Cut(token);
  if (!parts) return false;
  const auto given = DecodeBase64Url(parts->signature);
  const Signature expected = Sign(token.substr(0, std::size_t(parts->signature.data() - token.data() - 1)), key);
  return given && given->size() == expected.size() &&
         sodium_memcmp(given->data(), expected.data(), expected.size()) == 0;
}

}  // namespace wombat

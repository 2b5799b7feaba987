#include "common/auth/oauth2/adapters.h"

namespace wombat {
namespace {

constexpr const char* kIssuer = "https://appleid.apple.com";
constexpr const char* kKeys = "https://appleid.apple.com/auth/keys";

}  // namespace

// The name is not among the claims: Apple sends it once, to the redirect address (worker/api/oauth2_redirect.cpp).
Result<OAuth2User> AppleUser(OAuth2Access& access) {
  auto token = access.ReadIdToken(true);
  // Apple always sends one: its absence is Apple's failure.
  if (!token) return Fail(token.error().message, Error::Kind::kInvalidInput);
  const Json* expires = token->claims.Find("exp");
  if (!expires || !expires->is_number() || expires->as_number() == 0) return Fail("the id_token has no end", Error::Kind::kInvalidInput);
  if (!HasIssuer(token->claims, kIssuer).value_or(false)) return Fail("the id_token is not Apple's", Error::Kind::kInvalidInput);
  if (auto verified = access.VerifyIdToken(*token, kKeys); !verified) return std::unexpected(verified.error());
  auto user = UserOfClaims(std::move(token->claims));
  if (!user) return user;
  user->username.clear();
  user->avatar_url.clear();
  return user;
}

}  // namespace wombat

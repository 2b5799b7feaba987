#include "common/auth/oauth2/adapters.h"
#include "common/auth/oauth2/typed_json.h"
#include "common/base/json_text.h"

namespace wombat {
namespace {

std::string TextOf(const Json& value) {
  if (value.is_string()) return value.as_string();
  return value.is_null() ? std::string() : value.Dump();
}

// Without a user info address the id_token is all there is. It came from the token endpoint itself, so its signature is
// only looked at where the configuration says by which keys.
Result<Json> ClaimsOf(const OAuth2Access& access) {
  auto token = access.ReadIdToken(true);
  if (!token) return std::unexpected(token.error());
  const Json& extra = access.client().extra;
  if (const Json* issuers = extra.Find("issuers"); issuers && !HasIssuer(token->claims, *issuers).value_or(true))
    return Fail("the id_token is of another issuer", Error::Kind::kInvalidInput);
  const Json* keys = extra.Find("jwksURL");
  const std::string url = keys ? TextOf(*keys) : std::string();
  if (!url.empty())
    if (auto verified = access.VerifyIdToken(*token, url); !verified) return std::unexpected(verified.error());
  return std::move(token->claims);
}

}  // namespace

Result<OAuth2User> UserOfClaims(Json claims) {
  bool sound = true;
  const TypedJson object(claims, sound);
  OAuth2User user;
  user.id = object.Text("sub");
  user.name = object.Text("name");
  user.username = object.Text("preferred_username");
  user.email = object.Text("email");
  user.avatar_url = object.Text("picture");
  if (!IsTrueish(object.Any("email_verified"))) user.email.clear();
  if (!sound) return UnexpectedUser();
  user.raw_user = std::move(claims);
  return user;
}

Result<OAuth2User> OidcUser(OAuth2Access& access) {
  const std::string& url = access.client().user_info_url;
  auto claims = url.empty() ? ClaimsOf(access) : OAuth2Access::ReadUserInfo(access.Get(url));
  if (!claims) return std::unexpected(claims.error());
  return UserOfClaims(std::move(*claims));
}

}  // namespace wombat

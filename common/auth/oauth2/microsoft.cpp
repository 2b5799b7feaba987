#include "common/auth/oauth2/adapters.h"
#include "common/auth/oauth2/typed_json.h"

namespace wombat {
namespace {

std::string EmailClaim(const OAuth2Client& client) { return client.extra.StringOr("idTokenEmailClaim"); }

std::string VerifiedPrimary(const Json& claims) { return claims.StringOr("verified_primary_email"); }

// The domain of the address belongs to the tenant that says it is the user's.
std::string DomainVerified(const Json& claims) {
  return IsTrueish(claims.Find("xms_edov")) ? claims.StringOr("email") : std::string();
}

// Anybody can write any address into their own profile, so which claim is to be trusted is the administrator's choice.
// Without a usable id_token there is no address.
std::string EmailOf(const OAuth2Access& access, std::string_view which) {
  const auto token = access.ReadIdToken(false);
  if (!token) return {};
  if (which == "email") return token->claims.StringOr("email");
  if (which == "verified_primary_email") return VerifiedPrimary(token->claims);
  if (which == "email_and_xms_edov") return DomainVerified(token->claims);
  const std::string primary = VerifiedPrimary(token->claims);
  return primary.empty() ? DomainVerified(token->claims) : primary;
}

bool IsKnown(std::string_view claim) {
  return claim == "email" || claim == "verified_primary_email" || claim == "email_and_xms_edov" || claim == "any_verified";
}

}  // namespace

void AdjustScopes(OAuth2Client& client) {
  if (client.name == "microsoft" && !EmailClaim(client).empty()) client.scopes.emplace_back("openid");
}

Result<OAuth2User> MicrosoftUser(OAuth2Access& access) {
  auto info = OAuth2Access::ReadUserInfo(access.Get(access.client().user_info_url));
  if (!info) return std::unexpected(info.error());
  bool sound = true;
  const TypedJson object(*info, sound);
  OAuth2User user;
  user.id = object.Text("id");
  user.name = object.Text("displayName");
  user.email = object.Text("mail");
  if (!sound) return UnexpectedUser();
  if (const std::string claim = EmailClaim(access.client()); IsKnown(claim)) user.email = EmailOf(access, claim);
  user.raw_user = std::move(*info);
  return user;
}

}  // namespace wombat

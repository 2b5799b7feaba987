// From what each provider answers to the one form that users have here. Most are rows of a table (user_table.cpp); those
// that need more have a file of their name.                                                         Behaviour: spec 04 §10.
#pragma once

#include <string_view>

#include "common/auth/oauth2/access.h"

namespace wombat {

using OAuth2Adapter = Result<OAuth2User> (*)(OAuth2Access& access);

OAuth2Adapter AdapterOf(std::string_view provider);

Result<OAuth2User> TableUser(OAuth2Access& access);
Result<OAuth2User> AppleUser(OAuth2Access& access);
Result<OAuth2User> BitbucketUser(OAuth2Access& access);
Result<OAuth2User> DiscordUser(OAuth2Access& access);
Result<OAuth2User> GiteeUser(OAuth2Access& access);
Result<OAuth2User> GithubUser(OAuth2Access& access);      // and gitea
Result<OAuth2User> GitlabUser(OAuth2Access& access);
Result<OAuth2User> InstagramUser(OAuth2Access& access);
Result<OAuth2User> MailcowUser(OAuth2Access& access);
Result<OAuth2User> MicrosoftUser(OAuth2Access& access);
Result<OAuth2User> OidcUser(OAuth2Access& access);        // oidc, oidc2, oidc3
Result<OAuth2User> StravaUser(OAuth2Access& access);
Result<OAuth2User> VkUser(OAuth2Access& access);
Result<OAuth2User> YandexUser(OAuth2Access& access);

// Scopes that depend on how a provider is configured.
void AdjustScopes(OAuth2Client& client);

// What adapters have in common: a value of an unexpected type, or an account that may not sign in.
inline std::unexpected<Error> UnexpectedUser() { return Fail("the user info has a value of an unexpected type"); }
inline std::unexpected<Error> InactiveUser() { return Fail("the account is not active"); }
// The user of an id_token or user info as OpenID names its claims.
Result<OAuth2User> UserOfClaims(Json claims);

}  // namespace wombat

// The OAuth2 vendors that are known by name.                                                      Behaviour: spec 04 §10.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace wombat {

struct OAuth2Provider {
  std::string_view name;
  std::string_view display_name;
  int order;                       // in lists; equal ones by name
  bool pkce;
  std::string_view scopes;         // joined by blanks
  std::string_view auth_url;       // "": has to be configured
  std::string_view token_url;
  std::string_view user_info_url;
};

std::span<const OAuth2Provider> OAuth2Providers();
// Inline SVG.
std::string OAuth2ProviderLogo(const OAuth2Provider& provider);
// Null for an unknown name.
const OAuth2Provider* FindOAuth2Provider(std::string_view name);

}  // namespace wombat

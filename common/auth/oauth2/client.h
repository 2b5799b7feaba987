// One OAuth2 provider as a collection has it configured: where to send users, and who it says they are.
//                                                                                          Behaviour: spec 04 §6.10, §7, §10.
//
// Exchange and FetchUser wait for the provider's servers: never on a loop. Nothing here is shared between calls.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/auth/oauth2/providers.h"
#include "common/auth/oauth2/token.h"
#include "common/auth/oauth2_user.h"

namespace wombat {

struct OAuth2Code {
  std::string code;
  std::string verifier;            // sent when the provider uses PKCE, even when empty
  std::string redirect_url;        // "": not sent
};

class OAuth2Client {
 public:
  using Deadline = std::chrono::steady_clock::time_point;
  using Send = std::function<Result<IncomingResponse>(const OutgoingRequest&)>;

  // From one item of a collection's oauth2.providers. Null: no provider is known by that name.
  static std::shared_ptr<OAuth2Client> Make(const Json& config);

  // ---- the provider's own where the configuration says nothing
  std::string name, display_name;
  std::string client_id, client_secret;
  std::string auth_url, token_url, user_info_url;
  std::vector<std::string> scopes;
  bool pkce = false;
  Json extra = Json::Object();
  const OAuth2Provider* known = nullptr;

  // Where a browser goes; ends with "&redirect_uri=", to which the application appends its own. Without a challenge: no PKCE.
  std::string AuthUrl(std::string_view state, std::string_view code_challenge) const;

  // ---- errors never hold a secret, a code or a token
  Result<OAuth2Token> Exchange(const OAuth2Code& code, Deadline deadline) const;
  Result<OAuth2Token> Refresh(const std::string& refresh_token, Deadline deadline) const;
  // kNotFound: the token response lacks what this provider was to tell the user by, which is no failure of the provider's.
  Result<OAuth2User> FetchUser(const OAuth2Token& token, Deadline deadline) const;

  // How requests are sent. Tests answer for vendors that cannot be asked.
  Send send = SendHttp;

 private:
  Result<OAuth2Token> AskForToken(std::vector<std::pair<std::string, std::string>> form, Deadline deadline) const;
};

}  // namespace wombat

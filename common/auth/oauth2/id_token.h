// The tokens in which an OpenID provider says who signed in.                    Behaviour: spec 04 §7, §10 ("apple", "oidc").
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/json.h"
#include "common/base/result.h"

namespace wombat {

struct IdToken {
  Json header, claims;         // objects
  std::string signed_text;     // header and claims as they were sent
  std::string signature;
};

// The parts, without a look at the signature. Error: no token, or one whose "alg" nobody knows.
Result<IdToken> DecodeIdToken(std::string_view token);

// "exp", "nbf" and "iat" where they are present. A clock that is off by `leeway` is forgiven.
Result<void> CheckTimes(const Json& claims, std::chrono::sys_seconds now, std::chrono::seconds leeway);
// Five minutes, or what PB_ID_TOKEN_LEEWAY says.
std::chrono::seconds IdTokenLeeway();

bool HasAudience(const Json& claims, std::string_view client_id);
// Whether "iss" is one of them; a list of texts, or one text with blanks between. nullopt: none are asked for.
std::optional<bool> HasIssuer(const Json& claims, const Json& issuers);

}  // namespace wombat

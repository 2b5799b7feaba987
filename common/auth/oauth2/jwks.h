// The keys that an OpenID provider publishes.                                          Behaviour: spec 04 §7, "JWKS verify".
#pragma once

#include <chrono>
#include <string_view>

#include "common/auth/oauth2/id_token.h"

namespace wombat {

// Whether the first key of the token's "kid" in `document` signed it, with RS256 or EdDSA, and the token's time has come and
// is not over: here without any leeway. Errors say which of these failed.
Result<void> VerifyWithKeys(const IdToken& token, std::string_view document, std::chrono::sys_seconds now);

}  // namespace wombat

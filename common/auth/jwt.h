// HS256 tokens as the reference issues and accepts them.                                     Behaviour: spec 04 §2.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/json.h"

namespace wombat {

// Signs `claims` (an object) with `key`; header {"alg":"HS256","typ":"JWT"}, base64url without padding.
std::string SignToken(const Json& claims, std::string_view key);

// The claims without a look at the signature, if the text has the shape of a token with alg HS256 and its exp, nbf and iat
// (where present) hold at `unix_now`. A token is trusted only after VerifyTokenSignature.
std::optional<Json> DecodeToken(std::string_view token, std::int64_t unix_now);

// Constant-time.
bool VerifyTokenSignature(std::string_view token, std::string_view key);

}  // namespace wombat

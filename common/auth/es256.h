// ES256 tokens, as Apple wants its client secrets signed.                                       Behaviour: spec 05 §4.4.
#pragma once

#include <string>
#include <string_view>

#include "common/base/json.h"
#include "common/base/result.h"

namespace wombat {

// Signs `claims` (an object) with the P-256 key in `pem` (PKCS #8). Error: no such key.
Result<std::string> SignEs256Token(const Json& claims, std::string_view key_id, const std::string& pem);

}  // namespace wombat

// What a token endpoint answers.                                                     Behaviour: spec 04 §7, "Response".
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/json.h"
#include "common/base/result.h"
#include "common/net/http_client.h"

namespace wombat {

struct OAuth2Token {
  std::string access_token, refresh_token;
  std::string type;                                        // as it goes before the token in a header: "Bearer", …
  std::optional<std::chrono::sys_seconds> expiry;          // nullopt: does not expire, as far as we were told
  Json extra = Json::Object();                             // every member of the answer
};

// Errors say what is wrong with the answer, never what is in it.
Result<OAuth2Token> ReadTokenResponse(const IncomingResponse& response, std::chrono::sys_seconds now);

// Within this time of its end a token is renewed before it is used.
inline constexpr std::chrono::seconds kTokenExpiryMargin{10};

}  // namespace wombat

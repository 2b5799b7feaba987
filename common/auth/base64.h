// base64url without padding, as tokens use it (RFC 4648 §5).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wombat {

std::string EncodeBase64Url(std::string_view bytes);
// Padding, blanks and characters of the other alphabet are refused.
std::optional<std::string> DecodeBase64Url(std::string_view text);

}  // namespace wombat

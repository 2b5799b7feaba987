// Dates as HTTP writes them.                                                               Behaviour: spec 05 §2.1.
#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace wombat {

// "Mon, 02 Jan 2006 15:04:05 GMT"
std::string FormatHttpDate(std::time_t instant);

// That form, RFC 850's ("Monday, 02-Jan-06 15:04:05 GMT") and asctime's; nullopt for anything else.
std::optional<std::time_t> ParseHttpDate(std::string_view text);

}  // namespace wombat

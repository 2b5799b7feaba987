// A text in double quotes with the escapes of the reference's language, which for most texts is JSON.
// Behaviour: spec 02 §5.12 (why a JSON value can be invalid).
#pragma once

#include <string>
#include <string_view>

namespace wombat {

std::string QuoteText(std::string_view text);

}  // namespace wombat

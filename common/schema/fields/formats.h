// Whether a text is an e-mail address or a web address.    Behaviour: spec 02 §5.6, §5.7.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wombat {

bool IsEmailAddress(std::string_view text);

// The host of a web address with its port, "" for one without a scheme; nullopt when `text` is no web address.
std::optional<std::string> WebAddressHost(std::string_view text);
inline bool IsWebAddress(std::string_view text) { return WebAddressHost(text).has_value(); }

}  // namespace wombat

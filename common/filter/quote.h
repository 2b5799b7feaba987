// Quotes client text for the error messages of rule validation.  Behaviour: spec 03 §1.4.
#pragma once

#include <string>
#include <string_view>

namespace wombat::filter {

// `text` in double quotes; quotes, backslashes, control and invisible characters escaped.
std::string Quote(std::string_view text);

// The character that `text` starts with, in single quotes. Precondition: not empty.
std::string QuoteFirstCharacter(std::string_view text);

}  // namespace wombat::filter

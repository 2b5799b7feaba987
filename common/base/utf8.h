// One code point at a time, for text that a client may have damaged.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wombat {

// Bytes of the well-formed sequence at the start of `text`; 0 when there is none.
std::size_t Utf8SequenceLength(std::string_view text);
// The first code point and how many bytes it takes; U+FFFD and 1 for a byte that begins none. `length` 0: no text.
char32_t Utf8CodePoint(std::string_view text, std::size_t& length);
// U+FFFD for what is no Unicode scalar value.
void AppendUtf8(std::string& out, char32_t point);

// Without the white space at both ends: that of ASCII and all other of Unicode.
std::string_view TrimWhiteSpace(std::string_view text);

}  // namespace wombat

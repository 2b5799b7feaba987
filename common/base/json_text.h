// Appends JSON text to a buffer: the hot path of every answer.                            Behaviour: spec 01 §1.1.
// Nothing here allocates but the buffer itself. Safe on any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wombat {

// A quoted string. `<` `>` `&` become \u003c \u003e \u0026, U+2028/2029 their escapes, invalid UTF-8 U+FFFD.
void AppendJsonString(std::string& out, std::string_view text);

// Shortest form that reads back as the same double: no trailing ".0", plain decimal unless the exponent is < -6 or >= 21.
// NaN and infinities, which JSON cannot hold, are written as null.
void AppendJsonNumber(std::string& out, double value);
void AppendJsonNumber(std::string& out, std::int64_t value);

// Shortest plain decimal, never an exponent (1e21 -> 1000000000000000000000): how a number is cast to text.
std::string PlainDecimal(double value);
// %g-like shortest digits: scientific when the decimal exponent is < -4 or >= 21 (json column reads use `limit` 6…21).
std::string ShortestDecimal(double value, int exponent_limit = 21);

// Copies valid JSON text without its insignificant blanks and with the escaping of AppendJsonString.
// Key order, duplicates and number texts stay as they are. Precondition: IsValidJson(json).
void AppendCompactJson(std::string& out, std::string_view json);

// `text` with every byte sequence that is no UTF-8 replaced by U+FFFD; `IsUtf8` tells whether that changes anything.
std::string SanitizeUtf8(std::string_view text);
bool IsUtf8(std::string_view text);
// Code points of valid UTF-8 (invalid bytes count one each).
std::size_t CountCodePoints(std::string_view text);

}  // namespace wombat

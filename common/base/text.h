// Small text helpers shared by all rooms. ASCII case rules unless a name says otherwise.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wombat {

std::string AsciiLower(std::string_view text);
bool EqualsIgnoreCase(std::string_view a, std::string_view b);
std::string_view TrimBlanks(std::string_view text);          // space, \t, \r, \n, \v, \f
std::vector<std::string_view> Split(std::string_view text, char separator);
bool IsWordText(std::string_view text);                      // ^\w+$ in ASCII
std::string ReplaceAll(std::string text, std::string_view from, std::string_view to);
// `name` as an SQL identifier in backticks, inner backticks doubled.
std::string QuoteName(std::string_view name);
// Percent-decoding; `plus_is_space` for query strings. False when an escape is malformed.
bool PercentDecode(std::string_view text, bool plus_is_space, std::string& out);

// "&", "<", ">" and both quotes as references.
std::string EscapeHtml(std::string_view text);

}  // namespace wombat

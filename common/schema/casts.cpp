#include <array>
#include <charconv>
#include <cmath>
#include <unordered_set>

#include "common/base/json_text.h"
#include "common/base/text.h"
#include "common/schema/field.h"

namespace wombat {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHexDigit(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// "_" may only stand between two digits, or between a base prefix and a digit.
bool UnderscoresFit(std::string_view text, bool hex) {
  char before = hex ? '0' : '^';
  for (std::size_t i = hex ? 2 : 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool digit = hex ? IsHexDigit(c) : IsDigit(c);
    if (c == '_' ? before != '0' : !digit && before == '_') return false;
    before = c == '_' ? '_' : digit ? '0' : '!';
  }
  return before != '_';
}

// Checks the shape of an unsigned number without prefix and removes its underscores. False: no number.
bool CleanDigits(std::string_view text, bool hex, std::string& out) {
  std::size_t i = 0;
  bool digits = false;
  bool dot = false;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '_') continue;
    if (c == '.') {
      if (dot) return false;
      dot = true;
    } else if (hex ? IsHexDigit(c) : IsDigit(c)) {
      digits = true;
    } else {
      break;
    }
    out += c;
  }
  if (!digits) return false;
  if (i == text.size()) return !hex;  // a hexadecimal number needs its exponent
  if ((text[i] | 0x20) != (hex ? 'p' : 'e')) return false;
  out += text[i++];
  if (i < text.size() && (text[i] == '+' || text[i] == '-')) out += text[i++];
  if (i == text.size() || !IsDigit(text[i])) return false;
  for (; i < text.size(); ++i) {
    if (text[i] == '_') continue;
    if (!IsDigit(text[i])) return false;
    out += text[i];
  }
  return true;
}

// from_chars knows no overflow-free answer for tiny values, so a number it calls out of range is told apart by the sign
// of its decimal exponent: those that only underflow are zero.
std::optional<double> OutOfRange(std::string_view text, bool hex) {
  const std::size_t mark = text.find_first_of(hex ? "pP" : "eE");
  if (mark != std::string_view::npos && mark + 1 < text.size() && text[mark + 1] == '-') return 0.0;
  const bool leading_zero = text.starts_with("0.") || text.starts_with(".");
  if (mark == std::string_view::npos && leading_zero) return 0.0;
  return std::nullopt;
}

// The strings of an array in document order; elements of another type are left out. False: something else than strings
// and nulls was among them.
bool DecodeStrings(const Json& array, std::vector<std::string>& out) {
  bool clean = true;
  for (const Json& item : array.as_array()) {
    if (item.is_string()) out.push_back(item.as_string());
    clean = clean && (item.is_string() || item.is_null());
  }
  return clean;
}

std::vector<std::string> ListFromText(const std::string& text) {
  std::vector<std::string> list;
  if (text.find('[') == std::string::npos) return {text};
  const auto parsed = ParseJson(text);
  // What could be decoded of a mixed array stays in front of the text itself: the reference's decoder leaves it there.
  const bool clean = parsed && parsed->is_array() && DecodeStrings(*parsed, list);
  if (!clean) list.push_back(text);
  return list;
}

std::vector<std::string> NonEmptyUnique(std::vector<std::string> list) {
  std::vector<std::string> out;
  out.reserve(list.size());
  std::unordered_set<std::string_view> seen;
  for (std::string& item : list) {
    if (item.empty() || seen.contains(item)) continue;
    out.push_back(std::move(item));
    seen.insert(out.back());  // `out` never reallocates
  }
  return out;
}

}  // namespace

std::optional<double> ParseLooseNumber(std::string_view text) {
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  const bool sign = negative || rest.starts_with('+');
  if (sign) rest.remove_prefix(1);
  if (EqualsIgnoreCase(rest, "inf") || EqualsIgnoreCase(rest, "infinity")) return negative ? -INFINITY : INFINITY;
  if (!sign && EqualsIgnoreCase(rest, "nan")) return NAN;
  const bool hex = rest.size() > 2 && rest[0] == '0' && (rest[1] | 0x20) == 'x';
  std::string clean;
  if (!CleanDigits(hex ? rest.substr(2) : rest, hex, clean)) return std::nullopt;
  if (rest.find('_') != std::string_view::npos && !UnderscoresFit(rest, hex)) return std::nullopt;
  double value = 0;
  // from_chars takes no leading "+" in front of the digits but does in the exponent.
  const auto [end, code] = std::from_chars(clean.data(), clean.data() + clean.size(), value,
                                           hex ? std::chars_format::hex : std::chars_format::general);
  if (code == std::errc::result_out_of_range) {
    const auto tiny = OutOfRange(clean, hex);
    return tiny ? std::optional<double>(negative ? -*tiny : *tiny) : std::nullopt;
  }
  if (code != std::errc() || std::isinf(value)) return std::nullopt;
  return negative ? -value : value;
}

std::string CastToText(const Json& value) {
  if (value.is_string()) return value.as_string();
  if (value.is_bool()) return value.as_bool() ? "true" : "false";
  if (value.is_number()) return PlainDecimal(value.as_number());
  return {};
}

double CastToNumber(const Json& value) {
  if (value.is_number()) return value.as_number();
  if (value.is_bool()) return value.as_bool() ? 1 : 0;
  if (value.is_string()) return ParseLooseNumber(value.as_string()).value_or(0);
  return 0;
}

bool CastToBool(const Json& value) {
  if (value.is_bool()) return value.as_bool();
  if (value.is_number()) return value.as_number() != 0;
  if (!value.is_string()) return false;
  static constexpr std::array<std::string_view, 6> kTrue = {"1", "t", "T", "TRUE", "true", "True"};
  for (std::string_view word : kTrue) {
    if (value.as_string() == word) return true;
  }
  return false;
}

std::vector<std::string> CastToList(const Json& value) {
  if (value.is_string()) return NonEmptyUnique(ListFromText(value.as_string()));
  if (value.is_number() || value.is_bool()) return NonEmptyUnique({CastToText(value)});
  if (!value.is_array()) return {};
  std::vector<std::string> list;
  list.reserve(value.as_array().size());
  for (const Json& item : value.as_array()) {
    if (item.is_array() || item.is_object()) return {};
    list.push_back(CastToText(item));
  }
  return NonEmptyUnique(std::move(list));
}

}  // namespace wombat

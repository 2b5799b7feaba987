#include "common/base/json_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "common/base/utf8.h"

namespace wombat {
namespace {

// Bytes that AppendJsonString cannot copy blindly: escapes, and everything beyond ASCII (it may be damaged).
constexpr std::array<bool, 256> kNeedsCare = [] {
  std::array<bool, 256> table{};
  for (int byte = 0; byte < 256; ++byte) {
    table[std::size_t(byte)] =
        byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\' || byte == '<' || byte == '>' || byte == '&';
  }
  return table;
}();

void AppendAsciiEscape(std::string& out, unsigned char byte) {
  constexpr char kHex[] = "0123456789abcdef";
  switch (byte) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    default:
      const char escape[] = {'\\', 'u', '0', '0', kHex[byte >> 4], kHex[byte & 15]};
      out.append(escape, sizeof escape);
  }
}

// U+2028 and U+2029, which JavaScript once took for line ends.
bool IsLineSeparator(std::string_view text) {
  return text.size() >= 3 && text[0] == '\xE2' && text[1] == '\x80' && (text[2] == '\xA8' || text[2] == '\xA9');
}

void AppendLineSeparator(std::string& out, std::string_view text) { out += text[2] == '\xA8' ? "\\u2028" : "\\u2029"; }

// The shortest digits that read back as the value: value = 0.d1d2d3… × 10^point.
struct Decimal {
  bool negative = false;
  std::array<char, 24> digits{};
  int count = 0;
  int point = 0;
};

Decimal ToDecimal(double value) {
  Decimal decimal;
  std::array<char, 40> buffer;
  const auto [end, error] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific);
  const char* at = buffer.data();
  decimal.negative = *at == '-';
  if (decimal.negative) ++at;
  for (; at != end && *at != 'e'; ++at) {
    if (*at != '.') decimal.digits[std::size_t(decimal.count++)] = *at;
  }
  if (at != end) ++at;
  if (at != end && *at == '+') ++at;
  int exponent = 0;
  std::from_chars(at, end, exponent);
  decimal.point = exponent + 1;
  return decimal;
}

void AppendPlain(std::string& out, const Decimal& decimal) {
  const std::string_view digits(decimal.digits.data(), std::size_t(decimal.count));
  if (decimal.negative) out.push_back('-');
  if (decimal.point <= 0) {
    out += "0";
    if (digits == "0") return;
    out += ".";
    out.append(std::size_t(-decimal.point), '0');
    out += digits;
  } else if (decimal.point >= decimal.count) {
    out += digits;
    out.append(std::size_t(decimal.point - decimal.count), '0');
  } else {
    out += digits.substr(0, std::size_t(decimal.point));
    out.push_back('.');
    out += digits.substr(std::size_t(decimal.point));
  }
}

void AppendScientific(std::string& out, const Decimal& decimal, int exponent_digits) {
  const int exponent = decimal.point - 1;
  if (decimal.negative) out.push_back('-');
  out.push_back(decimal.digits[0]);
  if (decimal.count > 1) {
    out.push_back('.');
    out.append(decimal.digits.data() + 1, std::size_t(decimal.count - 1));
  }
  out += exponent < 0 ? "e-" : "e+";
  if (exponent_digits == 2 && std::abs(exponent) < 10) out.push_back('0');
  out += std::to_string(std::abs(exponent));
}

std::string NonFinite(double value) { return std::isnan(value) ? "NaN" : value < 0 ? "-Inf" : "+Inf"; }

}  // namespace

void AppendJsonString(std::string& out, std::string_view text) {
  out.push_back('"');
  std::size_t run = 0;  // start of what is not copied yet
  std::size_t at = 0;
  const auto flush = [&] { out.append(text.data() + run, at - run); };
  while (at < text.size()) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (!kNeedsCare[byte]) {
      ++at;
      continue;
    }
    if (byte >= 0x80) {
      const std::string_view rest = text.substr(at);
      const std::size_t length = Utf8SequenceLength(rest);
      if (length != 0 && !IsLineSeparator(rest)) {
        at += length;
        continue;
      }
      flush();
      if (length == 0) {
        out += "\\ufffd";
      } else {
        AppendLineSeparator(out, rest);
      }
      at += length == 0 ? 1 : length;
    } else {
      flush();
      AppendAsciiEscape(out, byte);
      ++at;
    }
    run = at;
  }
  flush();
  out.push_back('"');
}

void AppendJsonNumber(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  constexpr double kExactIntegers = 9007199254740992.0;
  if (value == std::trunc(value) && std::fabs(value) < kExactIntegers && !(value == 0 && std::signbit(value))) {
    AppendJsonNumber(out, static_cast<std::int64_t>(value));
    return;
  }
  const Decimal decimal = ToDecimal(value);
  const int exponent = decimal.point - 1;
  if (value != 0 && (exponent < -6 || exponent >= 21)) {
    AppendScientific(out, decimal, 1);
  } else {
    AppendPlain(out, decimal);
  }
}

void AppendJsonNumber(std::string& out, std::int64_t value) {
  std::array<char, 24> buffer;
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  out.append(buffer.data(), end);
}

std::string PlainDecimal(double value) {
  if (!std::isfinite(value)) return NonFinite(value);
  std::string text;
  AppendPlain(text, ToDecimal(value));
  return text;
}

std::string ShortestDecimal(double value, int exponent_limit) {
  if (!std::isfinite(value)) return NonFinite(value);
  const Decimal decimal = ToDecimal(value);
  const int exponent = decimal.point - 1;
  std::string text;
  if (value != 0 && (exponent < -4 || exponent >= exponent_limit)) {
    AppendScientific(text, decimal, 2);
  } else {
    AppendPlain(text, decimal);
  }
  return text;
}

void AppendCompactJson(std::string& out, std::string_view json) {
  bool in_string = false;
  std::size_t run = 0;
  std::size_t at = 0;
  const auto flush = [&] { out.append(json.data() + run, at - run); };
  while (at < json.size()) {
    const char c = json[at];
    if (c == '"') {
      in_string = !in_string;
    } else if (c == '\\') {
      ++at;  // whatever follows is part of the escape, a quote too
    } else if (c == '<' || c == '>' || c == '&') {
      flush();
      AppendAsciiEscape(out, static_cast<unsigned char>(c));
      run = at + 1;
    } else if (c == '\xE2' && IsLineSeparator(json.substr(at))) {
      flush();
      AppendLineSeparator(out, json.substr(at));
      at += 2;
      run = at + 1;
    } else if (!in_string && (c == ' ' || c == '\n' || c == '\r' || c == '\t')) {
      flush();
      run = at + 1;
    }
    ++at;
  }
  at = std::min(at, json.size());
  flush();
}

}  // namespace wombat

#include "common/schema/fields/quote.h"

#include <re2/re2.h>

#include <cstdint>
#include <cstdio>

#include "common/base/utf8.h"

namespace wombat {
namespace {

// Letters, marks, numbers, punctuation and symbols.
bool IsPrintable(std::string_view character) {
  static const re2::RE2 printable(R"([\pL\pM\pN\pP\pS])");
  return re2::RE2::FullMatch(re2::StringPiece(character.data(), character.size()), printable);
}

void AppendHex(std::string& out, const char* format, unsigned value) {
  char buffer[16];
  const int length = std::snprintf(buffer, sizeof buffer, format, value);
  out.append(buffer, std::size_t(length));
}

void AppendAscii(std::string& out, char c) {
  static constexpr std::string_view kNamed = "\a\b\f\n\r\t\v";
  static constexpr std::string_view kNames = "abfnrtv";
  if (c == '"' || c == '\\') {
    out += '\\';
    out += c;
  } else if (const std::size_t at = kNamed.find(c); at != std::string_view::npos) {
    out += '\\';
    out += kNames[at];
  } else if (c >= 0x20 && c < 0x7f) {
    out += c;
  } else {
    AppendHex(out, "\\x%02x", std::uint8_t(c));
  }
}

}  // namespace

std::string QuoteText(std::string_view text) {
  std::string out = "\"";
  out.reserve(text.size() + 2);
  while (!text.empty()) {
    const std::size_t well_formed = Utf8SequenceLength(text);
    std::size_t length = 0;
    const char32_t code = Utf8CodePoint(text, length);
    const std::string_view character = text.substr(0, length);
    if (well_formed == 0) {
      AppendHex(out, "\\x%02x", std::uint8_t(text.front()));
    } else if (code < 0x80) {
      AppendAscii(out, text.front());
    } else if (IsPrintable(character)) {
      out += character;
    } else {
      AppendHex(out, code < 0x10000 ? "\\u%04x" : "\\U%08x", code);
    }
    text.remove_prefix(length);
  }
  out += '"';
  return out;
}

}  // namespace wombat

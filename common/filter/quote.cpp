#include "common/filter/quote.h"

#include <array>
#include <cstdint>

namespace wombat::filter {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

// Decodes one code point and removes it from `text`; what is no UTF-8 reads as U+FFFD, one byte at a time.
char32_t TakeCodePoint(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 0;
  if (length == 0 || length > text.size()) {
    text.remove_prefix(1);
    return kReplacement;
  }
  char32_t code = length == 1 ? lead : lead & (0xFF >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) {
      text.remove_prefix(1);
      return kReplacement;
    }
    code = (code << 6) | (next & 0x3F);
  }
  text.remove_prefix(length);
  return code;
}

void AppendUtf8(std::string& out, char32_t code) {
  if (code < 0x80) {
    out += char(code);
  } else if (code < 0x800) {
    out += char(0xC0 | (code >> 6));
    out += char(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += char(0xE0 | (code >> 12));
    out += char(0x80 | ((code >> 6) & 0x3F));
    out += char(0x80 | (code & 0x3F));
  } else {
    out += char(0xF0 | (code >> 18));
    out += char(0x80 | ((code >> 12) & 0x3F));
    out += char(0x80 | ((code >> 6) & 0x3F));
    out += char(0x80 | (code & 0x3F));
  }
}

struct Range {
  char32_t first, last;
};

// Blanks other than the space, and characters without a shape of their own.
constexpr std::array kInvisible = {
    Range{0x7F, 0xA0},        Range{0xAD, 0xAD},     Range{0x1680, 0x1680}, Range{0x180E, 0x180E},
    Range{0x2000, 0x200F},    Range{0x2028, 0x202F}, Range{0x205F, 0x206F}, Range{0x3000, 0x3000},
    Range{0xD800, 0xF8FF},    Range{0xFEFF, 0xFEFF}, Range{0xFFF0, 0xFFFB}, Range{0xFFFE, 0xFFFF},
    Range{0xE0000, 0x10FFFF},
};

bool IsVisible(char32_t code) {
  if (code < 0x20) return false;
  for (const Range& range : kInvisible) {
    if (code >= range.first && code <= range.last) return false;
  }
  return true;
}

void AppendHex(std::string& out, char32_t code, int digits) {
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out += "0123456789abcdef"[(code >> shift) & 0xF];
}

void AppendEscaped(std::string& out, char32_t code, char quote) {
  if (code == char32_t(quote) || code == '\\') {
    out += '\\';
    out += char(code);
    return;
  }
  if (code >= '\a' && code <= '\r') {
    out += '\\';
    out += "abtnvfr"[code - '\a'];
    return;
  }
  if (IsVisible(code)) return AppendUtf8(out, code);
  if (code < 0x20 || code == 0x7F) {
    out += "\\x";
    AppendHex(out, code, 2);
  } else if (code < 0x10000) {
    out += "\\u";
    AppendHex(out, code, 4);
  } else {
    out += "\\U";
    AppendHex(out, code, 8);
  }
}

}  // namespace

std::string Quote(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  out += '"';
  while (!text.empty()) AppendEscaped(out, TakeCodePoint(text), '"');
  out += '"';
  return out;
}

std::string QuoteFirstCharacter(std::string_view text) {
  std::string out = "'";
  AppendEscaped(out, TakeCodePoint(text), '\'');
  out += '\'';
  return out;
}

}  // namespace wombat::filter

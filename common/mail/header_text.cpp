#include "common/mail/header_text.h"

#include <algorithm>

#include "common/base/json_text.h"
#include "common/base/utf8.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxEncodedWord = 75;  // RFC 2047 §2
constexpr std::size_t kMaxPlainText = 900;   // a line has 998 bytes at most
constexpr std::string_view kWordStart = "=?UTF-8?q?", kWordEnd = "?=";

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }
bool IsAscii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// What may stand in an encoded word wherever that word is (RFC 2047 §5).
bool IsSafeInWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '!' || c == '*' ||
         c == '+' || c == '-' || c == '/';
}

std::string WithoutControls(std::string_view text) {
  std::string kept;
  std::ranges::copy_if(text, std::back_inserter(kept), [](char c) { return !IsControl(c); });
  return IsUtf8(kept) ? kept : SanitizeUtf8(kept);
}

void AppendEncoded(std::string& out, std::string_view bytes) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  for (char c : bytes) {
    if (c == ' ') {
      out += '_';
    } else if (IsSafeInWord(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'=', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
}

// No character is cut in two; words are on lines of their own.
std::string EncodedWords(std::string_view text) {
  std::string out(kWordStart), character;
  std::size_t line = out.size();
  while (!text.empty()) {
    std::size_t length = 0;
    Utf8CodePoint(text, length);
    character.clear();
    AppendEncoded(character, text.substr(0, length));
    if (line + character.size() + kWordEnd.size() > kMaxEncodedWord) {
      out.append(kWordEnd).append("\r\n ").append(kWordStart);
      line = kWordStart.size();
    }
    out += character;
    line += character.size();
    text.remove_prefix(length);
  }
  return out.append(kWordEnd);
}

bool NeedsQuotes(std::string_view name) { return name.find_first_of("()<>[]:;@\\,.\"") != std::string_view::npos; }

std::string Quoted(std::string_view name) {
  std::string out = "\"";
  for (char c : name) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace

std::string HeaderText(std::string_view text) {
  std::string kept = WithoutControls(text);
  return IsAscii(kept) && kept.size() <= kMaxPlainText ? kept : EncodedWords(kept);
}

std::string HeaderAddress(const MailAddress& address) {
  const std::string bare = WithoutControls(address.address);
  std::string name = WithoutControls(address.name);
  if (name.empty()) return bare;
  const bool plain = IsAscii(name);
  if (plain && NeedsQuotes(name)) name = Quoted(name);
  if (!plain || name.size() > kMaxPlainText) name = EncodedWords(WithoutControls(address.name));
  return name + " <" + bare + ">";
}

std::string HeaderAddresses(std::span<const MailAddress> addresses) {
  std::string out;
  for (const MailAddress& address : addresses) {
    if (!out.empty()) out += ",\r\n ";
    out += HeaderAddress(address);
  }
  return out;
}

bool IsHeaderName(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7F && c != ':'; });
}

bool IsSafeAddress(std::string_view address) {
  return address.find('@') != std::string_view::npos &&
         std::ranges::none_of(address, [](char c) { return IsControl(c) || c == ' ' || c == '<' || c == '>'; });
}

}  // namespace wombat

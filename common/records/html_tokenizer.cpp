#include "common/records/html_tokenizer.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/records/html_entities.h"

namespace wombat {
namespace {

// No name that may stand without a semicolon is longer.
constexpr std::size_t kLongestBareName = 6;

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHtmlBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

// References to 0x80…0x9F mean windows-1252.
constexpr std::array<char16_t, 32> kWindows1252 = {0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                                   0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
                                                   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                                   0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

int DigitValue(char c, int base) {
  if (IsDigit(c)) return c - '0';
  if (base == 16 && c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (base == 16 && c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// `text` begins with "&#". Bytes consumed, 0 when it is no reference.
std::size_t AppendNumericReference(std::string& out, std::string_view text) {
  std::size_t at = 2;
  const bool hex = text.size() > at && (text[at] == 'x' || text[at] == 'X');
  if (hex) ++at;
  const std::size_t digits = at;
  std::uint32_t point = 0;
  for (; at < text.size(); ++at) {
    const int digit = DigitValue(text[at], hex ? 16 : 10);
    if (digit < 0) break;
    point = std::min<std::uint32_t>(point * (hex ? 16 : 10) + std::uint32_t(digit), 0x110000);
  }
  if (at == digits) return 0;
  if (at < text.size() && text[at] == ';') ++at;
  if (point >= 0x80 && point <= 0x9F) point = kWindows1252[point - 0x80];
  AppendUtf8(out, point == 0 ? 0xFFFD : point);
  return at;
}

// `text` begins with "&". In an attribute "&copy=" belongs to an address, and names need their semicolon before it.
std::size_t AppendNamedReference(std::string& out, std::string_view text, bool in_attribute) {
  std::size_t end = 1;
  while (end < text.size() && (IsLetter(text[end]) || IsDigit(text[end]))) ++end;
  if (end < text.size() && text[end] == ';') ++end;
  const std::string_view name = text.substr(1, end - 1);
  if (name.empty()) return 0;
  if (in_attribute && !name.ends_with(';') && end < text.size() && text[end] == '=') return 0;
  if (AppendNamedEntity(out, name)) return end;
  if (in_attribute) return 0;
  for (std::size_t length = std::min(name.size() - 1, kLongestBareName); length > 1; --length) {
    if (AppendNamedEntity(out, name.substr(0, length))) return 1 + length;
  }
  return 0;
}

std::string DecodeReferences(std::string_view text, bool in_attribute = false) {
  std::string decoded;
  decoded.reserve(text.size());
  while (!text.empty()) {
    const std::size_t next = std::min(text.find('&'), text.size());
    decoded += text.substr(0, next);
    text.remove_prefix(next);
    if (text.empty()) break;
    const std::size_t consumed =
        text.starts_with("&#") ? AppendNumericReference(decoded, text) : AppendNamedReference(decoded, text, in_attribute);
    if (consumed == 0) decoded.push_back('&');
    text.remove_prefix(std::max<std::size_t>(consumed, 1));
  }
  std::erase(decoded, '\0');
  return decoded;
}

// Whether `text` goes on with "<name" or "</name" (`opening`) and then ends the name.
bool BeginsTag(std::string_view text, std::string_view opening, std::string_view name) {
  if (!text.starts_with(opening)) return false;
  text.remove_prefix(opening.size());
  if (text.size() <= name.size() || !EqualsIgnoreCase(text.substr(0, name.size()), name)) return false;
  const char next = text[name.size()];
  return IsHtmlBlank(next) || next == '/' || next == '>';
}

std::size_t FindEndTag(std::string_view text, std::string_view name) {
  for (std::size_t at = text.find("</"); at != text.npos; at = text.find("</", at + 2)) {
    if (BeginsTag(text.substr(at), "</", name)) return at;
  }
  return text.size();
}

// Inside "<!--" a script may hold a whole "<script>…</script>" as text.
std::size_t FindScriptEnd(std::string_view text) {
  bool commented = false;
  bool nested = false;
  for (std::size_t at = text.find_first_of("<-"); at != text.npos; at = text.find_first_of("<-", at + 1)) {
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("-->")) {
      commented = nested = false;
    } else if (rest.starts_with("<!--")) {
      commented = true;
      ++at;  // "<!-->" is whole
    } else if (commented && BeginsTag(rest, "<", "script")) {
      nested = true;
    } else if (BeginsTag(rest, "</", "script")) {
      if (!nested) return at;
      nested = false;
    }
  }
  return text.size();
}

}  // namespace

HtmlToken HtmlTokenizer::Next() {
  HtmlToken token;
  while (!rest_.empty()) {
    if (rest_[0] != '<' || rest_.size() < 2) return Text();
    const char second = rest_[1];
    if (!IsLetter(second) && second != '/' && second != '!' && second != '?') return Text();
    if (rest_ == "</") return Text();
    if (Markup(token)) return token;
  }
  return token;
}

HtmlToken HtmlTokenizer::Text() {
  std::size_t end = 1;
  for (; end < rest_.size(); ++end) {
    if (rest_[end] != '<') continue;
    const char next = end + 1 < rest_.size() ? rest_[end + 1] : ' ';
    if (IsLetter(next) || next == '!' || next == '?' || (next == '/' && end + 2 < rest_.size())) break;
  }
  HtmlToken token;
  token.kind = HtmlToken::Kind::kText;
  token.text = DecodeReferences(rest_.substr(0, end));
  rest_.remove_prefix(end);
  return token;
}

// True when it gave a tag; comments and the like are only skipped.
bool HtmlTokenizer::Markup(HtmlToken& token) {
  if (IsLetter(rest_[1])) {
    token.kind = HtmlToken::Kind::kStartTag;
    return Tag(token, 1);
  }
  if (rest_[1] == '/' && IsLetter(rest_[2])) {
    token.kind = HtmlToken::Kind::kEndTag;
    return Tag(token, 2);
  }
  if (rest_.starts_with("<!--")) {
    SkipComment();
  } else {
    SkipPast(">");
  }
  return false;
}

// A tag that the text ends in is none.
bool HtmlTokenizer::Tag(HtmlToken& token, std::size_t name_at) {
  std::size_t end = name_at;
  while (end < rest_.size() && !IsHtmlBlank(rest_[end]) && rest_[end] != '/' && rest_[end] != '>') ++end;
  token.name = AsciiLower(rest_.substr(name_at, end - name_at));
  rest_.remove_prefix(end);
  for (;;) {
    SkipBlanks();
    if (rest_.empty()) {
      token = {};
      return true;
    }
    if (rest_[0] == '>') break;
    if (rest_.starts_with("/>")) {
      token.self_closing = true;
      rest_.remove_prefix(1);
    } else if (rest_[0] == '/') {
      rest_.remove_prefix(1);
    } else {
      Attribute(token);
    }
  }
  rest_.remove_prefix(1);
  return true;
}

void HtmlTokenizer::Attribute(HtmlToken& token) {
  std::size_t at = 1;  // a name may begin with "="
  while (at < rest_.size() && !IsHtmlBlank(rest_[at]) && rest_[at] != '/' && rest_[at] != '>' && rest_[at] != '=') ++at;
  const bool is_link = EqualsIgnoreCase(rest_.substr(0, at), "href") && token.link.empty();
  rest_.remove_prefix(at);
  SkipBlanks();
  if (!rest_.starts_with('=')) return;
  rest_.remove_prefix(1);
  SkipBlanks();
  if (rest_.empty() || rest_[0] == '>') return;
  std::string_view value;
  if (rest_[0] == '"' || rest_[0] == '\'') {
    const std::string_view quote = rest_.substr(0, 1);
    rest_.remove_prefix(1);
    value = rest_.substr(0, rest_.find(quote));
    SkipPast(quote);
  } else {
    at = 0;
    while (at < rest_.size() && !IsHtmlBlank(rest_[at]) && rest_[at] != '>') ++at;
    value = rest_.substr(0, at);
    rest_.remove_prefix(at);
  }
  if (is_link) token.link = DecodeReferences(value, true);
}

void HtmlTokenizer::SkipBlanks() {
  while (!rest_.empty() && IsHtmlBlank(rest_[0])) rest_.remove_prefix(1);
}

void HtmlTokenizer::SkipPast(std::string_view end) {
  const std::size_t at = rest_.find(end);
  rest_.remove_prefix(at == rest_.npos ? rest_.size() : at + end.size());
}

void HtmlTokenizer::SkipComment() {
  rest_.remove_prefix(4);
  if (rest_.starts_with('>') || rest_.starts_with("->")) return SkipPast(">");
  const std::size_t end = std::min(rest_.find("-->"), rest_.find("--!>"));
  if (end == rest_.npos) {
    rest_ = {};
  } else {
    rest_.remove_prefix(end);
    SkipPast(">");
  }
}

std::string HtmlTokenizer::RawText(std::string_view name, bool decode) {
  const std::size_t end = name.empty()       ? rest_.size()
                          : name == "script" ? FindScriptEnd(rest_)
                                             : FindEndTag(rest_, name);
  const std::string_view raw = rest_.substr(0, end);
  rest_.remove_prefix(end);
  if (!rest_.empty()) {
    HtmlToken ignored;
    Tag(ignored, 2);
  }
  return decode ? DecodeReferences(raw) : std::string(raw);
}

}  // namespace wombat

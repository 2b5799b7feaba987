// Text: its charset, and what is written in it.
#include <algorithm>
#include <array>

#include "common/base/text.h"
#include "common/base/json_text.h"
#include "common/storage/mime_parts.h"

namespace wombat::mime {
namespace {

using namespace std::string_view_literals;

constexpr Type kPlain{"text/plain", ".txt"};

struct Bom {
  std::string_view bytes;
  std::string_view charset;
};
// Longer marks first: one of UTF-32 begins with one of UTF-16.
constexpr Bom kBoms[] = {{"\xef\xbb\xbf"sv, "utf-8"},
                         {"\0\0\xfe\xff"sv, "utf-32be"},
                         {"\xff\xfe\0\0"sv, "utf-32le"},
                         {"\xfe\xff"sv, "utf-16be"},
                         {"\xff\xfe"sv, "utf-16le"}};

const Bom* BomOf(std::string_view text) {
  for (const auto& bom : kBoms)
    if (text.starts_with(bom.bytes)) return &bom;
  return nullptr;
}

bool IsBinaryByte(unsigned char c) { return c <= 8 || c == 0x0b || (c >= 0x0e && c <= 0x1a) || (c >= 0x1c && c <= 0x1f); }

// Without the character that the end of the text cuts in two.
std::string_view WithoutPartialCharacter(std::string_view text) {
  for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const auto c = static_cast<unsigned char>(text[text.size() - back]);
    if (c < 0x80) break;
    if (c >= 0xc0) return text.substr(0, text.size() - back);
  }
  return text;
}

// "" when the bytes mean nothing in any charset that is told apart.
std::string_view CharsetOf(std::string_view text, bool truncated) {
  if (const auto* bom = BomOf(text)) return bom->charset;
  const auto whole = WithoutPartialCharacter(text);
  const auto is_high = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  if (std::ranges::any_of(whole, is_high) && IsUtf8(IsUtf8(text) ? text : whole)) return "utf-8";
  if (truncated && whole.size() < text.size() && !std::ranges::any_of(whole, is_high)) return "utf-8";
  bool ascii = true;
  for (const unsigned char c : text) {
    if (c == 0x85) continue;                          // a line end in the charsets that have it
    if (c == 0x7f || (c >= 0x80 && c < 0xa0)) return "";
    ascii = ascii && c < 0x80;
  }
  return ascii ? "utf-8" : "iso-8859-1";
}

bool StartsWithIgnoringCase(std::string_view text, std::string_view prefix) {
  return EqualsIgnoreCase(text.substr(0, prefix.size()), prefix);
}

std::string_view WithoutLeadingBlanks(std::string_view text) {
  const auto start = text.find_first_not_of(" \t\n\r\f");
  return start == std::string_view::npos ? std::string_view() : text.substr(start);
}

// A tag ends with a blank or ">": "<b>" is one and "<bold" none.
bool StartsWithTag(std::string_view text, std::string_view tag) {
  if (!StartsWithIgnoringCase(text, tag) || text.size() == tag.size()) return false;
  return " \t\n\r\f>"sv.find(text[tag.size()]) != std::string_view::npos;
}

bool IsHtml(std::string_view text) {
  text = WithoutLeadingBlanks(text);
  if (text.starts_with("<!--")) return true;
  for (const auto tag : {"<!DOCTYPE HTML"sv, "<HTML"sv, "<HEAD"sv, "<SCRIPT"sv, "<IFRAME"sv, "<H1"sv, "<DIV"sv, "<FONT"sv,
                         "<TABLE"sv, "<A"sv, "<STYLE"sv, "<TITLE"sv, "<B"sv, "<BODY"sv, "<BR"sv, "<P"sv})
    if (StartsWithTag(text, tag)) return true;
  return false;
}

// What stands behind `name` "=": quoted, or up to a blank or one of `ends`.
std::string_view AttributeValue(std::string_view text, std::string_view name, std::string_view ends) {
  const std::string lower = AsciiLower(text);
  for (auto at = lower.find(name); at != std::string::npos; at = lower.find(name, at + 1)) {
    auto rest = WithoutLeadingBlanks(text.substr(at + name.size()));
    if (!rest.starts_with('=')) continue;
    rest = WithoutLeadingBlanks(rest.substr(1));
    if (rest.empty()) return {};
    if (rest[0] == '"' || rest[0] == '\'') return rest.substr(1, rest.find(rest[0], 1) - 1);
    return rest.substr(0, rest.find_first_of(ends));
  }
  return {};
}

constexpr std::size_t kHtmlHead = 1024;  // where a document tells its charset

SniffedType WithCharset(Type type, std::string_view charset) {
  SniffedType sniffed{std::string(type.name), type.extension};
  if (!charset.empty()) sniffed.type.append("; charset=").append(charset);
  return sniffed;
}

SniffedType HtmlOf(std::string_view text, bool truncated) {
  constexpr Type kHtml{"text/html", ".html"};
  if (const auto* bom = BomOf(text)) return WithCharset(kHtml, bom->charset);
  const auto declared = AttributeValue(text.substr(0, kHtmlHead), "charset", " \t\n\r\f>\"';/");
  return WithCharset(kHtml, declared.empty() ? CharsetOf(text, truncated) : declared);
}

SniffedType XmlOf(std::string_view text, bool truncated) {
  if (const auto dialect = SniffXmlDialect(text)) return {std::string(dialect->name), dialect->extension};
  const auto declaration = text.substr(0, text.find('>'));
  const auto declared = AttributeValue(declaration, "encoding", " \t\n\r?>");
  return WithCharset({"text/xml", ".xml"}, declared.empty() ? CharsetOf(text, truncated) : declared);
}

// The first line of a script: "#!" and the program that runs it.
std::optional<Type> SniffScript(std::string_view text) {
  if (!text.starts_with("#!")) return std::nullopt;
  auto line = TrimBlanks(text.substr(2, text.find('\n') - 2));
  auto program = line.substr(0, line.find_first_of(" \t"));
  bool by_env = false;
  if (program == "/usr/bin/env") {
    by_env = true;
    line = TrimBlanks(line.substr(program.size()));
    if (line.starts_with("-S ")) line = TrimBlanks(line.substr(3));
    program = line.substr(0, line.find_first_of(" \t"));
  }
  const auto slash = program.rfind('/');
  const auto folder = slash == std::string_view::npos ? std::string_view() : program.substr(0, slash);
  const auto name = slash == std::string_view::npos ? program : program.substr(slash + 1);
  const bool usual = by_env || folder == "/usr/bin" || folder == "/usr/local/bin" || folder == "/bin";
  struct Language {
    std::string_view program;
    Type type;
  };
  constexpr Language kLanguages[] = {
      {"php", {"text/x-php", ".php"}},       {"node", {"text/javascript", ".js"}},
      {"nodejs", {"text/javascript", ".js"}}, {"lua", {"text/x-lua", ".lua"}},
      {"perl", {"text/x-perl", ".pl"}},      {"python", {"text/x-python", ".py"}},
      {"python2", {"text/x-python", ".py"}}, {"python3", {"text/x-python", ".py"}},
      {"ruby", {"text/x-ruby", ".rb"}},      {"tcl", {"text/x-tcl", ".tcl"}},
      {"tclsh", {"text/x-tcl", ".tcl"}},     {"wish", {"text/x-tcl", ".tcl"}},
  };
  if (usual)
    for (const auto& language : kLanguages)
      if (name == language.program) return language.type;
  if (by_env || folder == "/bin" || folder == "/usr/local/bin")
    for (const auto shell : {"sh"sv, "bash"sv, "csh"sv, "dash"sv, "ksh"sv, "tcsh"sv, "zsh"sv})
      if (name == shell) return Type{"text/x-shellscript", ".sh"};
  return std::nullopt;
}

std::string_view TakeLine(std::string_view& text) {
  const auto end = text.find('\n');
  auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// "00:00:01,000 --> 00:00:02,000"
bool IsSubtitleTime(std::string_view line) {
  constexpr auto kForm = "00:00:00,000 --> 00:00:00,000"sv;
  if (line.size() != kForm.size()) return false;
  for (std::size_t i = 0; i < kForm.size(); ++i)
    if (kForm[i] == '0' ? line[i] < '0' || line[i] > '9' : line[i] != kForm[i]) return false;
  return true;
}

bool IsSubRip(std::string_view text) {
  if (TakeLine(text) != "1" || !IsSubtitleTime(TakeLine(text))) return false;
  return !TakeLine(text).empty();
}

bool IsMail(std::string_view text) {
  for (int lines = 0; lines < 2; ++lines) {
    const auto line = TakeLine(text);
    const auto name = line.substr(0, line.find(':'));
    bool known = false;
    for (const auto header : {"From"sv, "To"sv, "Subject"sv, "Date"sv, "Cc"sv, "Bcc"sv, "Reply-To"sv, "Return-Path"sv,
                              "Received"sv, "Message-ID"sv, "MIME-Version"sv, "Delivered-To"sv, "Content-Type"sv, "Sender"sv})
      known = known || (name.size() < line.size() && EqualsIgnoreCase(name, header));
    if (!known) return false;
  }
  return true;
}

std::optional<Type> SniffPixmap(std::string_view text) {
  if (text.size() < 4 || text[0] != 'P' || text[2] != '\n') return std::nullopt;
  if (text[1] == '7')
    return text.find("\nENDHDR") != std::string_view::npos ? std::optional(Type{"image/x-portable-arbitrarymap", ".pam"})
                                                           : std::nullopt;
  auto rest = text.substr(3);
  while (rest.starts_with('#')) TakeLine(rest);
  if (rest.empty() || rest[0] < '0' || rest[0] > '9') return std::nullopt;
  switch (text[1]) {
    case '1':
    case '4': return Type{"image/x-portable-bitmap", ".pbm"};
    case '2':
    case '5': return Type{"image/x-portable-graymap", ".pgm"};
    case '3':
    case '6': return Type{"image/x-portable-pixmap", ".ppm"};
    default: return std::nullopt;
  }
}

bool IsDxf(std::string_view text) {
  for (const auto expected : {"0"sv, "SECTION"sv, "2"sv, "HEADER"sv})
    if (TrimBlanks(TakeLine(text)) != expected) return false;
  return true;
}

bool HasLineStart(std::string_view text, std::string_view word) {
  return text.starts_with(word) && (text.substr(word.size()).starts_with('\n') || text.substr(word.size()).starts_with("\r\n"));
}

std::optional<Type> SniffWritten(std::string_view text, std::string_view without_bom) {
  if (StartsWithIgnoringCase(text, "<?php")) return Type{"text/x-php", ".php"};
  for (const auto tag : {"<? "sv, "<?\n"sv, "<?\r"sv})
    if (text.starts_with(tag)) return Type{"text/x-php", ".php"};
  if (const auto script = SniffScript(text)) return script;
  if (text.starts_with("{\\rtf")) return Type{"text/rtf", ".rtf"};
  if (IsSubRip(text)) return Type{"application/x-subrip", ".srt"};
  if (HasLineStart(text, "BEGIN:VCARD")) return Type{"text/vcard", ".vcf"};
  if (HasLineStart(text, "BEGIN:VCALENDAR")) return Type{"text/calendar", ".ics"};
  if (text.starts_with("WARC/1.0") || text.starts_with("WARC/1.1")) return Type{"application/warc", ".warc"};
  if (without_bom.starts_with("WEBVTT") && (without_bom.size() == 6 || " \t\n\r"sv.find(without_bom[6]) != std::string_view::npos))
    return Type{"text/vtt", ".vtt"};
  if (const auto pixmap = SniffPixmap(text)) return pixmap;
  if (IsDxf(text)) return Type{"image/vnd.dxf", ".dxf"};
  if (IsMail(text)) return Type{"message/rfc822", ".eml"};
  return std::nullopt;
}

}  // namespace

std::optional<SniffedType> SniffText(std::string_view head, bool truncated) {
  const auto* bom = BomOf(head);
  if (!bom && std::ranges::any_of(head, [](char c) { return IsBinaryByte(static_cast<unsigned char>(c)); })) return std::nullopt;
  const auto without_bom = bom && bom->charset == "utf-8" ? head.substr(bom->bytes.size()) : head;
  if (IsHtml(without_bom)) return HtmlOf(head, truncated);
  if (IsSvgWithoutDeclaration(without_bom)) return SniffedType{"image/svg+xml", ".svg"};
  if (StartsWithTag(WithoutLeadingBlanks(without_bom), "<?XML")) return XmlOf(head, truncated);
  auto found = SniffWritten(head, without_bom);
  if (!found) found = SniffJson(head, truncated);
  if (!found) found = SniffTable(head, truncated);
  if (found) return SniffedType{std::string(found->name), found->extension};
  return WithCharset(kPlain, CharsetOf(head, truncated));
}

}  // namespace wombat::mime

#include "worker/http/media_type.h"

#include <algorithm>

#include "common/base/text.h"

namespace wombat {
namespace {

bool IsSpecial(char c) { return std::string_view("()<>@,;:\\\"/[]?=").find(c) != std::string_view::npos; }
bool IsTokenChar(char c) { return c > ' ' && c < 0x7f && !IsSpecial(c); }

void SkipBlanks(std::string_view& rest) {
  while (!rest.empty() && TrimBlanks(rest.substr(0, 1)).empty()) rest.remove_prefix(1);
}

std::string_view TakeToken(std::string_view& rest) {
  std::size_t size = 0;
  while (size < rest.size() && IsTokenChar(rest[size])) ++size;
  const auto token = rest.substr(0, size);
  rest.remove_prefix(size);
  return token;
}

bool TakeQuoted(std::string_view& rest, std::string& value) {
  for (std::size_t i = 1; i < rest.size(); ++i) {
    char c = rest[i];
    if (c == '"') {
      rest.remove_prefix(i + 1);
      return true;
    }
    if (c == '\r' || c == '\n') return false;
    // Browsers send Windows paths without doubling their backslashes, so only a special character is escaped by one.
    if (c == '\\' && i + 1 < rest.size() && IsSpecial(rest[i + 1])) c = rest[++i];
    value.push_back(c);
  }
  return false;
}

bool TakeValue(std::string_view& rest, std::string& value) {
  if (rest.starts_with('"')) return TakeQuoted(rest, value);
  value = TakeToken(rest);
  return !value.empty();
}

// charset'language'percent-escaped
bool DecodeExtended(std::string_view value, std::string& decoded) {
  const auto first = value.find('\'');
  const auto second = first == std::string_view::npos ? first : value.find('\'', first + 1);
  if (second == std::string_view::npos) return false;
  const auto charset = value.substr(0, first);
  if (!EqualsIgnoreCase(charset, "utf-8") && !EqualsIgnoreCase(charset, "us-ascii")) return false;
  return PercentDecode(value.substr(second + 1), false, decoded);
}

bool TakeParameter(std::string_view& rest, std::string& name, std::string& value) {
  if (!rest.starts_with(';')) return false;
  rest.remove_prefix(1);
  SkipBlanks(rest);
  name = AsciiLower(TakeToken(rest));
  SkipBlanks(rest);
  if (name.empty() || !rest.starts_with('=')) return false;
  rest.remove_prefix(1);
  SkipBlanks(rest);
  return TakeValue(rest, value);
}

}  // namespace

const std::string* MediaType::Find(std::string_view name) const {
  for (const auto& [key, value] : parameters)
    if (key == name) return &value;
  return nullptr;
}

std::optional<MediaType> ParseMediaType(std::string_view text) {
  const auto semicolon = std::min(text.find(';'), text.size());
  auto rest = TrimBlanks(text.substr(0, semicolon));
  MediaType media{AsciiLower(rest), {}};
  if (TakeToken(rest).empty()) return std::nullopt;
  if (rest.starts_with('/')) {
    rest.remove_prefix(1);
    if (TakeToken(rest).empty()) return std::nullopt;
  }
  if (!rest.empty()) return std::nullopt;

  std::vector<std::pair<std::string, std::string>> extended;
  for (rest = text.substr(semicolon), SkipBlanks(rest); !rest.empty(); SkipBlanks(rest)) {
    if (TrimBlanks(rest) == ";") break;
    std::string name, value;
    if (!TakeParameter(rest, name, value)) return std::nullopt;
    const bool is_extended = name.ends_with('*');
    if (is_extended) {
      std::string decoded;
      name.pop_back();
      if (!DecodeExtended(value, decoded)) continue;
      value = std::move(decoded);
    }
    auto& list = is_extended ? extended : media.parameters;
    const auto same = std::find_if(list.begin(), list.end(), [&](const auto& other) { return other.first == name; });
    if (same == list.end())
      list.emplace_back(std::move(name), std::move(value));
    else if (same->second != value)
      return std::nullopt;
  }
  for (auto& parameter : extended) {  // "filename*" says more than "filename"
    std::erase_if(media.parameters, [&](const auto& plain) { return plain.first == parameter.first; });
    media.parameters.push_back(std::move(parameter));
  }
  return media;
}

}  // namespace wombat

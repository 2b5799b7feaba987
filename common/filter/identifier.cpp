#include "common/filter/identifier.h"

#include <algorithm>

#include "common/base/text.h"

namespace wombat::filter {
namespace {

bool IsPathCharacter(char c) { return IsWordCharacter(c) || c == '.' || c == ':'; }

// [\w.:]*\w+ to the end.
bool IsPath(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, IsPathCharacter) && IsWordCharacter(text.back());
}

Modifier FindModifier(std::string_view name) {
  if (name == "isset") return Modifier::kIsset;
  if (name == "each") return Modifier::kEach;
  if (name == "length") return Modifier::kLength;
  if (name == "lower") return Modifier::kLower;
  if (name == "changed") return Modifier::kChanged;
  return Modifier::kUnknown;
}

Segment ParseSegment(std::string_view full) {
  Segment segment{.full = full, .name = full, .modifier_text = {}};
  const auto colon = full.find(':');
  if (colon == full.npos || full.find(':', colon + 1) != full.npos) return segment;
  segment.name = full.substr(0, colon);
  segment.modifier_text = full.substr(colon + 1);
  segment.modifier = FindModifier(segment.modifier_text);
  return segment;
}

void ParsePath(std::string_view text, std::vector<Segment>& path) {
  path.reserve(std::size_t(std::ranges::count(text, '.')) + 1);
  for (std::size_t start = 0;;) {
    const auto dot = text.find('.', start);
    path.push_back(ParseSegment(text.substr(start, dot == text.npos ? dot : dot - start)));
    if (dot == text.npos) return;
    start = dot + 1;
  }
}

// NAME[:ALIAS].path
void ParseCollection(std::string_view rest, Identifier& identifier) {
  const auto dot = rest.find('.');
  if (dot == rest.npos || !IsPath(rest.substr(dot + 1))) return;
  std::string_view name = rest.substr(0, dot), alias;
  if (const auto colon = name.find(':'); colon != name.npos) {
    alias = name.substr(colon + 1);
    name = name.substr(0, colon);
    if (!IsWordText(alias)) return;
  }
  if (!IsWordText(name)) return;
  identifier.kind = Identifier::Kind::kCollection;
  identifier.collection = name;
  identifier.alias = alias;
  ParsePath(rest.substr(dot + 1), identifier.path);
}

struct RequestPrefix {
  std::string_view text;
  Identifier::Kind kind;
};
constexpr RequestPrefix kRequestPrefixes[] = {
    {"auth.", Identifier::Kind::kAuth},
    {"body.", Identifier::Kind::kBody},
    {"query.", Identifier::Kind::kQuery},
    {"headers.", Identifier::Kind::kHeaders},
};

void ParseRequest(std::string_view rest, Identifier& identifier) {
  if (rest == "context") identifier.kind = Identifier::Kind::kContext;
  if (rest == "method") identifier.kind = Identifier::Kind::kMethod;
  for (const RequestPrefix& prefix : kRequestPrefixes) {
    if (!rest.starts_with(prefix.text) || !IsPath(rest.substr(prefix.text.size()))) continue;
    identifier.kind = prefix.kind;
    ParsePath(rest.substr(prefix.text.size()), identifier.path);
  }
}

}  // namespace

Identifier ParseIdentifier(std::string_view text) {
  Identifier identifier;
  identifier.text = text;
  if (EqualsIgnoreCase(text, "null")) identifier.literal = Identifier::Literal::kNull;
  if (EqualsIgnoreCase(text, "true")) identifier.literal = Identifier::Literal::kTrue;
  if (EqualsIgnoreCase(text, "false")) identifier.literal = Identifier::Literal::kFalse;
  if (text.starts_with('@')) {
    identifier.macro = FindMacro(text);
    if (text.starts_with("@request.")) ParseRequest(text.substr(9), identifier);
    if (text.starts_with("@collection.")) ParseCollection(text.substr(12), identifier);
    return identifier;
  }
  if (text.empty() || !IsWordCharacter(text[0]) || !std::ranges::all_of(text, IsPathCharacter)) return identifier;
  identifier.kind = Identifier::Kind::kRecord;
  ParsePath(text, identifier.path);
  return identifier;
}

}  // namespace wombat::filter

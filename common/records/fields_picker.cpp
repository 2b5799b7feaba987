#include "common/records/fields_picker.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <vector>

#include "common/base/json.h"
#include "common/base/text.h"
#include "common/records/excerpt.h"

namespace wombat {
namespace {

struct Modifier {
  std::size_t max = 0;  // 0: keep the value as it is
  bool with_ellipsis = false;
};

// What is asked for at one level. The last entry of a path wins.
using Paths = std::map<std::string, Modifier, std::less<>>;

bool IsQuote(char c) { return c == '\'' || c == '"' || c == '`'; }

// Pieces between separators outside quotes (and outside parentheses, when `group`), trimmed, empty ones dropped.
std::optional<std::vector<std::string_view>> Cut(std::string_view text, std::string_view separators, bool group) {
  std::vector<std::string_view> pieces;
  std::size_t start = 0;
  int depth = 0;
  char quote = 0;
  char previous = 0;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    const bool at_end = at == text.size();
    const char c = at_end ? '\0' : text[at];
    if (!at_end && previous != '\\') {
      if (group && c == '(' && !quote) {
        ++depth;
      } else if (group && c == ')' && !quote && depth > 0) {
        --depth;
      } else if (IsQuote(c) && (!quote || quote == c)) {
        quote = quote ? '\0' : c;
      }
    }
    if (at_end || (!quote && depth == 0 && separators.find(c) != separators.npos)) {
      if (quote || depth > 0) return std::nullopt;
      const std::string_view piece = TrimBlanks(text.substr(start, at - start));
      if (!piece.empty()) pieces.push_back(piece);
      start = at + 1;
      previous = 0;
      continue;
    }
    previous = c;
  }
  return pieces;
}

// An integer as the reference reads it: sign, 0x 0o 0b 0 prefixes, "_" between digits, a fraction cut off. 0 for none.
long long LooseInteger(std::string_view text) {
  std::string digits;
  const std::string_view whole = text.substr(0, text.find('.'));
  for (const char c : whole) {
    if (c != '_') digits.push_back(c);
  }
  std::string_view rest = digits;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  int base = 10;
  if (rest.size() > 1 && rest[0] == '0') {
    const char kind = AsciiLower(rest.substr(1, 1))[0];
    base = kind == 'x' ? 16 : kind == 'b' ? 2 : 8;
    rest.remove_prefix(kind == 'x' || kind == 'b' || kind == 'o' ? 2 : 1);
  }
  long long value = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value, base);
  if (error != std::errc() || end != rest.data() + rest.size()) return 0;
  return negative ? -value : value;
}

bool IsTrue(std::string_view text) {
  return text == "1" || text == "t" || text == "T" || text == "true" || text == "TRUE" || text == "True";
}

std::optional<Modifier> ReadModifier(std::string_view text) {
  const auto words = Cut(text, "(), ", false);
  if (!words || words->size() < 2 || words->size() > 3 || words->front() != "excerpt") return std::nullopt;
  const long long max = LooseInteger((*words)[1]);
  if (max <= 0) return std::nullopt;
  return Modifier{std::size_t(max), words->size() == 3 && IsTrue((*words)[2])};
}

std::optional<Paths> ReadPaths(std::string_view fields) {
  const auto items = Cut(fields, ",", true);
  if (!items) return std::nullopt;
  Paths paths;
  for (const std::string_view item : *items) {
    const std::size_t colon = item.find(':');
    Modifier modifier;
    if (colon != item.npos) {
      const auto read = ReadModifier(item.substr(colon + 1));
      if (!read) return std::nullopt;
      modifier = *read;
    }
    paths.insert_or_assign(std::string(item.substr(0, colon)), modifier);
  }
  return paths;
}

void Modify(Json& value, const Modifier& modifier) {
  if (modifier.max > 0 && value.is_string()) value = Excerpt(value.as_string(), modifier.max, modifier.with_ellipsis);
}

// Whether `path` names `key` or something below it.
bool LeadsTo(std::string_view path, std::string_view key) {
  return path.starts_with(key) && (path.size() == key.size() || path[key.size()] == '.');
}

bool Pick(Json& value, const Paths& paths);

// `*` stands for every key that no other path of this level addresses.
Paths WithWildcard(const Json& object, const Paths& paths) {
  const auto wildcard = paths.find("*");
  Paths all = paths;
  if (wildcard == paths.end()) return all;
  for (const auto& [key, value] : object.as_object()) {
    const bool addressed = std::ranges::any_of(paths, [&](const auto& path) { return LeadsTo(path.first, key); });
    if (!addressed) all.emplace(key, wildcard->second);
  }
  return all;
}

// False: a nested array mixes objects with other values.
bool PickObject(Json& object, const Paths& requested) {
  const Paths paths = WithWildcard(object, requested);
  Json::Members& members = object.as_object();
  for (auto member = members.begin(); member != members.end();) {
    const std::string& key = member->first;
    Paths below;
    const Modifier* whole = nullptr;
    for (auto path = paths.lower_bound(key); path != paths.end() && path->first.starts_with(key); ++path) {
      if (!LeadsTo(path->first, key)) continue;
      std::string_view rest = std::string_view(path->first).substr(std::min(key.size() + 1, path->first.size()));
      if (rest.empty()) {
        whole = &path->second;
      } else {
        below.insert_or_assign(std::string(rest), path->second);
      }
    }
    if (whole) {
      Modify(member->second, *whole);
    } else if (below.empty()) {
      member = members.erase(member);
      continue;
    } else if (!Pick(member->second, below)) {
      return false;
    }
    ++member;
  }
  return true;
}

// Recursive: the parser's depth limit holds.
bool Pick(Json& value, const Paths& paths) {
  if (value.is_object()) return PickObject(value, paths);
  if (!value.is_array() || value.as_array().empty() || !value.as_array().front().is_object()) return true;
  return std::ranges::all_of(value.as_array(), [&](Json& item) { return item.is_object() && PickObject(item, paths); });
}

// Only a list's own items are picked from, its counters stay.
Json* ListItems(Json& answer) {
  if (!answer.is_object() || answer.as_object().size() != 5) return nullptr;
  for (const std::string_view key : {"page", "perPage", "totalItems", "totalPages"}) {
    if (!answer.Has(key)) return nullptr;
  }
  return answer.Find("items");
}

}  // namespace

std::optional<std::string> PickFields(std::string_view json, std::string_view fields) {
  const auto paths = ReadPaths(fields);
  if (!paths) return std::nullopt;
  auto answer = ParseJson(json);
  if (!answer) return std::nullopt;
  Json* items = ListItems(*answer);
  if (!paths->empty() && !Pick(items ? *items : *answer, *paths)) return std::nullopt;
  std::string picked;
  picked.reserve(json.size());
  answer->AppendTo(picked);
  if (json.ends_with('\n')) picked.push_back('\n');
  return picked;
}

struct FieldsPicker::Parts {
  Paths paths;
};

FieldsPicker::FieldsPicker(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
FieldsPicker::FieldsPicker(FieldsPicker&&) noexcept = default;
FieldsPicker& FieldsPicker::operator=(FieldsPicker&&) noexcept = default;
FieldsPicker::~FieldsPicker() = default;

std::optional<FieldsPicker> FieldsPicker::Read(std::string_view fields) {
  auto paths = ReadPaths(fields);
  if (!paths) return std::nullopt;
  return FieldsPicker(std::make_unique<Parts>(std::move(*paths)));
}

bool FieldsPicker::Append(std::string& out, std::string_view json) const {
  auto record = ParseJson(json);
  if (!record || (!parts_->paths.empty() && !Pick(*record, parts_->paths))) return false;
  record->AppendTo(out);
  return true;
}

}  // namespace wombat

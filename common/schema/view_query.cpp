#include "common/schema/view_query.h"

#include <array>
#include <optional>

#include "common/base/text.h"

namespace wombat {
namespace {

constexpr std::string_view kBlanks = " \t\n\v\f\r";
constexpr std::string_view kJoinMark = "__join__";
constexpr std::string_view kSkipMark = "__skip__";

bool IsBlank(char c) { return kBlanks.find(c) != std::string_view::npos; }

// Cuts a text at separators that stand outside quotes and parentheses.
class TopLevelPieces {
 public:
  enum class Separators { kDropped, kKept };

  TopLevelPieces(std::string_view text, std::string_view separators, Separators kept = Separators::kDropped)
      : text_(text), separators_(separators), kept_(kept) {}

  // nullopt at the end. A piece may be empty.
  Result<std::optional<std::string_view>> Next() {
    SkipBlanks();
    if (at_ == text_.size()) return std::nullopt;
    const std::size_t start = at_;
    std::size_t depth = 0;
    char quote = 0, before = 0;
    for (; at_ < text_.size(); before = text_[at_++]) {
      const char c = text_[at_];
      if (before != '\\') {
        if (c == '\'' || c == '"' || c == '`') {
          if (!quote) quote = c;
          else if (quote == c) quote = 0;
        } else if (!quote && c == '(') {
          ++depth;
        } else if (!quote && c == ')' && depth > 0) {
          --depth;
        }
      }
      if (depth == 0 && !quote && separators_.find(c) != std::string_view::npos) break;
    }
    std::string_view piece = text_.substr(start, at_ - start);
    if (depth > 0 || quote) {
      return Fail("unbalanced parenthesis or quoted expression: " + QuotedText(piece), Error::Kind::kInvalidInput);
    }
    if (at_ < text_.size()) {
      ++at_;
      if (kept_ == Separators::kKept) piece = text_.substr(start, at_ - start);
    }
    SkipBlanks();
    return piece;
  }

 private:
  void SkipBlanks() {
    while (at_ < text_.size() && IsBlank(text_[at_])) ++at_;
  }

  std::string_view text_;
  std::string_view separators_;
  Separators kept_;
  std::size_t at_ = 0;
};

// The pieces that are not blank, without surrounding blanks.
Result<std::vector<std::string_view>> SplitTopLevel(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> pieces;
  TopLevelPieces scanner(text, separators);
  for (;;) {
    const auto piece = scanner.Next();
    if (!piece) return std::unexpected(piece.error());
    if (!*piece) return pieces;
    if (const std::string_view trimmed = TrimBlanks(**piece); !trimmed.empty()) pieces.push_back(trimmed);
  }
}

std::string WithoutComments(std::string_view query) {
  std::string out;
  bool blocks_end = true;  // once a "/*" stays open there is no need to look for the next one's end
  for (std::size_t i = 0; i < query.size();) {
    const std::string_view rest = query.substr(i);
    std::size_t length = 0;
    if (blocks_end && rest.starts_with("/*")) {
      const std::size_t end = rest.find("*/", 2);
      blocks_end = end != std::string_view::npos;
      if (blocks_end) length = end + 2;
    } else if (rest.starts_with("--") && rest.size() > 2 && rest[2] != '\n') {
      length = std::min(rest.find('\n'), rest.size());
    }
    out += length ? ' ' : query[i];
    i += length ? length : 1;
  }
  return out;
}

// Length of the words at the start of `text`, any blanks between them, plus the one blank that must follow; 0 without.
std::size_t MatchWords(std::string_view text, std::string_view words) {
  std::size_t at = 0;
  for (std::string_view word : Split(words, ' ')) {
    if (at > 0) {
      const std::size_t gap = at;
      while (at < text.size() && IsBlank(text[at])) ++at;
      if (at == gap) return 0;
    }
    if (!EqualsIgnoreCase(text.substr(at, word.size()), word)) return 0;
    at += word.size();
  }
  return at < text.size() && IsBlank(text[at]) ? at + 1 : 0;
}

// Replaces keywords that stand between blanks by " mark ".
template <std::size_t N>
std::string MarkKeywords(std::string_view text, const std::array<std::string_view, N>& keywords,
                         std::string_view mark) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t run = i;
    while (i < text.size() && IsBlank(text[i])) ++i;
    std::size_t length = 0;
    for (std::size_t k = 0; i > run && !length && k < N; ++k) length = MatchWords(text.substr(i), keywords[k]);
    if (length) {
      out.append(" ").append(mark).append(" ");
      i += length;
      continue;
    }
    out += text.substr(run, i - run);
    while (i < text.size() && !IsBlank(text[i])) out += text[i++];
  }
  return out;
}

std::string MarkedQuery(std::string_view query) {
  static constexpr std::array<std::string_view, 10> kJoins = {
      "full outer join", "left outer join", "right outer join", "full join", "cross join", "inner join",
      "outer join",      "left join",       "right join",       "join"};
  static constexpr std::array<std::string_view, 6> kSkipped = {"where", "group by", "having", "order", "limit", "with"};
  return MarkKeywords(MarkKeywords(WithoutComments(query), kJoins, kJoinMark), kSkipped, kSkipMark);
}

// Quotes are taken off each part of a dotted name.
std::string WithoutQuotes(std::string_view name, std::string_view quotes) {
  std::string out;
  bool first = true;
  for (std::string_view part : Split(name, '.')) {
    while (!part.empty() && quotes.find(part.front()) != std::string_view::npos) part.remove_prefix(1);
    while (!part.empty() && quotes.find(part.back()) != std::string_view::npos) part.remove_suffix(1);
    if (!first) out += '.';
    first = false;
    out += part;
  }
  return out;
}

Result<ViewIdentifier> IdentifierOf(const std::vector<std::string_view>& words) {
  std::string_view original = words.empty() ? std::string_view() : words.front(), alias;
  if (words.size() == 1) {
    alias = original.substr(original.rfind('.') + 1);
  } else if (words.size() == 2) {
    alias = words[1];
  } else if (words.size() == 3) {
    if (!EqualsIgnoreCase(words[1], "as")) {
      return Fail("invalid identifier part - expected \"as\", got " + std::string(words[1]),
                  Error::Kind::kInvalidInput);
    }
    alias = words[2];
  } else {
    std::string list;
    for (std::string_view word : words) list.append(list.empty() ? "" : " ").append(word);
    return Fail("invalid identifier parts [" + list + "]", Error::Kind::kInvalidInput);
  }
  // SQLite takes a single-quoted text for a name where only a name can stand: as an alias.
  return ViewIdentifier{WithoutQuotes(original, "`\"[];"), WithoutQuotes(alias, "`\"[];'")};
}

Result<void> AddIdentifiers(std::string_view list, std::vector<ViewIdentifier>& out) {
  const auto items = SplitTopLevel(list, ",");
  if (!items) return std::unexpected(items.error());
  for (std::string_view item : *items) {
    const auto words = SplitTopLevel(item, " \n\t");
    if (!words) return std::unexpected(words.error());
    auto identifier = IdentifierOf(*words);
    if (!identifier) return std::unexpected(identifier.error());
    out.push_back(*std::move(identifier));
  }
  return {};
}

// The text of each part that identifiers are read from.
struct Parts {
  std::string select, from, join;
};

Result<Parts> PartsOf(std::string_view marked) {
  Parts parts;
  std::string* part = nullptr;
  bool skips = false;
  TopLevelPieces pieces(marked, ", \n\t", TopLevelPieces::Separators::kKept);
  for (;;) {
    const auto piece = pieces.Next();
    if (!piece) return std::unexpected(piece.error());
    if (!*piece) return parts;
    const std::string_view word = TrimBlanks(**piece);
    const bool is_select = EqualsIgnoreCase(word, "select"), is_join = word == kJoinMark;
    if (is_select || is_join || EqualsIgnoreCase(word, "from")) {
      skips = false;
      if (is_join && part == &parts.join) parts.join += ',';
      part = is_select ? &parts.select : is_join ? &parts.join : &parts.from;
    } else if (word == kSkipMark) {
      skips = true;
    } else if (!EqualsIgnoreCase(word, "distinct")) {
      if (part == &parts.join && EqualsIgnoreCase(word, "on")) skips = true;
      if (part && !skips) part->append(" ").append(**piece);
    }
  }
}

}  // namespace

std::string QuotedText(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    switch (c) {
      case '\n': quoted += "\\n"; break;
      case '\r': quoted += "\\r"; break;
      case '\t': quoted += "\\t"; break;
      case '"':
      case '\\': quoted += '\\'; [[fallthrough]];
      default: quoted += c;
    }
  }
  return quoted + '"';
}

std::string_view TrimViewQuery(std::string_view query) {
  query = TrimBlanks(query);
  while (query.starts_with(';')) query.remove_prefix(1);
  while (query.ends_with(';')) query.remove_suffix(1);
  return query;
}

Result<ViewIdentifiers> ParseViewQuery(std::string_view query) {
  query = TrimViewQuery(query);
  const auto parts = PartsOf(MarkedQuery(query));
  if (!parts) return std::unexpected(parts.error());
  ViewIdentifiers identifiers;
  if (auto added = AddIdentifiers(parts->select, identifiers.columns); !added) return std::unexpected(added.error());
  if (auto added = AddIdentifiers(parts->from, identifiers.tables); !added) return std::unexpected(added.error());
  if (auto added = AddIdentifiers(parts->join, identifiers.tables); !added) return std::unexpected(added.error());
  for (const ViewIdentifier& column : identifiers.columns) {
    if (column.alias != "*") continue;
    return Fail("wildcard columns (*) are not supported - manually type the collection field names you want the view "
                "query to have",
                Error::Kind::kInvalidInput);
  }
  const auto statements = SplitTopLevel(query, ";");
  if (!statements) return std::unexpected(statements.error());
  if (statements->size() > 1) return Fail("multiple statements are not supported", Error::Kind::kInvalidInput);
  return identifiers;
}

std::optional<std::string> OnlySourceOf(std::string_view query) {
  // What the scanner reads otherwise than SQLite does, and what puts rows of elsewhere beside or in place of the table's.
  const std::string lower = AsciiLower(query);
  for (std::string_view doubtful : {"\\", "[", "union", "intersect", "except", "with"}) {
    if (lower.find(doubtful) != std::string::npos) return std::nullopt;
  }
  const auto identifiers = ParseViewQuery(query);
  if (!identifiers || identifiers->tables.size() != 1) return std::nullopt;
  const ViewIdentifier& table = identifiers->tables.front();
  if (!IsWordText(table.original) || !IsWordText(table.alias)) return std::nullopt;
  int ids = 0;
  bool is_own = true;
  for (const ViewIdentifier& column : identifiers->columns) {
    if (!EqualsIgnoreCase(column.alias, "id")) continue;
    ++ids;
    is_own = EqualsIgnoreCase(column.original, "id") || EqualsIgnoreCase(column.original, table.alias + ".id");
  }
  if (ids != 1 || !is_own) return std::nullopt;
  return table.original;
}

}  // namespace wombat

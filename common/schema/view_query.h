// What can be told of a view query from its text alone: which columns it selects, from which tables.
// Behaviour: spec 02 §8.1, §8.2.
//
// A scanner of words, not an SQL parser: SQLite decides what is valid, this only names the columns whose type follows
// from a collection's field. Pure; takes time and memory in proportion to the text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace wombat {

struct ViewIdentifier {
  std::string original;  // an expression, a column or a table, without quotes
  std::string alias;     // the name it goes by in the query
};

struct ViewIdentifiers {
  std::vector<ViewIdentifier> columns;
  std::vector<ViewIdentifier> tables;  // the FROM list, then the joined ones
};

// Without surrounding blanks and then without leading and trailing ";".
std::string_view TrimViewQuery(std::string_view query);

// In double quotes, as error messages show a part of a query.
std::string QuotedText(std::string_view text);

// Error kInvalidInput: several statements, unbalanced quotes or parentheses, an expression whose alias cannot be told, a
// wildcard.
Result<ViewIdentifiers> ParseViewQuery(std::string_view query);

// The one table whose rows the query shows, each at most once and under its own `id`. nullopt when that is not so or cannot
// be told for certain.
std::optional<std::string> OnlySourceOf(std::string_view query);

}  // namespace wombat

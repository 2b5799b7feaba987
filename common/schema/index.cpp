#include "common/schema/index.h"

#include <re2/re2.h>

#include "common/base/text.h"

namespace wombat {
namespace {

constexpr std::string_view kTrimmed = " \t\r\n\v\f`\"'[]";

std::string_view TrimQuotes(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kTrimmed);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kTrimmed) - first + 1);
}

// Splits at the commas outside quotes and parentheses. False: something was left open. A ")" too many is no error.
bool SplitColumns(std::string_view text, std::vector<std::string_view>& items) {
  std::size_t start = 0;
  int depth = 0;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (i > 0 && text[i - 1] == '\\') continue;
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"' || c == '`') {
      quote = c;
    } else if (c == '(') {
      ++depth;
    } else if (c == ')' && depth > 0) {
      --depth;
    } else if (c == ',' && depth == 0) {
      items.push_back(TrimBlanks(text.substr(start, i - start)));
      start = i + 1;
    }
  }
  items.push_back(TrimBlanks(text.substr(start)));
  return depth == 0 && quote == 0;
}

std::optional<IndexColumn> ParseColumn(std::string_view item) {
  static const re2::RE2 shape(R"((?im)^([\s\S]+?)(?:\s+collate\s+(\w+))?(?:\s+(asc|desc))?$)");
  std::string expression;
  IndexColumn column;
  if (!re2::RE2::PartialMatch(re2::StringPiece(item.data(), item.size()), shape, &expression, &column.collate,
                              &column.sort)) {
    return std::nullopt;
  }
  column.expression = TrimQuotes(expression);
  if (column.expression.empty()) return std::nullopt;
  for (char& c : column.sort) c = char(c & ~0x20);
  return column;
}

void AppendColumn(std::string& out, const IndexColumn& column) {
  const bool raw = column.expression.find_first_of("( ") != std::string::npos;
  const std::string_view quote = raw ? "" : "`";
  out.append(quote).append(column.expression).append(quote);
  if (!column.collate.empty()) out.append(" COLLATE ").append(column.collate);
  if (!column.sort.empty()) out.append(" ").append(column.sort);
}

}  // namespace

IndexDefinition ParseIndex(std::string_view sql) {
  static const re2::RE2 shape(
      R"((?is)create\s+(unique\s+)?index\s*(if\s+not\s+exists\s+)?(\S*)\s+on\s+(\S*)\s*\((.*)\)(?:\s*where\s+(.*))?)");
  IndexDefinition index;
  std::string unique, if_not_exists, name, table, columns, where;
  if (!re2::RE2::PartialMatch(re2::StringPiece(sql.data(), sql.size()), shape, &unique, &if_not_exists, &name, &table,
                              &columns, &where)) {
    return index;
  }
  index.unique = !unique.empty();
  index.if_not_exists = !if_not_exists.empty();
  const std::vector<std::string_view> parts = Split(name, '.');
  if (parts.size() == 2) index.schema = TrimQuotes(parts[0]);
  index.name = TrimQuotes(parts[parts.size() == 2 ? 1 : 0]);
  index.table = TrimQuotes(table);
  index.where = TrimBlanks(where);
  std::vector<std::string_view> items;
  if (!SplitColumns(columns, items)) return index;
  for (std::string_view item : items) {
    if (auto column = ParseColumn(item)) index.columns.push_back(std::move(*column));
  }
  return index;
}

std::string IndexDefinition::Build() const {
  if (!IsValid()) return {};
  std::string out = "CREATE ";
  if (unique) out += "UNIQUE ";
  out += "INDEX ";
  if (if_not_exists) out += "IF NOT EXISTS ";
  if (!schema.empty()) out.append("`").append(schema).append("`.");
  out.append("`").append(name).append("` ON `").append(table).append("` (");
  const bool several = columns.size() > 1;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) out += ',';
    if (several) out += "\n  ";
    AppendColumn(out, columns[i]);
  }
  out += several ? "\n)" : ")";
  if (!where.empty()) out.append(" WHERE ").append(where);
  return out;
}

}  // namespace wombat

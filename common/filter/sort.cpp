#include "common/filter/sort.h"

#include <utility>
#include <vector>

#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/filter/compile.h"
#include "common/filter/quote.h"
#include "common/filter/sql_text.h"

namespace wombat::filter {
namespace {

struct SortField {
  std::string_view name;
  bool descending = false;
};

SortField ParseSortField(std::string_view text) {
  SortField field{.name = TrimWhiteSpace(text)};
  field.descending = field.name.starts_with('-');
  if (field.descending || field.name.starts_with('+')) field.name.remove_prefix(1);
  return field;
}

std::unexpected<Error> Invalid(std::string message) { return Fail(std::move(message), Error::Kind::kInvalidInput); }

// What is no column but a value of the request or a literal has no order.
bool IsSortable(const Operand& operand) {
  if (!operand.values.empty() || operand.values_are_text || operand.value_join >= 0) return false;
  return operand.sql != "NULL" && operand.sql != "TRUE" && operand.sql != "FALSE";
}

Result<void> AppendField(std::string& order_by, const SortField& field, const SortSource& source) {
  if (!order_by.empty()) order_by += ", ";
  if (field.name == "@random") {
    order_by += "RANDOM()";
    return {};
  }
  if (field.name == "@rowid") {
    if (!source.has_rowid) return Invalid("no such column: _rowid_");
    if (!source.base_alias.empty()) order_by.append(source.base_alias).append(".");
    order_by += "`_rowid_`";
  } else {
    Operand operand;
    const auto resolved = source.resolver.Resolve(ParseIdentifier(field.name), operand);
    // The order of e-mail addresses that may not be seen would tell them by bisection (README, "Differences").
    if (!resolved || !IsSortable(operand) || !operand.email_owner.empty()) return Invalid("invalid sort field " + Quote(field.name));
    order_by += operand.sql;
  }
  order_by += field.descending ? " DESC" : " ASC";
  return {};
}

}  // namespace

Result<void> AppendSort(std::string& order_by, std::string_view sort, const SortSource& source) {
  if (sort.empty()) return {};
  const std::vector<std::string_view> parts = Split(sort, ',');
  if (source.limited && parts.size() > std::size_t(kMaxSortFields))
    return Invalid("max sort expressions limit reached");
  for (const std::string_view part : parts) {
    const SortField field = ParseSortField(part);
    if (source.limited && field.name.size() > kMaxSortFieldBytes) return Invalid("max sort field length limit reached");
    if (auto appended = AppendField(order_by, field, source); !appended) return appended;
  }
  return {};
}

}  // namespace wombat::filter

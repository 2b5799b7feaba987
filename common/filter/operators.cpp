#include "common/filter/operators.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "common/base/json_text.h"
#include "common/base/text.h"

namespace wombat::filter {
namespace {

bool IsBlank(const SqlValue& value) {
  if (std::holds_alternative<std::monostate>(value)) return true;
  const auto* text = std::get_if<std::string>(&value);
  return text && text->empty();
}

bool IsEmptyLiteral(std::string_view sql) {
  return sql.empty() || sql == "''" || sql == "\"\"" || sql == "``" || EqualsIgnoreCase(sql, "NULL");
}

bool IsBooleanLiteral(std::string_view sql) {
  return sql == "1" || sql == "0" || EqualsIgnoreCase(sql, "true") || EqualsIgnoreCase(sql, "false");
}

bool HasValues(const Operand& operand) {
  return !operand.values_are_text && (!operand.values.empty() || operand.value_join >= 0);
}

// Known to be blank whatever the row.
bool IsEmpty(const Operand& operand) {
  if (IsEmptyLiteral(operand.sql)) return true;
  return operand.null_mode == NullMode::kAuto && !operand.values_are_text && operand.value_join < 0 &&
         operand.values.size() == 1 && IsBlank(operand.values[0]);
}

// Known not to be blank whatever the row.
bool IsSolid(const Operand& operand) {
  if (operand.null_mode == NullMode::kForced) return false;
  if (IsBooleanLiteral(operand.sql)) return true;
  return HasValues(operand) && std::ranges::none_of(operand.values, IsBlank) && !IsEmptyLiteral(operand.sql);
}

void Put(Fragment& out, Operand& operand, bool last_use) {
  out.sql += operand.sql;
  for (SqlValue& value : operand.values) {
    if (last_use) {
      out.values.push_back(std::move(value));
    } else {
      out.values.push_back(value);
    }
  }
}

void PutOrEmpty(Fragment& out, Operand& operand, bool last_use) {
  if (IsEmpty(operand)) {
    out.sql += "''";
  } else {
    Put(out, operand, last_use);
  }
}

void AppendEquality(Fragment& out, Operand& left, bool equal, Operand& right, bool last_use) {
  if (left.null_mode == NullMode::kOff || right.null_mode == NullMode::kOff) {
    Put(out, left, last_use);
    out.sql += equal ? " IS " : " IS NOT ";
    Put(out, right, last_use);
    return;
  }
  const bool left_empty = IsEmpty(left), right_empty = IsEmpty(right);
  if (left_empty && right_empty) {
    out.sql += equal ? "'' = ''" : "'' IS NOT ''";
  } else if (IsSolid(left) || IsSolid(right)) {
    PutOrEmpty(out, left, last_use);
    out.sql += equal ? " = " : " IS NOT ";
    PutOrEmpty(out, right, last_use);
  } else if (left_empty || right_empty) {
    Operand& other = left_empty ? right : left;
    out.sql += left_empty ? (equal ? "('' = " : "('' IS NOT ") : "(";
    Put(out, other, false);
    if (!left_empty) out.sql += equal ? " = ''" : " IS NOT ''";
    out.sql += equal ? " OR " : " AND ";
    Put(out, other, last_use);
    out.sql += equal ? " IS NULL)" : " IS NOT NULL)";
  } else {
    out.sql += "COALESCE(";
    Put(out, left, last_use);
    out.sql += equal ? ",'') = COALESCE(" : ",'') IS NOT COALESCE(";
    Put(out, right, last_use);
    out.sql += ",'')";
  }
}

void AppendLike(Fragment& out, Operand& left, bool negated, Operand& right, bool last_use) {
  Put(out, left, last_use);
  const bool column = !HasValues(right);
  out.sql += negated ? " NOT LIKE " : " LIKE ";
  if (column) out.sql += "('%' || ";
  Put(out, right, last_use);
  if (column) out.sql += " || '%')";
  out.sql += " ESCAPE '\\'";
}

bool IsSpecial(char c) { return c == '\\' || c == '%' || c == '_'; }

bool HasOwnWildcard(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '%') {
      return true;
    }
  }
  return false;
}

std::string TextOf(const SqlValue& value, bool boolean) {
  if (const auto* number = std::get_if<double>(&value)) return PlainDecimal(*number);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  const auto* integer = std::get_if<std::int64_t>(&value);
  if (!integer) return {};
  if (boolean) return *integer ? "true" : "false";
  return std::to_string(*integer);
}

}  // namespace

std::string LikePattern(std::string text) {
  if (HasOwnWildcard(text)) return text;
  // From right to left; the character before a special one is not examined itself (03 §3.3).
  std::string reversed = "%";
  for (std::size_t i = text.size(); i-- > 0;) {
    reversed += text[i];
    if (!IsSpecial(text[i])) continue;
    if (i == 0 || text[i - 1] != '\\') reversed += '\\';
    if (i > 0) reversed += text[--i];
  }
  reversed += '%';
  std::ranges::reverse(reversed);
  return reversed;
}

void MakePattern(Operand& right) {
  if (right.values_are_text) return;
  for (SqlValue& value : right.values) value = LikePattern(TextOf(value, right.boolean));
}

void AppendPredicate(Fragment& out, Operand& left, Operator op, Operand& right, bool last_use) {
  const char* comparison = nullptr;
  switch (op) {
    case Operator::kEqual:
    case Operator::kNotEqual:
      return AppendEquality(out, left, op == Operator::kEqual, right, last_use);
    case Operator::kLike:
    case Operator::kNotLike:
      return AppendLike(out, left, op == Operator::kNotLike, right, last_use);
    case Operator::kGreater:
      comparison = " > ";
      break;
    case Operator::kGreaterEqual:
      comparison = " >= ";
      break;
    case Operator::kLess:
      comparison = " < ";
      break;
    case Operator::kLessEqual:
      comparison = " <= ";
      break;
  }
  Put(out, left, last_use);
  out.sql += comparison;
  Put(out, right, last_use);
}

}  // namespace wombat::filter

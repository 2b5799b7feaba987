#include "common/schema/fields/number.h"

#include <cmath>

#include "common/base/json_text.h"
#include "common/schema/fields/cells.h"
#include "common/schema/fields/checks.h"

namespace wombat {
namespace {

constexpr double kInt64Limit = 9223372036854775808.0;  // 2^63

bool IsWhole(double value) { return std::trunc(value) == value && value >= -kInt64Limit && value < kInt64Limit; }

double NumberOf(const Json& value) { return value.is_number() ? value.as_number() : 0; }

double CellNumber(const Cell& cell) {
  switch (cell.type()) {
    case SQLITE_INTEGER:
      return double(cell.integer());
    case SQLITE_FLOAT:
      return cell.real();
    default:
      return ParseLooseNumber(cell.text()).value_or(0);
  }
}

FieldError LimitError(std::string_view code, std::string_view message, std::string_view param, double limit) {
  return {std::string(code), std::string(message) + FloatText(limit), Json::Object({{std::string(param), limit}})};
}

FieldError MinimumError(double limit) {
  return LimitError("validation_min_number_constraint", "Must be greater or equal than ", "min", limit);
}

FieldError OnlyIntError() { return {"validation_only_int_constraint", "Decimal numbers are not allowed", {}}; }

}  // namespace

Json NumberField::FromCell(const Cell& cell) const { return CellNumber(cell); }

SqlValue NumberField::ToColumn(const Json& value) const { return NumberOf(value); }

std::optional<Json> NumberField::ApplyModifier(Modifier modifier, const Json& current, const Json& operand) const {
  if (modifier == Modifier::kAppend) return NumberOf(current) + CastToNumber(operand);
  if (modifier == Modifier::kRemove) return NumberOf(current) - CastToNumber(operand);
  return std::nullopt;
}

void NumberField::AppendJson(std::string& out, const Json& value) const { AppendJsonNumber(out, NumberOf(value)); }

bool NumberField::AppendCellJson(std::string& out, const Cell& cell) const {
  // Up to 2^53 an integer prints the same as the double it would become.
  if (cell.type() == SQLITE_INTEGER) {
    const std::int64_t integer = cell.integer();
    if (integer >= -kMaxSafeInteger && integer <= kMaxSafeInteger) {
      AppendJsonNumber(out, integer);
      return true;
    }
  }
  AppendJsonNumber(out, CellNumber(cell));
  return true;
}

bool NumberField::IsBlank(const Json& value) const { return NumberOf(value) == 0; }

Result<std::optional<FieldError>> NumberField::Validate(const Json& value, ValidationContext&) const {
  const double number = NumberOf(value);
  if (!std::isfinite(number)) {
    return FieldError{"validation_not_a_number", "The submitted number is not properly formatted", {}};
  }
  if (number == 0) {
    if (required) return FieldError::Required();
    return std::nullopt;  // zero is "no value": no limit applies to it
  }
  if (only_int && !IsWhole(number)) return OnlyIntError();
  if (min && number < *min) return MinimumError(*min);
  if (max && number > *max) {
    return LimitError("validation_max_number_constraint", "Must be less or equal than ", "max", *max);
  }
  return std::nullopt;
}

void NumberField::ValidateSettings(const SettingsContext&, const std::string& path, Json& errors) const {
  if (only_int && min && !IsWhole(*min)) AddFieldError(errors, path + ".min", OnlyIntError());
  if (only_int && max && !IsWhole(*max)) {
    AddFieldError(errors, path + ".max", OnlyIntError());
  } else if (min && max && *max < *min) {
    AddFieldError(errors, path + ".max", MinimumError(*min));
  }
}

const std::vector<Field::Option>& NumberField::OptionTable() const {
  static const std::vector<Option> options = {
      MakeOption("max", &NumberField::max),
      MakeOption("min", &NumberField::min),
      MakeOption("onlyInt", &NumberField::only_int),
  };
  return options;
}

}  // namespace wombat

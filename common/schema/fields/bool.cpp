#include "common/schema/fields/bool.h"

#include "common/schema/fields/cells.h"

namespace wombat {
namespace {

bool BoolOf(const Json& value) { return value.is_bool() && value.as_bool(); }

// A cell counts as its text does, so the integer 2 is false.
bool CellBool(const Cell& cell) {
  if (cell.type() == SQLITE_INTEGER) return cell.integer() == 1;
  std::string scratch;
  return CastToBool(CellText(cell, scratch));
}

}  // namespace

Json BoolField::FromCell(const Cell& cell) const { return CellBool(cell); }

SqlValue BoolField::ToColumn(const Json& value) const { return std::int64_t(BoolOf(value) ? 1 : 0); }

void BoolField::AppendJson(std::string& out, const Json& value) const { out += BoolOf(value) ? "true" : "false"; }

bool BoolField::AppendCellJson(std::string& out, const Cell& cell) const {
  out += CellBool(cell) ? "true" : "false";
  return true;
}

bool BoolField::IsBlank(const Json& value) const { return !BoolOf(value); }

Result<std::optional<FieldError>> BoolField::Validate(const Json& value, ValidationContext&) const {
  if (required && IsBlank(value)) return FieldError::Required();
  return std::nullopt;
}

const std::vector<Field::Option>& BoolField::OptionTable() const {
  static const std::vector<Option> none;
  return none;
}

}  // namespace wombat

#include "common/schema/fields/string_field.h"

#include "common/base/json_text.h"
#include "common/schema/fields/cells.h"

namespace wombat {

Json StringField::FromCell(const Cell& cell) const {
  std::string scratch;
  return CellText(cell, scratch);
}

SqlValue StringField::ToColumn(const Json& value) const { return std::string(StringOf(value)); }

void StringField::AppendJson(std::string& out, const Json& value) const { AppendJsonString(out, StringOf(value)); }

bool StringField::AppendCellJson(std::string& out, const Cell& cell) const {
  std::string scratch;
  AppendJsonString(out, CellText(cell, scratch));
  return true;
}

bool StringField::IsBlank(const Json& value) const { return StringOf(value).empty(); }

}  // namespace wombat

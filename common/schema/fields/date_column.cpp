#include "common/schema/fields/date_column.h"

#include "common/base/json_text.h"
#include "common/base/time.h"
#include "common/schema/fields/cells.h"

namespace wombat {
namespace {

// "YYYY-MM-DD HH:MM:SS.mmmZ" that surely names an existing instant: years from 0002 on and days that every month has.
// The rest goes through the parser, which tells "" from a real date.
bool IsPlainInstant(std::string_view text) {
  static constexpr std::string_view kShape = "dddd-dd-dd dd:dd:dd.dddZ";
  if (text.size() != kShape.size()) return false;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == 'd' ? !digit : text[i] != kShape[i]) return false;
  }
  const auto two = [&](std::size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
  const int month = two(5);
  const int day = two(8);
  return text.substr(0, 4) > "0001" && month >= 1 && month <= 12 && day >= 1 && day <= 28 && two(11) < 24 &&
         two(14) < 60 && two(17) < 60;
}

}  // namespace

Json DateColumn::FromCell(const Cell& cell) const {
  std::string scratch;
  const std::string_view text = CellText(cell, scratch);
  if (IsPlainInstant(text)) return text;
  return NormalizeTimestamp(text);
}

Json DateColumn::Cast(const Json& submitted) const {
  const std::string_view text = StringOf(submitted);
  if (IsPlainInstant(text)) return text;
  return NormalizeTimestamp(text);
}

bool DateColumn::AppendCellJson(std::string& out, const Cell& cell) const {
  std::string scratch;
  const std::string_view text = CellText(cell, scratch);
  if (text.empty()) {
    out += "\"\"";
  } else if (IsPlainInstant(text)) {
    out += '"';
    out += text;
    out += '"';
  } else {
    AppendJsonString(out, NormalizeTimestamp(text));
  }
  return true;
}

}  // namespace wombat

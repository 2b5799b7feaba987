#include "common/schema/fields/json.h"

#include "common/base/json_text.h"
#include "common/base/text.h"
#include "common/schema/fields/cells.h"
#include "common/schema/fields/checks.h"
#include "common/schema/fields/quote.h"

namespace wombat {
namespace {

// A text is taken as JSON itself when it looks like some and is some; blanks in front make it a string.
bool IsJsonItself(std::string_view text) {
  if (text.empty()) return false;
  if (text == "null" || text == "true" || text == "false") return true;
  const char first = text.front();
  const bool looks = (first >= '0' && first <= '9') || first == '-' || first == '"' || first == '[' || first == '{';
  return looks && IsValidJson(text);
}

std::string TextToJson(std::string_view text) { return IsJsonItself(text) ? std::string(text) : QuoteText(text); }

}  // namespace

Json JsonField::FromCell(const Cell& cell) const {
  if (cell.is_null()) return {};
  std::string scratch;
  return TextToJson(CellText(cell, scratch));
}

SqlValue JsonField::ToColumn(const Json& value) const {
  if (!value.is_string() || value.as_string().empty()) return std::monostate();
  return value.as_string();
}

Json JsonField::Cast(const Json& submitted) const {
  if (submitted.is_null()) return {};
  if (submitted.is_string()) return TextToJson(submitted.as_string());
  return submitted.Dump();
}

void JsonField::AppendJson(std::string& out, const Json& value) const {
  const std::string_view text = StringOf(value);
  // A text that is no JSON can be in memory (a refused value), never in an answer.
  if (text.empty() || !IsValidJson(text)) {
    out += "null";
  } else {
    AppendCompactJson(out, text);
  }
}

bool JsonField::AppendCellJson(std::string& out, const Cell& cell) const {
  if (cell.is_null()) {
    out += "null";
    return true;
  }
  std::string scratch;
  const std::string_view text = CellText(cell, scratch);
  if (IsJsonItself(text)) {
    AppendCompactJson(out, text);
  } else {
    AppendJson(out, QuoteText(text));
  }
  return true;
}

bool JsonField::IsBlank(const Json& value) const {
  const std::string_view text = TrimBlanks(StringOf(value));
  return text.empty() || text == "null" || text == "\"\"" || text == "[]" || text == "{}";
}

Result<std::optional<FieldError>> JsonField::Validate(const Json& value, ValidationContext&) const {
  const std::string_view text = StringOf(value);
  const std::int64_t limit = max_size > 0 ? max_size : kDefaultMaxSize;
  if (std::int64_t(text.size()) > limit) {
    return FieldError{"validation_json_size_limit", "The maximum allowed JSON size is {{.maxSize}} bytes",
                      Json::Object({{"maxSize", limit}})};
  }
  if (!text.empty() && !IsValidJson(text)) {
    return FieldError{"validation_invalid_json", "Must be a valid json value", {}};
  }
  if (required && IsBlank(value)) return FieldError::Required();
  return std::nullopt;
}

void JsonField::ValidateSettings(const SettingsContext&, const std::string& path, Json& errors) const {
  CheckRange(errors, path + ".maxSize", max_size, 0, kMaxSafeInteger);
}

const std::vector<Field::Option>& JsonField::OptionTable() const {
  static const std::vector<Option> options = {MakeOption("maxSize", &JsonField::max_size)};
  return options;
}

}  // namespace wombat

#include "common/schema/fields/select.h"

#include "common/schema/fields/checks.h"

namespace wombat {

Result<std::optional<FieldError>> SelectField::Validate(const Json& value, ValidationContext&) const {
  const std::vector<std::string> chosen = Items(value);
  if (chosen.empty()) {
    if (required) return FieldError::Required();
    return std::nullopt;
  }
  if (std::int64_t(chosen.size()) > limit()) {
    return FieldError{"validation_too_many_values", "Select no more than {{.maxSelect}}",
                      Json::Object({{"maxSelect", limit()}})};
  }
  for (const std::string& item : chosen) {
    if (Contains(values, item)) continue;
    return FieldError{"validation_invalid_value", "Invalid value {{.value}}", Json::Object({{"value", item}})};
  }
  return std::nullopt;
}

void SelectField::ValidateSettings(const SettingsContext&, const std::string& path, Json& errors) const {
  const std::int64_t available = values ? std::int64_t(values->size()) : 0;
  if (available == 0) AddFieldError(errors, path + ".values", FieldError::Required());
  CheckRange(errors, path + ".maxSelect", max_select, 0, std::max<std::int64_t>(available, 1));
}

const std::vector<Field::Option>& SelectField::OptionTable() const {
  static const std::vector<Option> options = {
      MakeOption("maxSelect", &ListField::max_select),
      MakeOption("values", &SelectField::values),
  };
  return options;
}

}  // namespace wombat

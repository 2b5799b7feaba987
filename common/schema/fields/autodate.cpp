#include "common/schema/fields/autodate.h"

#include "common/schema/collection.h"

namespace wombat {

Result<std::optional<FieldError>> AutodateField::Validate(const Json&, ValidationContext&) const {
  return std::nullopt;
}

void AutodateField::ValidateSettings(const SettingsContext& context, const std::string& path, Json& errors) const {
  if (!on_create && !on_update) {
    const FieldError neither = {"validation_required", "Either onCreate or onUpdate must be enabled.", {}};
    AddFieldError(errors, path + ".onCreate", neither);
    AddFieldError(errors, path + ".onUpdate", neither);
    return;
  }
  if (!system || !context.stored) return;
  const auto* stored = dynamic_cast<const AutodateField*>(context.stored->FindFieldById(id));
  if (!stored) return;
  const FieldError changed = {"validation_values_mismatch", "values don't match", {}};
  if (stored->on_create != on_create) AddFieldError(errors, path + ".onCreate", changed);
  if (stored->on_update != on_update) AddFieldError(errors, path + ".onUpdate", changed);
}

const std::vector<Field::Option>& AutodateField::OptionTable() const {
  static const std::vector<Option> options = {
      MakeOption("onCreate", &AutodateField::on_create),
      MakeOption("onUpdate", &AutodateField::on_update),
  };
  return options;
}

}  // namespace wombat

// One or several of a fixed list of values.    Behaviour: spec 02 §5.10.
#pragma once

#include "common/schema/fields/list_field.h"
#include "common/schema/fields/options.h"

namespace wombat {

class SelectField final : public TypedField<SelectField, ListField> {
 public:
  OptionalList values;

  std::string_view type() const override { return "select"; }
  Result<std::optional<FieldError>> Validate(const Json& value, ValidationContext& context) const override;
  void ValidateSettings(const SettingsContext& context, const std::string& path, Json& errors) const override;

 protected:
  const std::vector<Option>& OptionTable() const override;
};

}  // namespace wombat

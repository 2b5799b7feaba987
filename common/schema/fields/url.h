// A web address, optionally of certain hosts only.    Behaviour: spec 02 §5.7.
#pragma once

#include "common/schema/fields/options.h"
#include "common/schema/fields/string_field.h"

namespace wombat {

class UrlField final : public TypedField<UrlField, StringField> {
 public:
  OptionalList except_domains;
  OptionalList only_domains;

  std::string_view type() const override { return "url"; }
  Result<std::optional<FieldError>> Validate(const Json& value, ValidationContext& context) const override;
  void ValidateSettings(const SettingsContext& context, const std::string& path, Json& errors) const override;

 protected:
  const std::vector<Option>& OptionTable() const override;
};

}  // namespace wombat

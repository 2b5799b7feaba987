// One line or many of plain text; with `primaryKey` the record's id.    Behaviour: spec 02 §5.1.
#pragma once

#include "common/schema/autogenerate.h"
#include "common/schema/fields/options.h"
#include "common/schema/fields/string_field.h"

namespace wombat {

class TextField final : public TypedField<TextField, StringField> {
 public:
  std::int64_t min = 0;
  std::int64_t max = 0;  // 0: 5000
  Pattern pattern;
  AutogeneratePattern autogenerate;
  bool primary_key = false;

  std::string_view type() const override { return "text"; }
  std::string ColumnDefinition() const override;
  std::optional<Json> ApplyModifier(Modifier modifier, const Json& current, const Json& operand) const override;
  std::optional<Json> AutogenerateOnCreate(const Json& current) const override;
  Result<std::optional<FieldError>> Validate(const Json& value, ValidationContext& context) const override;
  void ValidateSettings(const SettingsContext& context, const std::string& path, Json& errors) const override;

 protected:
  const std::vector<Option>& OptionTable() const override;

 private:
  std::optional<FieldError> CheckPlainValue(std::string_view value) const;
  std::optional<FieldError> CheckKeyCharacters(std::string_view value) const;
  void CheckPrimaryKeySettings(const SettingsContext& context, const std::string& path, Json& errors) const;
  void CheckAutogenerate(const std::string& path, Json& errors) const;
};

}  // namespace wombat

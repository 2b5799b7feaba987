// An instant with milliseconds, in UTC.    Behaviour: spec 02 §5.8.
#pragma once

#include "common/schema/fields/date_column.h"
#include "common/schema/fields/options.h"

namespace wombat {

class DateField final : public TypedField<DateField, DateColumn> {
 public:
  std::string min;  // an instant's text, "" for no limit
  std::string max;

  std::string_view type() const override { return "date"; }
  Result<std::optional<FieldError>> Validate(const Json& value, ValidationContext& context) const override;
  void ValidateSettings(const SettingsContext&, const std::string&, Json&) const override {}

 protected:
  const std::vector<Option>& OptionTable() const override;

 private:
  static Option LimitOption(std::string_view key, std::string DateField::*member);
};

}  // namespace wombat

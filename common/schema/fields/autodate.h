// An instant that the writer stamps on create and/or update.    Behaviour: spec 02 §5.9.
#pragma once

#include "common/schema/fields/date_column.h"
#include "common/schema/fields/options.h"

namespace wombat {

class AutodateField final : public TypedField<AutodateField, DateColumn> {
 public:
  bool on_create = false;
  bool on_update = false;

  std::string_view type() const override { return "autodate"; }
  Result<std::optional<FieldError>> Validate(const Json& value, ValidationContext& context) const override;
  void ValidateSettings(const SettingsContext& context, const std::string& path, Json& errors) const override;
  bool StampsOnCreate() const override { return on_create; }
  bool StampsOnUpdate() const override { return on_update; }

 protected:
  const std::vector<Option>& OptionTable() const override;
  bool has_help_and_required() const override { return false; }
};

}  // namespace wombat

// A double, optionally whole and within limits.    Behaviour: spec 02 §5.4.
#pragma once

#include "common/schema/fields/options.h"

namespace wombat {

class NumberField final : public TypedField<NumberField> {
 public:
  std::optional<double> min;
  std::optional<double> max;
  bool only_int = false;

  std::string_view type() const override { return "number"; }
  std::string ColumnDefinition() const override { return "NUMERIC DEFAULT 0 NOT NULL"; }
  Json FromCell(const Cell& cell) const override;
  SqlValue ToColumn(const Json& value) const override;
  Json ZeroValue() const override { return 0; }
  Json Cast(const Json& submitted) const override { return CastToNumber(submitted); }
  std::optional<Json> ApplyModifier(Modifier modifier, const Json& current, const Json& operand) const override;
  void AppendJson(std::string& out, const Json& value) const override;
  bool AppendCellJson(std::string& out, const Cell& cell) const override;
  bool IsBlank(const Json& value) const override;
  Result<std::optional<FieldError>> Validate(const Json& value, ValidationContext& context) const override;
  void ValidateSettings(const SettingsContext& context, const std::string& path, Json& errors) const override;

 protected:
  const std::vector<Option>& OptionTable() const override;
};

}  // namespace wombat

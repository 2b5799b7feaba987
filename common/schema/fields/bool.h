// True or false; `required` means true.    Behaviour: spec 02 §5.5.
#pragma once

#include "common/schema/fields/options.h"

namespace wombat {

class BoolField final : public TypedField<BoolField> {
 public:
  std::string_view type() const override { return "bool"; }
  std::string ColumnDefinition() const override { return "BOOLEAN DEFAULT FALSE NOT NULL"; }
  Json FromCell(const Cell& cell) const override;
  SqlValue ToColumn(const Json& value) const override;
  Json ZeroValue() const override { return false; }
  Json Cast(const Json& submitted) const override { return CastToBool(submitted); }
  void AppendJson(std::string& out, const Json& value) const override;
  bool AppendCellJson(std::string& out, const Cell& cell) const override;
  bool IsBlank(const Json& value) const override;
  Result<std::optional<FieldError>> Validate(const Json& value, ValidationContext& context) const override;
  void ValidateSettings(const SettingsContext&, const std::string&, Json&) const override {}

 protected:
  const std::vector<Option>& OptionTable() const override;
};

}  // namespace wombat

// Any JSON, kept as text.    Behaviour: spec 02 §5.12.
#pragma once

#include "common/schema/fields/options.h"

namespace wombat {

class JsonField final : public TypedField<JsonField> {
 public:
  std::int64_t max_size = 0;  // bytes of the text; 0: kDefaultMaxSize
  static constexpr std::int64_t kDefaultMaxSize = 1 << 20;

  std::string_view type() const override { return "json"; }
  std::string ColumnDefinition() const override { return "JSON DEFAULT NULL"; }
  Json FromCell(const Cell& cell) const override;
  SqlValue ToColumn(const Json& value) const override;
  Json ZeroValue() const override { return {}; }
  Json Cast(const Json& submitted) const override;
  void AppendJson(std::string& out, const Json& value) const override;
  bool AppendCellJson(std::string& out, const Cell& cell) const override;
  bool IsBlank(const Json& value) const override;
  Result<std::optional<FieldError>> Validate(const Json& value, ValidationContext& context) const override;
  void ValidateSettings(const SettingsContext& context, const std::string& path, Json& errors) const override;

 protected:
  const std::vector<Option>& OptionTable() const override;
};

}  // namespace wombat

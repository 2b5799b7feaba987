// A place on earth: longitude and latitude in degrees.    Behaviour: spec 02 §5.13.
#pragma once

#include "common/schema/fields/options.h"

namespace wombat {

class GeoPointField final : public TypedField<GeoPointField> {
 public:
  std::string_view type() const override { return "geoPoint"; }
  std::string ColumnDefinition() const override { return R"(JSON DEFAULT '{"lon":0,"lat":0}' NOT NULL)"; }
  Json FromCell(const Cell& cell) const override;
  SqlValue ToColumn(const Json& value) const override;
  Json ZeroValue() const override;
  Json Cast(const Json& submitted) const override;
  void AppendJson(std::string& out, const Json& value) const override;
  bool AppendCellJson(std::string& out, const Cell& cell) const override;
  bool IsBlank(const Json& value) const override;
  Result<std::optional<FieldError>> Validate(const Json& value, ValidationContext& context) const override;
  void ValidateSettings(const SettingsContext&, const std::string&, Json&) const override {}

 protected:
  const std::vector<Option>& OptionTable() const override;
};

}  // namespace wombat

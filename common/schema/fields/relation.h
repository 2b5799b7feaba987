// Ids of records of another (or the same) collection.    Behaviour: spec 02 §5.11.
#pragma once

#include "common/schema/fields/list_field.h"
#include "common/schema/fields/options.h"

namespace wombat {

class RelationField final : public TypedField<RelationField, ListField> {
 public:
  std::string collection_id;
  bool cascade_delete = false;
  std::int64_t min_select = 0;

  std::string_view type() const override { return "relation"; }
  Result<std::optional<FieldError>> Validate(const Json& value, ValidationContext& context) const override;
  void ValidateSettings(const SettingsContext& context, const std::string& path, Json& errors) const override;

 protected:
  const std::vector<Option>& OptionTable() const override;

 private:
  std::optional<FieldError> CheckCollection(const SettingsContext& context) const;
};

}  // namespace wombat

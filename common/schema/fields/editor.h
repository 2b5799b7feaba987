// Rich text as HTML, kept as it came.    Behaviour: spec 02 §5.3.
#pragma once

#include "common/schema/fields/options.h"
#include "common/schema/fields/string_field.h"

namespace wombat {

class EditorField final : public TypedField<EditorField, StringField> {
 public:
  std::int64_t max_size = 0;  // bytes; 0: kDefaultMaxSize
  bool convert_urls = false;  // of the dashboard only
  static constexpr std::int64_t kDefaultMaxSize = 5 << 20;

  std::string_view type() const override { return "editor"; }
  Result<std::optional<FieldError>> Validate(const Json& value, ValidationContext& context) const override;
  void ValidateSettings(const SettingsContext& context, const std::string& path, Json& errors) const override;

 protected:
  const std::vector<Option>& OptionTable() const override;
};

}  // namespace wombat

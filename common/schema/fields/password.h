// A secret kept as a bcrypt hash.    Behaviour: spec 02 §5.14.
//
// The value of the field is the hash. Plain text lives in the Record only, which also remembers a failed hashing.
#pragma once

#include "common/schema/fields/options.h"
#include "common/schema/fields/string_field.h"

namespace wombat {

class PasswordField final : public TypedField<PasswordField, StringField> {
 public:
  Pattern pattern;
  std::int64_t min = 0;
  std::int64_t max = 0;   // 0: kDefaultMax
  std::int64_t cost = 0;  // 0: kDefaultCost
  static constexpr std::int64_t kDefaultMax = 71;
  static constexpr std::int64_t kDefaultCost = 10;

  std::string_view type() const override { return "password"; }
  void AppendJson(std::string& out, const Json& value) const override;
  bool AppendCellJson(std::string& out, const Cell& cell) const override;
  Result<std::optional<FieldError>> Validate(const Json& value, ValidationContext& context) const override;
  void ValidateSettings(const SettingsContext& context, const std::string& path, Json& errors) const override;

 protected:
  const std::vector<Option>& OptionTable() const override;
};

}  // namespace wombat

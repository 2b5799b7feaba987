#include "common/schema/fields/password.h"

#include "common/base/json_text.h"
#include "common/records/record.h"
#include "common/schema/fields/checks.h"

namespace wombat {
namespace {

constexpr std::int64_t kMinCost = 4;
constexpr std::int64_t kMaxCost = 31;

FieldError LengthError(std::string_view code, std::string_view message, std::int64_t limit) {
  return {std::string(code), std::string(message) + " " + std::to_string(limit) + " character(s)", {}};
}

}  // namespace

// A hash never leaves the server.
void PasswordField::AppendJson(std::string& out, const Json&) const { out += "\"\""; }

bool PasswordField::AppendCellJson(std::string& out, const Cell&) const {
  out += "\"\"";
  return true;
}

Result<std::optional<FieldError>> PasswordField::Validate(const Json& value, ValidationContext& context) const {
  const Record& record = context.record();
  const int index = record.collection().FieldIndex(name);
  if (index < 0) return Fail("field " + name + " is not part of the record's collection");
  if (record.password_failed(index)) return FieldError::InvalidValue();
  const std::string* plain = record.PlainPassword(index);
  const bool is_set = plain && !plain->empty();
  if (required && IsBlank(value) && !is_set) return FieldError::Required();
  if (!is_set) return std::nullopt;
  const auto length = std::int64_t(CountCodePoints(*plain));
  if (length < min) return LengthError("validation_min_text_constraint", "Must be at least", min);
  const std::int64_t limit = max > 0 ? max : kDefaultMax;
  if (length > limit) return LengthError("validation_max_text_constraint", "Must be less than", limit);
  if (!pattern.Matches(*plain)) return FieldError{"validation_invalid_format", "Invalid value format", {}};
  return std::nullopt;
}

void PasswordField::ValidateSettings(const SettingsContext&, const std::string& path, Json& errors) const {
  CheckRange(errors, path + ".min", min, 1, kDefaultMax);
  CheckRange(errors, path + ".max", max, min, kDefaultMax);
  CheckRange(errors, path + ".cost", cost, kMinCost, kMaxCost);
  CheckPattern(errors, path + ".pattern", pattern);
}

const std::vector<Field::Option>& PasswordField::OptionTable() const {
  static const std::vector<Option> options = {
      MakeOption("cost", &PasswordField::cost),
      MakeOption("max", &PasswordField::max),
      MakeOption("min", &PasswordField::min),
      MakeOption("pattern", &PasswordField::pattern),
  };
  return options;
}

}  // namespace wombat

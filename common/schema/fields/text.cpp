#include "common/schema/fields/text.h"

#include <array>

#include "common/base/json_text.h"
#include "common/base/text.h"
#include "common/records/record.h"
#include "common/schema/collection.h"
#include "common/schema/fields/cells.h"
#include "common/schema/fields/checks.h"

namespace wombat {
namespace {

constexpr std::int64_t kDefaultMax = 5000;
constexpr std::string_view kDefaultIdPattern = "^[a-z0-9]+$";
constexpr int kTrialGenerations = 10;

// In the order in which they are looked for. NUL is a member, hence the explicit length.
constexpr std::string_view kForbiddenKeyCharacters("./\\|\"'`<>:?*%$\0\t\n\r ", 19);

constexpr std::array<std::string_view, 22> kReservedKeys = {
    "CON",  "PRN",  "AUX",  "NUL",  "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7",
    "COM8", "COM9", "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9"};

FieldError LengthError(std::string_view code, std::string_view message, std::string_view param, std::int64_t limit) {
  return {std::string(code), std::string(message), Json::Object({{std::string(param), limit}})};
}

}  // namespace

std::string TextField::ColumnDefinition() const {
  if (primary_key) return "TEXT PRIMARY KEY DEFAULT ('r'||lower(hex(randomblob(7)))) NOT NULL";
  return StringField::ColumnDefinition();
}

std::optional<Json> TextField::ApplyModifier(Modifier modifier, const Json&, const Json& operand) const {
  if (modifier != Modifier::kAutogenerate) return std::nullopt;
  std::string value = CastToText(operand);
  if (!autogenerate.empty()) value += autogenerate.Generate().value_or("");
  return value;
}

std::optional<Json> TextField::AutogenerateOnCreate(const Json& current) const {
  if (autogenerate.empty() || !IsBlank(current)) return std::nullopt;
  auto generated = autogenerate.Generate();
  if (!generated) return std::nullopt;
  return std::move(*generated);
}

Result<std::optional<FieldError>> TextField::Validate(const Json& value, ValidationContext& context) const {
  const std::string_view text = StringOf(value);
  if (primary_key && !context.record().is_new()) {
    if (StringOf(context.record().Original(name)) == text) return std::nullopt;
    return FieldError{"validation_pk_change", "The record primary key cannot be changed.", {}};
  }
  // The default pattern has no upper-case letters, so equal ids are left to the database's unique check.
  if (primary_key && pattern.text() != kDefaultIdPattern && !text.empty()) {
    const Result<bool> exists = context.IdExistsIgnoringCase(text);
    if (!exists) return std::unexpected(exists.error());
    if (*exists) return FieldError{"validation_pk_invalid", "The record primary key is invalid or already exists.", {}};
  }
  return CheckPlainValue(text);
}

std::optional<FieldError> TextField::CheckPlainValue(std::string_view value) const {
  if (value.empty()) {
    if (required || primary_key) return FieldError::Required();
    return std::nullopt;
  }
  const auto length = std::int64_t(CountCodePoints(value));
  if (min > 0 && length < min) {
    return LengthError("validation_min_text_constraint", "Must be at least {{.min}} character(s).", "min", min);
  }
  const std::int64_t limit = max > 0 ? max : kDefaultMax;
  if (length > limit) {
    return LengthError("validation_max_text_constraint", "Must be no more than {{.max}} character(s).", "max", limit);
  }
  if (!pattern.Matches(value)) return FieldError{"validation_invalid_format", "Invalid value format.", {}};
  if (primary_key && pattern.text() != kDefaultIdPattern) return CheckKeyCharacters(value);
  return std::nullopt;
}

std::optional<FieldError> TextField::CheckKeyCharacters(std::string_view value) const {
  for (const char& forbidden : kForbiddenKeyCharacters) {
    if (value.find(forbidden) == std::string_view::npos) continue;
    return FieldError{"validation_forbidden_pk_character", "'{{.ch}}' is not a valid primary key character.",
                      Json::Object({{"ch", std::string(1, forbidden)}})};
  }
  for (std::string_view reserved : kReservedKeys) {
    if (!EqualsIgnoreCase(value, reserved)) continue;
    return FieldError{"validation_reserved_pk", "The primary key '{{.reserved}}' is reserved and cannot be used.",
                      Json::Object({{"reserved", reserved}})};
  }
  return std::nullopt;
}

void TextField::ValidateSettings(const SettingsContext& context, const std::string& path, Json& errors) const {
  CheckRange(errors, path + ".min", min, 0, kMaxSafeInteger);
  CheckRange(errors, path + ".max", max, min, kMaxSafeInteger);
  if (primary_key) CheckPrimaryKeySettings(context, path, errors);
  CheckPattern(errors, path + ".pattern", pattern);
  CheckAutogenerate(path + ".autogeneratePattern", errors);
}

void TextField::CheckPrimaryKeySettings(const SettingsContext& context, const std::string& path, Json& errors) const {
  if (name != "id") {
    AddFieldError(errors, path + ".name", {"validation_in_invalid", "The primary key must be named \"id\".", {}});
  }
  if (hidden) AddFieldError(errors, path + ".hidden", {"validation_empty", "must be blank", {}});
  if (!required) AddFieldError(errors, path + ".required", FieldError::Required());
  if (pattern.empty()) AddFieldError(errors, path + ".pattern", FieldError::Required());
  int primary_keys = 0;
  for (const auto& field : context.collection.fields) {
    const auto* text = dynamic_cast<const TextField*>(field.get());
    primary_keys += text && text->primary_key ? 1 : 0;
  }
  if (primary_keys > 1) {
    AddFieldError(errors, path + ".primaryKey",
                  {"validation_unsupported_composite_pk",
                   "Composite PKs are not supported and the collection must have only 1 PK.",
                   {}});
  }
}

void TextField::CheckAutogenerate(const std::string& path, Json& errors) const {
  if (autogenerate.empty()) return;
  if (auto problem = PatternProblem(autogenerate.text())) {
    return AddFieldError(errors, path, {"validation_invalid_regex", *problem, {}});
  }
  for (int i = 0; i < kTrialGenerations; ++i) {
    const auto generated = autogenerate.Generate();
    if (!generated) {
      return AddFieldError(errors, path, {"validation_invalid_autogenerate_pattern", generated.error(), {}});
    }
    if (!CheckPlainValue(*generated)) continue;
    return AddFieldError(
        errors, path,
        {"validation_invalid_autogenerate_pattern_value",
         "The provided autogenerate pattern could produce invalid field values, ex.: \"" + *generated + "\"",
         {}});
  }
}

const std::vector<Field::Option>& TextField::OptionTable() const {
  static const std::vector<Option> options = {
      {"autogeneratePattern",
       [](const Field& field) -> Json { return static_cast<const TextField&>(field).autogenerate.text(); },
       [](Field& field, const Json& json) -> Result<void> {
         std::string text;
         if (auto read = ReadOption("autogeneratePattern", json, text); !read) return read;
         static_cast<TextField&>(field).autogenerate = AutogeneratePattern(std::move(text));
         return {};
       }},
      MakeOption("max", &TextField::max),
      MakeOption("min", &TextField::min),
      MakeOption("pattern", &TextField::pattern),
      MakeOption("primaryKey", &TextField::primary_key),
  };
  return options;
}

}  // namespace wombat

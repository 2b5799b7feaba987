#include "common/schema/field.h"

#include "common/base/text.h"
#include "common/schema/fields/options.h"

namespace wombat {
namespace {

constexpr std::string_view kCommonKeys[] = {"hidden", "id", "name", "presentable", "system", "type"};

// nullopt: no common option has this key.
std::optional<Result<void>> ReadCommonOption(Field& field, std::string_view key, const Json& value) {
  const auto is = [&](std::string_view name) { return EqualsIgnoreCase(key, name); };
  if (is("id")) return ReadOption("id", value, field.id);
  if (is("name")) return ReadOption("name", value, field.name);
  if (is("system")) return ReadOption("system", value, field.system);
  if (is("hidden")) return ReadOption("hidden", value, field.hidden);
  if (is("presentable")) return ReadOption("presentable", value, field.presentable);
  std::string ignored;  // the caller chose the class by it
  if (is("type")) return ReadOption("type", value, ignored);
  return std::nullopt;
}

bool IsCommonKey(std::string_view key) {
  for (std::string_view common : kCommonKeys) {
    if (EqualsIgnoreCase(key, common)) return true;
  }
  return EqualsIgnoreCase(key, "help") || EqualsIgnoreCase(key, "required");
}

}  // namespace

Json Field::OptionsJson() const {
  Json object = unknown_options.is_object() ? unknown_options : Json::Object();
  for (const Option& option : OptionTable()) object[option.key] = option.write(*this);
  if (has_help_and_required()) {
    object["help"] = help;
    object["required"] = required;
  }
  object["hidden"] = hidden;
  object["id"] = id;
  object["name"] = name;
  object["presentable"] = presentable;
  object["system"] = system;
  object["type"] = type();
  return object;
}

Result<void> Field::LoadOptions(const Json& object) {
  if (!object.is_object()) return Fail("json: a field must be an object", Error::Kind::kInvalidInput);
  for (const auto& [key, value] : object.as_object()) {
    const Option* own = nullptr;
    for (const Option& option : OptionTable()) {
      if (EqualsIgnoreCase(key, option.key)) own = &option;
    }
    if (!own && !IsCommonKey(key)) {
      unknown_options[key] = value;
      continue;
    }
    if (value.is_null()) continue;
    if (own) {
      if (auto read = own->read(*this, value); !read) return read;
      continue;
    }
    std::optional<Result<void>> read = ReadCommonOption(*this, key, value);
    if (!read && has_help_and_required()) {
      read = EqualsIgnoreCase(key, "help") ? ReadOption("help", value, help) : ReadOption("required", value, required);
    }
    if (read && !*read) return *read;
  }
  return {};
}

std::optional<Json> Field::ApplyModifier(Modifier, const Json&, const Json&) const { return std::nullopt; }

std::optional<Json> Field::AutogenerateOnCreate(const Json&) const { return std::nullopt; }

}  // namespace wombat

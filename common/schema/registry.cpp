#include <array>

#include "common/base/text.h"
#include "common/schema/field.h"
#include "common/schema/fields/autodate.h"
#include "common/schema/fields/bool.h"
#include "common/schema/fields/date.h"
#include "common/schema/fields/editor.h"
#include "common/schema/fields/email.h"
#include "common/schema/fields/file.h"
#include "common/schema/fields/geo_point.h"
#include "common/schema/fields/json.h"
#include "common/schema/fields/number.h"
#include "common/schema/fields/password.h"
#include "common/schema/fields/relation.h"
#include "common/schema/fields/select.h"
#include "common/schema/fields/text.h"
#include "common/schema/fields/url.h"

namespace wombat {
namespace {

template <class T>
std::unique_ptr<Field> Make() {
  return std::make_unique<T>();
}

struct Entry {
  std::string_view type;
  std::unique_ptr<Field> (*make)();
};

constexpr std::array kTypes = {
    Entry{"text", Make<TextField>},         Entry{"number", Make<NumberField>},     Entry{"bool", Make<BoolField>},
    Entry{"email", Make<EmailField>},       Entry{"url", Make<UrlField>},           Entry{"editor", Make<EditorField>},
    Entry{"date", Make<DateField>},         Entry{"autodate", Make<AutodateField>}, Entry{"select", Make<SelectField>},
    Entry{"file", Make<FileField>},         Entry{"relation", Make<RelationField>}, Entry{"json", Make<JsonField>},
    Entry{"geoPoint", Make<GeoPointField>}, Entry{"password", Make<PasswordField>},
};

}  // namespace

std::unique_ptr<Field> MakeField(std::string_view type) {
  for (const Entry& entry : kTypes) {
    if (entry.type == type) return entry.make();
  }
  return nullptr;
}

const std::vector<std::string_view>& FieldTypes() {
  static const std::vector<std::string_view> types = [] {
    std::vector<std::string_view> names;
    for (const Entry& entry : kTypes) names.push_back(entry.type);
    return names;
  }();
  return types;
}

Result<std::unique_ptr<Field>> FieldFromJson(const Json& object) {
  if (!object.is_object()) {
    return Fail("json: a field must be an object, got " + object.Dump(), Error::Kind::kInvalidInput);
  }
  const Json* type = nullptr;
  for (const auto& [key, value] : object.as_object()) {
    if (EqualsIgnoreCase(key, "type") && !value.is_null()) type = &value;
  }
  if (type && !type->is_string()) return Fail("json: a field's type must be a string", Error::Kind::kInvalidInput);
  std::unique_ptr<Field> field = type ? MakeField(type->as_string()) : nullptr;
  if (!field) return Fail("missing or unknown field type in " + object.Dump(), Error::Kind::kInvalidInput);
  if (auto loaded = field->LoadOptions(object); !loaded) return std::unexpected(loaded.error());
  return field;
}

}  // namespace wombat

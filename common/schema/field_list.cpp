#include "common/schema/field_list.h"

#include <array>

#include "common/base/random.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxIndexNameBytes = 64;
constexpr int kLastIdSuffix = 999;

bool HasId(const FieldList& list, std::string_view id) {
  for (const auto& field : list) {
    if (field->id == id) return true;
  }
  return false;
}

std::string DefaultFieldId(const FieldList& list, const Field& field) {
  const std::string base = std::string(field.type()) + Crc32Decimal(field.name);
  std::string id = base;
  for (int suffix = 2; suffix <= kLastIdSuffix && HasId(list, id); ++suffix) id = base + std::to_string(suffix);
  return id;
}

// What must hold of a system field, whatever was submitted: the keys that replace the submitted ones.
struct SystemField {
  std::string_view name;
  std::string_view type;
  Json defaults;
  Json forced;
};

const SystemField& IdField() {
  static const SystemField field = {
      "id", "text",
      Json::Object({{"type", "text"},
                    {"name", "id"},
                    {"system", true},
                    {"required", true},
                    {"primaryKey", true},
                    {"min", 15},
                    {"max", 15},
                    {"pattern", "^[a-z0-9]+$"},
                    {"autogeneratePattern", "[a-z0-9]{15}"}}),
      Json::Object({{"system", true}, {"required", true}, {"primaryKey", true}, {"hidden", false}})};
  return field;
}

const std::array<SystemField, 5>& AuthFields() {
  static const std::array<SystemField, 5> fields = {
      SystemField{"password", "password",
                  Json::Object({{"type", "password"},
                                {"name", "password"},
                                {"system", true},
                                {"hidden", true},
                                {"required", true},
                                {"min", 8}}),
                  Json::Object({{"system", true}, {"hidden", true}, {"required", true}})},
      SystemField{"tokenKey", "text",
                  Json::Object({{"type", "text"},
                                {"name", "tokenKey"},
                                {"system", true},
                                {"hidden", true},
                                {"required", true},
                                {"min", 30},
                                {"max", 60},
                                {"autogeneratePattern", "[a-zA-Z0-9]{50}"}}),
                  Json::Object({{"system", true}, {"hidden", true}, {"required", true}})},
      SystemField{"email", "email",
                  Json::Object({{"type", "email"}, {"name", "email"}, {"system", true}, {"required", true}}),
                  Json::Object({{"system", true}, {"hidden", false}})},
      SystemField{"emailVisibility", "bool",
                  Json::Object({{"type", "bool"}, {"name", "emailVisibility"}, {"system", true}}),
                  Json::Object({{"system", true}})},
      SystemField{"verified", "bool", Json::Object({{"type", "bool"}, {"name", "verified"}, {"system", true}}),
                  Json::Object({{"system", true}})}};
  return fields;
}

std::unique_ptr<Field> WithForcedOptions(const Field& field, const SystemField& rules) {
  Json options = field.OptionsJson();
  for (const auto& [key, value] : rules.forced.as_object()) options[key] = value;
  if (rules.name == "id" && options.StringOr("pattern").empty())
    options["pattern"] = rules.defaults.StringOr("pattern");
  std::unique_ptr<Field> forced = MakeKnownField(options);
  forced->unknown_options = field.unknown_options;
  return forced;
}

}  // namespace

void AddToFieldList(FieldList& list, std::unique_ptr<Field> field) {
  if (field->id.empty()) {
    for (auto& existing : list) {
      if (field->name.empty() || existing->name != field->name) continue;
      field->id = existing->id;
      existing = std::move(field);
      return;
    }
    field->id = DefaultFieldId(list, *field);
  } else {
    for (auto& existing : list) {
      if (existing->id != field->id) continue;
      existing = std::move(field);
      return;
    }
  }
  list.push_back(std::move(field));
}

void RebuildFieldList(FieldList& list) {
  FieldList rebuilt;
  rebuilt.reserve(list.size());
  for (auto& field : list) AddToFieldList(rebuilt, std::move(field));
  list = std::move(rebuilt);
}

std::unique_ptr<Field> MakeKnownField(const Json& object) { return std::move(FieldFromJson(object).value()); }

void EnsureSystemFields(Collection& collection) {
  if (collection.is_view()) return;
  FieldList& fields = collection.fields;

  const int id = collection.FieldIndex("id");
  if (id >= 0 && fields[std::size_t(id)]->type() == IdField().type) {
    fields[std::size_t(id)] = WithForcedOptions(*fields[std::size_t(id)], IdField());
  } else {
    // Goes first, so an entry that claims its id takes its place, and validation finds the key missing.
    FieldList with_id;
    AddToFieldList(with_id, MakeKnownField(IdField().defaults));
    for (auto& field : fields) AddToFieldList(with_id, std::move(field));
    fields = std::move(with_id);
  }
  if (!collection.is_auth()) return;

  for (const SystemField& rules : AuthFields()) {
    const int index = collection.FieldIndex(rules.name);
    if (index >= 0 && fields[std::size_t(index)]->type() == rules.type) {
      fields[std::size_t(index)] = WithForcedOptions(*fields[std::size_t(index)], rules);
    } else {
      AddToFieldList(fields, MakeKnownField(rules.defaults));
    }
  }
}

void EnsureAuthIndexes(Collection& collection, std::string_view suffix) {
  if (!collection.is_auth()) return;
  for (std::string_view column : {"tokenKey", "email"}) {
    if (collection.HasSingleColumnUniqueIndex(column)) continue;
    std::string name = "idx_" + std::string(column) + "_" + std::string(suffix);
    if (name.size() > kMaxIndexNameBytes) name.resize(kMaxIndexNameBytes);
    std::string sql = "CREATE UNIQUE INDEX `" + name + "` ON `" + collection.name + "` (`" + std::string(column) + "`)";
    if (column == "email") sql += " WHERE `email` != ''";
    collection.indexes.push_back(std::move(sql));
  }
}

}  // namespace wombat

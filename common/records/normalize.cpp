#include <algorithm>
#include <optional>

#include "common/records/validate.h"

namespace wombat {
namespace {

// What one key of a body does: sets a field, or changes it with a modifier.
struct Change {
  int field = -1;
  std::optional<Field::Modifier> modifier;  // none: a plain value
};

std::optional<Change> ReadKey(const Collection& collection, std::string_view key) {
  if (const int field = collection.FieldIndex(key); field >= 0) return Change{field, {}};
  constexpr std::string_view kAutogenerate = ":autogenerate";
  const auto with = [&](std::string_view name, Field::Modifier modifier) -> std::optional<Change> {
    const int field = collection.FieldIndex(name);
    if (field < 0) return std::nullopt;
    return Change{field, modifier};
  };
  if (key.ends_with(kAutogenerate)) {
    return with(key.substr(0, key.size() - kAutogenerate.size()), Field::Modifier::kAutogenerate);
  }
  if (key.ends_with('+')) return with(key.substr(0, key.size() - 1), Field::Modifier::kAppend);
  if (key.ends_with('-')) return with(key.substr(0, key.size() - 1), Field::Modifier::kRemove);
  if (key.starts_with('+')) return with(key.substr(1), Field::Modifier::kPrepend);
  return std::nullopt;
}

// The value that `change` leaves in the field, from the one that it has now; nullopt: the type knows no such modifier.
std::optional<Json> Apply(const Field& field, const Change& change, const Json& current, const Json& submitted) {
  if (change.modifier) return field.ApplyModifier(*change.modifier, current, submitted);
  if (field.type() == "autodate") return current;
  if (field.type() == "password") return Json(CastToText(submitted));  // the plain text, hashed when it is loaded
  return field.Cast(submitted);
}

bool MayBeSubmitted(const Collection& collection, const Field& field, bool is_superuser) {
  return is_superuser || !field.hidden || (collection.is_auth() && field.name == "password");
}

}  // namespace

Json NormalizeBody(const Record& record, const Json& body, bool is_superuser) {
  Json normalized = body.is_object() ? body : Json::Object();
  if (!body.is_object()) return normalized;
  const Collection& collection = record.collection();

  // Shorter keys first: a plain value comes before the modifiers that apply to it.
  std::vector<const std::string*> keys;
  for (const auto& [key, value] : body.as_object()) keys.push_back(&key);
  std::ranges::stable_sort(keys, {}, [](const std::string* key) { return key->size(); });

  std::vector<std::optional<Json>> scratch(collection.fields.size());  // what was set so far
  for (const std::string* key : keys) {
    const std::optional<Change> change = ReadKey(collection, *key);
    if (!change) continue;
    const Field& field = *collection.fields[std::size_t(change->field)];
    std::optional<Json>& value = scratch[std::size_t(change->field)];
    std::optional<Json> result =
        Apply(field, *change, value ? *value : record.value(change->field), body.as_object().at(*key));
    if (!result) continue;
    value = std::move(result);
    normalized.Erase(*key);
  }
  for (std::size_t i = 0; i < scratch.size(); ++i) {
    const Field& field = *collection.fields[i];
    if (scratch[i]) normalized[field.name] = std::move(*scratch[i]);
    if (!MayBeSubmitted(collection, field, is_superuser)) normalized.Erase(field.name);
  }
  return normalized;
}

void LoadBody(Record& record, const Json& normalized_body) {
  if (!normalized_body.is_object()) return;
  const Collection& collection = record.collection();
  for (const auto& [key, value] : normalized_body.as_object()) {
    const int index = collection.FieldIndex(key);
    if (index < 0) continue;
    const std::string_view type = collection.fields[std::size_t(index)]->type();
    if (type == "password") {
      record.Set(key, value);
    } else if (type == "select" || type == "relation") {
      // Read once more: a list's last element can be the text of a list itself (01 §2.5).
      record.SetRaw(index, collection.fields[std::size_t(index)]->Cast(value));
    } else if (type != "autodate") {
      record.SetRaw(index, value);
    }
  }
}

}  // namespace wombat

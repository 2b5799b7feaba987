#include "common/schema/collection.h"

#include <algorithm>

#include "common/base/json_text.h"
#include "common/base/text.h"
#include "common/schema/index.h"

namespace wombat {
namespace {

std::vector<std::unique_ptr<Field>> CloneFields(const std::vector<std::unique_ptr<Field>>& fields) {
  std::vector<std::unique_ptr<Field>> clones;
  clones.reserve(fields.size());
  for (const auto& field : fields) clones.push_back(field->Clone());
  return clones;
}

std::string KeyPrefix(std::string_view name) {
  std::string prefix;
  AppendJsonString(prefix, name);
  prefix += ':';
  return prefix;
}

}  // namespace

Collection::Collection(const Collection& other)
    : id(other.id),
      name(other.name),
      type(other.type),
      raw_type(other.raw_type),
      system(other.system),
      list_rule(other.list_rule),
      view_rule(other.view_rule),
      create_rule(other.create_rule),
      update_rule(other.update_rule),
      delete_rule(other.delete_rule),
      fields(CloneFields(other.fields)),
      indexes(other.indexes),
      created(other.created),
      updated(other.updated),
      auth(other.auth),
      view_query(other.view_query),
      unknown_options(other.unknown_options),
      scaffold_suffix(other.scaffold_suffix),
      output(other.output),
      columns_by_name(other.columns_by_name),
      id_field(other.id_field),
      email_field(other.email_field),
      email_visibility_field(other.email_visibility_field),
      token_key_field(other.token_key_field),
      password_field(other.password_field),
      verified_field(other.verified_field),
      select_columns(other.select_columns) {}

std::string_view TypeName(CollectionType type) {
  switch (type) {
    case CollectionType::kAuth:
      return "auth";
    case CollectionType::kView:
      return "view";
    case CollectionType::kBase:
      break;
  }
  return "base";
}

int Collection::FieldIndex(std::string_view field_name) const {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i]->name == field_name) return int(i);
  }
  return -1;
}

const Field* Collection::FindField(std::string_view field_name) const {
  const int index = FieldIndex(field_name);
  return index < 0 ? nullptr : fields[std::size_t(index)].get();
}

const Field* Collection::FindFieldById(std::string_view field_id) const {
  for (const auto& field : fields) {
    if (field->id == field_id) return field.get();
  }
  return nullptr;
}

Field* Collection::FindFieldById(std::string_view field_id) {
  return const_cast<Field*>(std::as_const(*this).FindFieldById(field_id));
}

bool Collection::HasSingleColumnUniqueIndex(std::string_view column) const {
  return std::ranges::any_of(indexes, [&](const std::string& sql) {
    const IndexDefinition index = ParseIndex(sql);
    return index.unique && index.columns.size() == 1 && EqualsIgnoreCase(index.columns.front().expression, column);
  });
}

void Collection::Prepare() {
  output.clear();
  columns_by_name.clear();
  select_columns.clear();

  const std::string table = QuoteName(name);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    output.push_back({OutputKey::Kind::kField, int(i), KeyPrefix(fields[i]->name)});
    columns_by_name.push_back(int(i));
    if (i > 0) select_columns += ", ";
    select_columns += table + "." + QuoteName(fields[i]->name);
  }
  output.push_back({OutputKey::Kind::kCollectionId, -1, KeyPrefix("collectionId")});
  output.push_back({OutputKey::Kind::kCollectionName, -1, KeyPrefix("collectionName")});
  output.push_back({OutputKey::Kind::kExpand, -1, KeyPrefix("expand")});

  // The name without its quotes decides: `"a":` would sort behind `"a_b":` otherwise.
  const auto bare = [](const OutputKey& key) { return std::string_view(key.prefix).substr(1, key.prefix.size() - 3); };
  std::ranges::stable_sort(output, [&](const OutputKey& a, const OutputKey& b) { return bare(a) < bare(b); });
  std::ranges::stable_sort(columns_by_name,
                           [&](int a, int b) { return fields[std::size_t(a)]->name < fields[std::size_t(b)]->name; });

  id_field = FieldIndex("id");
  email_field = is_auth() ? FieldIndex("email") : -1;
  email_visibility_field = is_auth() ? FieldIndex("emailVisibility") : -1;
  token_key_field = is_auth() ? FieldIndex("tokenKey") : -1;
  password_field = is_auth() ? FieldIndex("password") : -1;
  verified_field = is_auth() ? FieldIndex("verified") : -1;
}

}  // namespace wombat

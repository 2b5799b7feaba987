#include "common/base/json_text.h"
#include "common/base/time.h"
#include "common/schema/auth_options_json.h"
#include "common/schema/collection.h"
#include "common/schema/field_list.h"
#include "common/schema/json_read.h"

namespace wombat {
namespace {

void AppendRule(std::string& out, std::string_view key, const Rule& rule) {
  out += ",\"";
  out += key;
  out += "\":";
  if (rule) {
    AppendJsonString(out, *rule);
  } else {
    out += "null";
  }
}

void AppendText(std::string& out, std::string_view key, std::string_view text) {
  out += ",\"";
  out += key;
  out += "\":";
  AppendJsonString(out, text);
}

void AppendFields(std::string& out, const Collection& collection) {
  out += '[';
  for (std::size_t i = 0; i < collection.fields.size(); ++i) {
    if (i > 0) out += ',';
    collection.fields[i]->OptionsJson().AppendTo(out);
  }
  out += ']';
}

void AppendIndexes(std::string& out, const Collection& collection) {
  out += '[';
  for (std::size_t i = 0; i < collection.indexes.size(); ++i) {
    if (i > 0) out += ',';
    AppendJsonString(out, collection.indexes[i]);
  }
  out += ']';
}

CollectionType TypeFromText(std::string_view text) {
  if (text == "auth") return CollectionType::kAuth;
  if (text == "view") return CollectionType::kView;
  return CollectionType::kBase;
}

Result<Json> ParseStored(std::string_view text, std::string_view column) {
  auto parsed = ParseJson(text);
  if (!parsed) return Fail("invalid JSON in _collections." + std::string(column) + ": " + parsed.error().message);
  return *std::move(parsed);
}

Result<void> LoadFields(Collection& collection, std::string_view text) {
  auto parsed = ParseStored(text, "fields");
  if (!parsed) return std::unexpected(parsed.error());
  if (parsed->is_null()) return {};
  if (!parsed->is_array()) return Fail("cannot decode _collections.fields: not a list");
  for (const Json& object : parsed->as_array()) {
    auto field = FieldFromJson(object);
    if (!field) return std::unexpected(field.error());
    AddToFieldList(collection.fields, *std::move(field));
  }
  return {};
}

Result<void> LoadIndexes(Collection& collection, std::string_view text) {
  auto parsed = ParseStored(text, "indexes");
  if (!parsed) return std::unexpected(parsed.error());
  if (parsed->is_null()) return {};
  if (!parsed->is_array()) return Fail("cannot decode _collections.indexes: not a list");
  for (const Json& index : parsed->as_array()) {
    if (!index.is_string() && !index.is_null())
      return Fail("cannot decode _collections.indexes: not a list of strings");
    collection.indexes.push_back(index.is_string() ? index.as_string() : std::string());
  }
  return {};
}

Result<void> LoadOptionsColumn(Collection& collection, std::string_view text) {
  auto parsed = ParseStored(text, "options");
  if (!parsed) return std::unexpected(parsed.error());
  if (parsed->is_null()) return {};
  if (!parsed->is_object()) return Fail("cannot decode _collections.options: not an object");
  if (collection.is_auth()) {
    collection.auth.auth_rule.reset();  // what an old row does not have is not "everyone"
    KeepUnknownAuthOptions(collection.auth, *parsed);
    return DecodeAuthOptions(collection.auth, *parsed);
  }
  if (!collection.is_view()) {
    KeepUnknownMembers(*parsed, {}, collection.unknown_options);
    return {};
  }
  KeepUnknownMembers(*parsed, {"viewQuery"}, collection.unknown_options);
  return ReadText(*parsed, "viewQuery", collection.view_query);
}

}  // namespace

std::string CollectionToJson(const Collection& collection) {
  std::string out = "{\"id\":";
  AppendJsonString(out, collection.id);
  AppendRule(out, "listRule", collection.list_rule);
  AppendRule(out, "viewRule", collection.view_rule);
  AppendRule(out, "createRule", collection.create_rule);
  AppendRule(out, "updateRule", collection.update_rule);
  AppendRule(out, "deleteRule", collection.delete_rule);
  AppendText(out, "name", collection.name);
  AppendText(out, "type", collection.raw_type);
  out += ",\"fields\":";
  AppendFields(out, collection);
  out += ",\"indexes\":";
  AppendIndexes(out, collection);
  AppendText(out, "created", collection.created);
  AppendText(out, "updated", collection.updated);
  out += collection.system ? ",\"system\":true" : ",\"system\":false";
  if (collection.is_auth()) {
    out += ',';
    std::string options;
    AppendAuthOptions(options, collection.auth, OptionsForm::kApi);
    out += options;
  } else if (collection.is_view()) {
    AppendText(out, "viewQuery", collection.view_query);
  }
  out += '}';
  return out;
}

std::string StoredFields(const Collection& collection) {
  std::string out;
  AppendFields(out, collection);
  return out;
}

std::string StoredIndexes(const Collection& collection) {
  std::string out;
  AppendIndexes(out, collection);
  return out;
}

std::string StoredOptions(const Collection& collection) {
  std::string out = "{";
  if (collection.is_auth()) {
    AppendAuthOptions(out, collection.auth, OptionsForm::kStored);
    out += '}';
    return out;
  }
  Json options = collection.unknown_options.is_object() ? collection.unknown_options : Json::Object();
  if (collection.is_view()) options["viewQuery"] = collection.view_query;
  return options.Dump();
}

Result<Collection> CollectionFromStored(std::string id, bool system, std::string raw_type, std::string name,
                                        std::string_view fields, std::string_view indexes, std::string_view options) {
  Collection collection;
  collection.id = std::move(id);
  collection.system = system;
  collection.type = TypeFromText(raw_type);
  collection.raw_type = std::move(raw_type);
  collection.name = std::move(name);
  if (auto loaded = LoadFields(collection, fields); !loaded) return std::unexpected(loaded.error());
  if (auto loaded = LoadIndexes(collection, indexes); !loaded) return std::unexpected(loaded.error());
  if (auto loaded = LoadOptionsColumn(collection, options); !loaded) return std::unexpected(loaded.error());
  return collection;
}

}  // namespace wombat

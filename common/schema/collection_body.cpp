#include "common/base/time.h"
#include "common/schema/auth_options_json.h"
#include "common/schema/collection.h"
#include "common/schema/field_list.h"
#include "common/schema/json_read.h"

namespace wombat {
namespace {

Result<void> ApplyIdentity(Collection& collection, const Json& body) {
  if (auto read = ReadText(body, "id", collection.id); !read) return read;
  if (auto read = ReadText(body, "name", collection.name); !read) return read;
  if (auto read = ReadBool(body, "system", collection.system); !read) return read;

  std::string type = collection.raw_type;
  if (auto read = ReadText(body, "type", type); !read) return read;
  if (type != collection.raw_type) {
    collection.type = type == TypeName(CollectionType::kAuth)   ? CollectionType::kAuth
                      : type == TypeName(CollectionType::kView) ? CollectionType::kView
                                                                : CollectionType::kBase;
    collection.raw_type = std::move(type);
  }

  std::string created;
  if (auto read = ReadText(body, "created", created); !read) return read;
  const Json* submitted = FindMember(body, "created");
  if (submitted && submitted->is_string()) collection.created = NormalizeTimestamp(created);
  // Overwritten by every save, yet of the wrong type it fails the body like any other key.
  std::string updated;
  return ReadText(body, "updated", updated);
}

Result<void> ApplyRules(Collection& collection, const Json& body) {
  if (auto read = ReadRule(body, "listRule", collection.list_rule); !read) return read;
  if (auto read = ReadRule(body, "viewRule", collection.view_rule); !read) return read;
  if (auto read = ReadRule(body, "createRule", collection.create_rule); !read) return read;
  if (auto read = ReadRule(body, "updateRule", collection.update_rule); !read) return read;
  return ReadRule(body, "deleteRule", collection.delete_rule);
}

Result<void> ApplyFields(Collection& collection, const Json& body) {
  const Json* submitted = FindMember(body, "fields");
  if (!submitted) return {};
  FieldList fields;
  if (!submitted->is_null() && !submitted->is_array()) {
    return Fail("json: cannot decode member \"fields\" into a list of fields", Error::Kind::kInvalidInput);
  }
  if (submitted->is_array()) {
    for (const Json& object : submitted->as_array()) {
      auto field = FieldFromJson(object);
      if (!field) return std::unexpected(field.error());
      // Option keys that nobody knows are kept only where the stored field already has them.
      const Field* known = collection.FindFieldById((*field)->id);
      (*field)->unknown_options = known ? known->unknown_options : Json::Object();
      AddToFieldList(fields, *std::move(field));
    }
  }
  collection.fields = std::move(fields);
  return {};
}

Result<void> ApplyIndexes(Collection& collection, const Json& body) {
  const Json* submitted = FindMember(body, "indexes");
  if (!submitted) return {};
  std::vector<std::string> indexes;
  if (submitted->is_array()) {
    for (const Json& index : submitted->as_array()) {
      if (index.is_string()) {
        indexes.push_back(index.as_string());
      } else if (index.is_null()) {
        const std::size_t position = indexes.size();
        indexes.push_back(position < collection.indexes.size() ? collection.indexes[position] : std::string());
      } else {
        return Fail("json: cannot decode an element of \"indexes\" into a string", Error::Kind::kInvalidInput);
      }
    }
  } else if (!submitted->is_null()) {
    return Fail("json: cannot decode member \"indexes\" into a list of strings", Error::Kind::kInvalidInput);
  }
  collection.indexes = std::move(indexes);
  return {};
}

}  // namespace

Result<void> ApplyCollectionBody(Collection& collection, const Json& body) {
  if (body.is_null()) return {};
  if (!body.is_object()) return Fail("json: cannot decode the body into a collection", Error::Kind::kInvalidInput);
  if (auto applied = ApplyIdentity(collection, body); !applied) return applied;
  if (auto applied = ApplyRules(collection, body); !applied) return applied;
  if (auto applied = ApplyFields(collection, body); !applied) return applied;
  if (auto applied = ApplyIndexes(collection, body); !applied) return applied;
  // Options of another type are checked like the own ones and then dropped.
  AuthOptions other_type;
  if (auto read = DecodeAuthOptions(collection.is_auth() ? collection.auth : other_type, body); !read) return read;
  std::string unused;
  return ReadText(body, "viewQuery", collection.is_view() ? collection.view_query : unused);
}

}  // namespace wombat

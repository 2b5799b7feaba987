#include "common/records/system_checks.h"

#include "common/auth/oauth2/providers.h"
#include "common/base/text.h"

namespace wombat {
namespace {

Result<bool> RowExists(Connection& connection, const Collection& collection, std::string_view id) {
  auto statement = connection.Prepare("SELECT 1 FROM " + QuoteName(collection.name) + " WHERE `id` = ? LIMIT 1");
  if (!statement) return std::unexpected(statement.error());
  statement->BindView(1, id);
  return statement->Step();
}

bool RefersToAuthRecord(const Collection& collection) {
  return collection.system && (collection.name == "_mfas" || collection.name == "_otps" ||
                               collection.name == "_authOrigins" || collection.name == "_externalAuths");
}

Json OneError(std::string_view key, FieldError error) {
  Json errors = Json::Object();
  AddFieldError(errors, key, error);
  return errors;
}

}  // namespace

Result<Json> CheckSystemRecord(const Record& record, const Schema& schema, Connection& connection) {
  if (!RefersToAuthRecord(record.collection())) return Json::Object();
  const std::string_view collection_id = record.Text("collectionRef");
  if (collection_id.empty()) return OneError("collectionRef", FieldError::Required());
  const Collection* target = schema.FindById(collection_id);
  if (!target) {
    return OneError("collectionRef", {"validation_invalid_collection_id", "Missing or invalid collection", {}});
  }
  if (!target->is_auth()) {
    return OneError("collectionRef",
                    {"validation_invalid_collection_type", "Invalid collection type - must be auth", {}});
  }
  if (record.Text("recordRef").empty()) return OneError("recordRef", FieldError::Required());
  const Result<bool> exists = RowExists(connection, *target, record.Text("recordRef"));
  if (!exists) return std::unexpected(exists.error());
  if (!*exists) return OneError("recordRef", {"validation_invalid_record", "Missing or invalid record", {}});
  if (record.collection().name == "_externalAuths" && !FindOAuth2Provider(record.Text("provider"))) {
    return OneError("provider", {"validation_in_invalid", "must be a valid value", {}});
  }
  return Json::Object();
}

Result<Json> CheckAuthId(const Record& record, const Schema& schema, Connection& connection) {
  if (!record.collection().is_auth()) return Json::Object();
  for (const CollectionPtr& other : schema.collections()) {
    if (!other->is_auth() || other->id == record.collection().id) continue;
    const Result<bool> exists = RowExists(connection, *other, record.id());
    if (!exists) return std::unexpected(exists.error());
    if (*exists) return OneError("id", {"validation_invalid_auth_id", "Invalid or duplicated auth record id", {}});
  }
  return Json::Object();
}

}  // namespace wombat

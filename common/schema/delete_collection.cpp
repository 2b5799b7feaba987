#include "common/base/text.h"
#include "common/schema/change.h"
#include "common/schema/view_sync.h"

namespace wombat {
namespace {

std::vector<std::string> ReferencingCollections(const Collection& collection, const Schema& schema) {
  std::vector<std::string> names;
  for (const CollectionPtr& other : schema.collections()) {
    if (other->id == collection.id) continue;
    for (const auto& field : other->fields) {
      if (field->type() != "relation" || field->OptionsJson().StringOr("collectionId") != collection.id) continue;
      names.push_back(other->name);
      break;
    }
  }
  return names;
}

std::unexpected<DeleteCollectionError> Failed(const Collection& collection, const std::string& why) {
  return std::unexpected(DeleteCollectionError{"[" + collection.name + "] " + why, {}});
}

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

Result<void> DeleteReferences(Connection& connection, const Collection& collection, const Schema& schema) {
  const SqlValue id[] = {collection.id};
  for (std::string_view table : kTablesWithReferences) {
    if (!schema.Find(table) || collection.name == table) continue;
    auto deleted = connection.Run("DELETE FROM " + QuoteName(table) + " WHERE `collectionRef` = ?", id);
    if (!deleted) return deleted;
  }
  return {};
}

std::expected<void, DeleteCollectionError> DeleteCollection(Connection& connection, const Collection& collection,
                                                            const Schema& schema, bool keep_needed) {
  if (collection.system) return Failed(collection, "system collections cannot be deleted");
  if (std::vector<std::string> names = keep_needed ? ReferencingCollections(collection, schema) : std::vector<std::string>();
      !names.empty()) {
    auto error = Failed(collection, "failed to delete due to existing relation references: " + Joined(names));
    error.error().referencing = std::move(names);
    return error;
  }

  const std::string drop = collection.is_view() ? "DROP VIEW IF EXISTS " : "DROP TABLE IF EXISTS ";
  if (auto dropped = connection.Execute(drop + QuoteName(collection.name)); !dropped) {
    return Failed(collection, dropped.error().message);
  }
  if (auto checked = keep_needed ? ChangedViews(connection, schema, collection.id) : std::vector<Collection>(); !checked) {
    return Failed(collection, "failed to delete due to existing view dependency: " + checked.error().message);
  }
  const SqlValue id[] = {collection.id};
  if (auto deleted = connection.Run("DELETE FROM `_collections` WHERE `id` = ?", id); !deleted) {
    return Failed(collection, deleted.error().message);
  }
  return {};
}

}  // namespace wombat

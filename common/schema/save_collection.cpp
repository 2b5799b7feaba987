#include "common/base/text.h"
#include "common/schema/change.h"
#include "common/schema/table_sync.h"
#include "common/schema/view_sync.h"

namespace wombat {
namespace {

constexpr std::string_view kInsert =
    "INSERT INTO `_collections` (`id`, `system`, `type`, `name`, `fields`, `indexes`, `listRule`, `viewRule`, "
    "`createRule`, `updateRule`, `deleteRule`, `options`, `created`, `updated`) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

constexpr std::string_view kUpdate =
    "UPDATE `_collections` SET `id` = ?, `system` = ?, `type` = ?, `name` = ?, `fields` = ?, `indexes` = ?, "
    "`listRule` = ?, `viewRule` = ?, `createRule` = ?, `updateRule` = ?, `deleteRule` = ?, `options` = ?, "
    "`created` = ?, `updated` = ? WHERE `id` = ?";

SqlValue RuleValue(const Rule& rule) { return rule ? SqlValue(*rule) : SqlValue(); }

SqlValues RowValues(const Collection& collection) {
  return {collection.id,
          std::int64_t(collection.system),
          collection.raw_type,
          collection.name,
          StoredFields(collection),
          StoredIndexes(collection),
          RuleValue(collection.list_rule),
          RuleValue(collection.view_rule),
          RuleValue(collection.create_rule),
          RuleValue(collection.update_rule),
          RuleValue(collection.delete_rule),
          StoredOptions(collection),
          collection.created,
          collection.updated};
}

ChangeResult<void> WriteRow(Connection& connection, const Collection& collection, const Collection* stored) {
  SqlValues values = RowValues(collection);
  if (stored) values.emplace_back(stored->id);
  auto written = connection.Run(stored ? kUpdate : kInsert, values);
  if (!written) return RawChangeError(written.error().message);
  return {};
}

}  // namespace

ChangeResult<void> SaveCollection(Connection& connection, const Collection& collection, const Collection* stored) {
  Collection forced(collection);
  ForceOptions(forced, stored);
  if (forced.is_view()) {
    if (auto synced = SyncView(connection, forced, stored); !synced) return synced;
    return WriteRow(connection, forced, stored);
  }
  if (auto written = WriteRow(connection, forced, stored); !written) return written;
  return SyncTable(connection, forced, stored);
}

}  // namespace wombat

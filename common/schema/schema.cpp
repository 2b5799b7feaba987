#include "common/schema/schema.h"

#include "common/base/text.h"
#include "common/base/time.h"

namespace wombat {
namespace {

constexpr std::string_view kSelectCollections =
    "SELECT `id`, `system`, `type`, `name`, `fields`, `indexes`, `options`, `listRule`, `viewRule`, `createRule`, "
    "`updateRule`, `deleteRule`, `created`, `updated` FROM `_collections` ORDER BY rowid";

Rule RuleFromCell(const Cell& cell) {
  if (cell.is_null()) return std::nullopt;
  return std::string(cell.text());
}

// Old directories hold 0/1, some tools write the words.
bool FlagFromCell(const Cell& cell) {
  const std::string_view text = cell.text();
  return text == "1" || EqualsIgnoreCase(text, "true");
}

Result<Collection> CollectionFromRow(const Statement& row) {
  auto collection =
      CollectionFromStored(std::string(row.cell(0).text()), FlagFromCell(row.cell(1)), std::string(row.cell(2).text()),
                           std::string(row.cell(3).text()), row.cell(4).text(), row.cell(5).text(), row.cell(6).text());
  if (!collection) return collection;
  collection->list_rule = RuleFromCell(row.cell(7));
  collection->view_rule = RuleFromCell(row.cell(8));
  collection->create_rule = RuleFromCell(row.cell(9));
  collection->update_rule = RuleFromCell(row.cell(10));
  collection->delete_rule = RuleFromCell(row.cell(11));
  collection->created = NormalizeTimestamp(row.cell(12).text());
  collection->updated = NormalizeTimestamp(row.cell(13).text());
  return collection;
}

// Always a copy of its own: what was handed in may be shared, or carry what was computed before it was changed.
CollectionPtr Prepared(const Collection& collection) {
  auto copy = std::make_shared<Collection>(collection);
  copy->Prepare();
  return copy;
}

}  // namespace

Schema::Schema(std::vector<CollectionPtr> collections, std::uint64_t generation) : generation_(generation) {
  collections_.reserve(collections.size());
  for (const CollectionPtr& given : collections) {
    CollectionPtr collection = Prepared(*given);
    by_id_.try_emplace(collection->id, collection);
    by_lower_name_.try_emplace(AsciiLower(collection->name), collection);
    if (collection->is_superusers()) superusers_ = collection.get();
    collections_.push_back(std::move(collection));
  }
}

const Collection* Schema::Find(std::string_view id_or_name) const {
  if (const Collection* collection = FindById(id_or_name)) return collection;
  const auto found = by_lower_name_.find(AsciiLower(id_or_name));
  return found == by_lower_name_.end() ? nullptr : found->second.get();
}

CollectionPtr Schema::FindShared(std::string_view id_or_name) const {
  if (const auto found = by_id_.find(std::string(id_or_name)); found != by_id_.end()) return found->second;
  const auto found = by_lower_name_.find(AsciiLower(id_or_name));
  return found == by_lower_name_.end() ? nullptr : found->second;
}

const Collection* Schema::FindById(std::string_view id) const {
  const auto found = by_id_.find(std::string(id));
  return found == by_id_.end() ? nullptr : found->second.get();
}

Result<SchemaPtr> LoadSchema(Connection& connection, std::uint64_t generation) {
  auto select = connection.Prepare(kSelectCollections);
  if (!select) return std::unexpected(select.error());
  std::vector<CollectionPtr> collections;
  for (;;) {
    const auto row = select->Step();
    if (!row) return std::unexpected(row.error());
    if (!*row) break;
    auto collection = CollectionFromRow(*select);
    if (!collection) return std::unexpected(collection.error());
    collections.push_back(std::make_shared<const Collection>(*std::move(collection)));
  }
  return std::make_shared<const Schema>(std::move(collections), generation);
}

}  // namespace wombat

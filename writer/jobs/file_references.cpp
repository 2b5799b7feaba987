#include "writer/jobs/file_references.h"

#include <algorithm>

#include "common/base/text.h"
#include "common/records/record.h"

namespace wombat {
namespace {

bool Holds(const Record& record, std::string_view name) {
  for (const auto& field : record.collection().fields) {
    if (field->type() != "file") continue;
    const auto names = record.List(field->name);
    if (std::ranges::find(names, name) != names.end()) return true;
  }
  return false;
}

// True when there is no such row, or it is one that `is_free` lets go.
template <class IsFree>
bool IsFreeRow(Connection& db, const Schema& schema, std::string_view collection_id, std::string_view record_id, IsFree is_free) {
  const CollectionPtr collection = schema.FindShared(collection_id);
  if (!collection || collection->id != collection_id || collection->is_view()) return true;
  auto statement = db.Prepare("SELECT " + collection->select_columns + " FROM " + QuoteName(collection->name) + " WHERE " +
                              QuoteName(collection->name) + ".`id` = ?");
  if (!statement) return false;
  statement->BindView(1, record_id);
  const auto row = statement->Step();
  if (!row) return false;
  return !*row || is_free(Record::FromRow(collection, *statement));
}

}  // namespace

FileKeyParts ParseFileKey(std::string_view key) {
  FileKeyParts parts;
  const auto first = key.find('/');
  parts.collection = key.substr(0, first);
  if (first == std::string_view::npos) return parts;
  const auto second = key.find('/', first + 1);
  parts.record = key.substr(first + 1, second == std::string_view::npos ? second : second - first - 1);
  if (second != std::string_view::npos) parts.name = key.substr(second + 1);
  return parts;
}

std::string OwnerOfKey(std::string_view key) {
  constexpr std::string_view kThumbs = "thumbs_";
  const auto name = ParseFileKey(key).name;
  const auto slash = name.find('/');
  if (slash == std::string_view::npos || !name.starts_with(kThumbs)) return std::string(key);
  return std::string(key.substr(0, key.size() - name.size())).append(name.substr(kThumbs.size(), slash - kThumbs.size()));
}

bool FileReferences::HasRecord(std::string_view collection_id, std::string_view record_id) {
  return !IsFreeRow(db_, schema_, collection_id, record_id, [](const Record&) { return false; });
}

bool FileReferences::HasFile(std::string_view collection_id, std::string_view record_id, std::string_view name) {
  return !IsFreeRow(db_, schema_, collection_id, record_id, [&](const Record& record) { return !Holds(record, name); });
}

}  // namespace wombat

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "common/base/random.h"
#include "common/base/time.h"
#include "writer/bootstrap/system_migrations.h"

namespace wombat {
namespace {

// Written on the rows themselves: to the ordinary save a field with another id is another field, whose column would be
// dropped and made anew.
constexpr std::array<std::string_view, 5> kSystemCollections = {"_mfas", "_otps", "_externalAuths", "_authOrigins",
                                                                "_superusers"};
constexpr std::array<std::string_view, 4> kReferringTables = {"_mfas", "_otps", "_externalAuths", "_authOrigins"};

struct CollectionRow {
  std::string id, name, type;
  Json fields;
  bool changed = false;
};

Result<std::vector<CollectionRow>> ReadRows(Connection& data) {
  std::vector<CollectionRow> rows;
  auto select = data.Prepare("SELECT `id`, `name`, `type`, `fields` FROM `_collections` ORDER BY rowid");
  if (!select) return std::unexpected(select.error());
  for (;;) {
    auto row = select->Step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return rows;
    auto fields = ParseJson(select->cell(3).text());
    if (!fields) return Fail("collection " + std::string(select->cell(1).text()) + ": " + fields.error().message);
    rows.push_back({std::string(select->cell(0).text()), std::string(select->cell(1).text()),
                    std::string(select->cell(2).text()), std::move(*fields)});
  }
}

bool SetText(Json& object, std::string_view key, std::string value) {
  if (object.StringOr(key) == value) return false;
  object[key] = std::move(value);
  return true;
}

bool RenameSystemFields(Json& fields) {
  bool changed = false;
  if (!fields.is_array()) return false;
  for (Json& field : fields.as_array()) {
    if (!field.is_object() || !field.BoolOr("system")) continue;
    changed |= SetText(field, "id", field.StringOr("type") + Crc32Decimal(field.StringOr("name")));
  }
  return changed;
}

bool FollowInRelations(Json& fields, const std::map<std::string, std::string>& new_ids) {
  bool changed = false;
  if (!fields.is_array()) return false;
  for (Json& field : fields.as_array()) {
    if (!field.is_object() || field.StringOr("type") != "relation") continue;
    const auto renamed = new_ids.find(field.StringOr("collectionId"));
    if (renamed != new_ids.end()) changed |= SetText(field, "collectionId", renamed->second);
  }
  return changed;
}

Result<void> FollowInRecords(Connection& data, const std::string& old_id, const std::string& new_id) {
  for (const std::string_view table : kReferringTables) {
    auto done =
        data.Run("UPDATE `" + std::string(table) + "` SET `collectionRef` = ?, `updated` = ? WHERE `collectionRef` = ?",
                 SqlValues{new_id, NowText(), old_id});
    if (!done) return done;
  }
  return {};
}

Result<void> WriteRow(Connection& data, const CollectionRow& row, const std::string& new_id) {
  return data.Run("UPDATE `_collections` SET `id` = ?, `fields` = ? WHERE `id` = ?",
                  SqlValues{new_id, row.fields.Dump(), row.id});
}

}  // namespace

Result<void> RenameSystemIds(Connection& data) {
  auto rows = ReadRows(data);
  if (!rows) return std::unexpected(rows.error());

  std::map<std::string, std::string> new_ids;
  for (CollectionRow& row : *rows) {
    if (std::ranges::find(kSystemCollections, row.name) == kSystemCollections.end()) continue;
    row.changed = RenameSystemFields(row.fields);
    const std::string id = "pbc_" + Crc32Decimal(row.type + row.name);
    if (id != row.id) new_ids[row.id] = id;
  }
  for (CollectionRow& row : *rows) {
    row.changed |= FollowInRelations(row.fields, new_ids);
    const auto renamed = new_ids.find(row.id);
    if (!row.changed && renamed == new_ids.end()) continue;
    if (auto done = WriteRow(data, row, renamed == new_ids.end() ? row.id : renamed->second); !done) return done;
  }
  for (const auto& [old_id, new_id] : new_ids) {
    if (auto done = FollowInRecords(data, old_id, new_id); !done) return done;
  }
  return {};
}

}  // namespace wombat

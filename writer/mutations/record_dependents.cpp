#include "writer/mutations/record_dependents.h"

#include <cstdio>

#include "common/base/random.h"
#include "common/base/text.h"
#include "writer/mutations/record_chain.h"

namespace wombat {
namespace {

// Deletes the rows of `collection_name` that `where` selects, each with its hooks; tells how many there were.
ApiResult<std::size_t> DeleteWhere(LaneTransaction& tx, std::string_view collection_name, const std::string& where,
                                   const SqlValues& values) {
  CollectionPtr collection = tx.schema().FindShared(collection_name);
  if (!collection) return 0;
  std::vector<Record> rows;
  {
    auto statement = tx.db().Prepare("SELECT " + collection->select_columns + " FROM " + QuoteName(collection->name) +
                                     " WHERE " + where);
    if (!statement) return std::unexpected(WriteFailure(statement.error(), {}));
    statement->BindAll(values);
    for (;;) {
      auto more = statement->Step();
      if (!more) return std::unexpected(WriteFailure(more.error(), {}));
      if (!*more) break;
      rows.push_back(Record::FromRow(collection, *statement));
    }
  }
  for (Record& row : rows)
    if (auto deleted = DeleteRecord(tx, row); !deleted) return std::unexpected(deleted.error());
  return rows.size();
}

ApiResult<std::size_t> DeleteOwned(LaneTransaction& tx, std::string_view collection_name, const Record& owner) {
  return DeleteWhere(tx, collection_name, "`collectionRef` = ? AND `recordRef` = ?",
                     {owner.collection().id, std::string(owner.id())});
}

}  // namespace

ApiResult<void> RemoveOutdatedAuthRows(LaneTransaction& tx, Record& record) {
  const Json& was_verified = record.Original("verified");
  if (record.Bool("verified") && !(was_verified.is_bool() && was_verified.as_bool())) {
    auto links = DeleteOwned(tx, "_externalAuths", record);
    if (!links) return std::unexpected(links.error());
    if (*links > 0 && record.Get("tokenKey") == record.Original("tokenKey"))
      record.SetRaw(record.collection().token_key_field, RandomText(50));
  }
  if (record.Get("tokenKey") != record.Original("tokenKey"))
    if (auto done = DeleteOwned(tx, "_otps", record); !done) return std::unexpected(done.error());
  return {};
}

ApiResult<void> RemoveRowsOfChangedPassword(LaneTransaction& tx, Record& record) {
  if (!record.collection().is_auth() || record.Get("password") == record.Original("password")) return {};
  if (auto done = DeleteOwned(tx, "_mfas", record); !done) return std::unexpected(done.error());
  if (auto done = DeleteOwned(tx, "_authOrigins", record); !done) return std::unexpected(done.error());
  return {};
}

ApiResult<void> RemoveAllAuthRows(LaneTransaction& tx, const Record& record) {
  for (std::string_view collection : {"_authOrigins", "_otps", "_mfas", "_externalAuths"})
    if (auto done = DeleteOwned(tx, collection, record); !done) return std::unexpected(done.error());
  return {};
}

void RemoveInstaller(LaneTransaction& tx, const CollectionPtr& superusers) {
  if (!tx.db().Execute("SAVEPOINT installer")) return;
  const auto mark = tx.Mark();
  auto removed = DeleteWhere(tx, superusers->name, "`email` = ?", {std::string(kInstallerEmail)});
  if (!removed) {
    (void)tx.db().Execute("ROLLBACK TO installer");
    tx.FailEffectsSince(mark, removed.error());
    std::fprintf(stderr, "the installer's account could not be removed: %s\n", removed.error().message.c_str());
  }
  (void)tx.db().Execute("RELEASE installer");
}

}  // namespace wombat

// DELETE /api/collections/{collection}/truncate                                                  Behaviour: spec 02 §2, §4.
#include "common/base/text.h"
#include "proto/values.h"
#include "writer/mutations/mutations.h"
#include "writer/mutations/record_chain.h"

namespace wombat {
namespace {

constexpr int kChunk = 500;
constexpr const char* kFailed =
    "Failed to truncate collection (most likely due to required cascade delete record references).";

Result<std::vector<Record>> FirstRecords(LaneTransaction& tx, const CollectionPtr& collection) {
  auto statement = tx.db().Prepare("SELECT " + collection->select_columns + " FROM " + QuoteName(collection->name) + " LIMIT " +
                                   std::to_string(kChunk));
  if (!statement) return std::unexpected(statement.error());
  std::vector<Record> records;
  for (;;) {
    auto row = statement->Step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return records;
    records.push_back(Record::FromRow(collection, *statement));
  }
}

// A cascade may have taken a record of the chunk before its turn came.
HookResult DeleteIfThere(LaneTransaction& tx, const CollectionPtr& collection, const Record& record) {
  auto stored = tx.FindRecord(collection, record.id());
  if (stored) return DeleteRecord(tx, *stored);
  if (stored.error().kind == Error::Kind::kNotFound) return {};
  return std::unexpected(WriteFailure(stored.error(), kFailed));
}

}  // namespace

// One record after the other: each has its cascade, its files and its hooks.
MutationAnswer RunTruncateCollection(LaneTransaction& tx, proto::TruncateCollection::Reader message) {
  CollectionPtr collection = tx.schema().FindShared(View(message.getId()));
  if (!collection) return MutationAnswer::Refused({404, {}, Json::Object(), {}});
  if (auto opened = tx.EnsureSavepoint(); !opened) return MutationAnswer::Refused(WriteFailure(opened.error(), kFailed));
  for (;;) {
    auto records = FirstRecords(tx, collection);
    if (!records) return MutationAnswer::Refused(WriteFailure(records.error(), kFailed));
    if (records->empty()) return MutationAnswer::Of(MutationAnswer::Kind::kDone);
    for (const Record& record : *records) {
      auto deleted = DeleteIfThere(tx, collection, record);
      if (deleted) continue;
      const ApiError& error = deleted.error();
      int status = error.status == 507 ? 507 : 400;
      return MutationAnswer::Refused({status, status == 507 ? error.message : kFailed, Json::Object(),
                                      error.log_details.empty() ? error.message : error.log_details});
    }
  }
}

}  // namespace wombat

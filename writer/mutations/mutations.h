// The mutations that workers send, one file each. All run in the lane, inside a savepoint of their own: an error rolls back
// that mutation and nothing else.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/records/record.h"
#include "proto/messages.capnp.h"
#include "writer/lane/transaction.h"

namespace wombat {

// What a mutation is answered with.
struct MutationAnswer {
  enum class Kind { kRecord, kDone, kCollection, kRefused, kStale, kRowChanged, kBatch, kBatchFailed, kCommitted, kChangedRows };
  Kind kind = Kind::kDone;
  std::optional<Record> record;       // kRecord
  std::string collection_id;          // kCollection
  ApiError error;                     // kRefused, kBatchFailed
  bool committed = false;             // kRefused: only a hook after the commit failed
  std::vector<MutationAnswer> items;  // kBatch
  std::int64_t changed_rows = 0;      // kChangedRows
  std::optional<unsigned> failed_item;  // kBatchFailed; none: its time was up

  // Something was written, and shall be kept.
  bool applied() const { return kind != Kind::kRefused && kind != Kind::kStale && kind != Kind::kRowChanged && kind != Kind::kBatchFailed; }

  static MutationAnswer Of(Kind kind) { MutationAnswer answer; answer.kind = kind; return answer; }
  static MutationAnswer Refused(ApiError error) {
    MutationAnswer answer = Of(Kind::kRefused);
    answer.error = std::move(error);
    return answer;
  }
};

MutationAnswer RunCreateRecord(LaneTransaction& tx, proto::CreateRecord::Reader message);
MutationAnswer RunUpdateRecord(LaneTransaction& tx, proto::UpdateRecord::Reader message);
MutationAnswer RunDeleteRecord(LaneTransaction& tx, proto::DeleteRecord::Reader message);
MutationAnswer RunSaveCollection(LaneTransaction& tx, proto::SaveCollection::Reader message);
MutationAnswer RunDeleteCollection(LaneTransaction& tx, proto::DeleteCollection::Reader message);
MutationAnswer RunImportCollections(LaneTransaction& tx, proto::ImportCollections::Reader message);
MutationAnswer RunTruncateCollection(LaneTransaction& tx, proto::TruncateCollection::Reader message);
MutationAnswer RunSaveSettings(LaneTransaction& tx, proto::SaveSettings::Reader message);
MutationAnswer RunRunSql(LaneTransaction& tx, proto::RunSql::Reader message);
MutationAnswer RunBatch(LaneTransaction& tx, proto::Batch::Reader message);

// Any of them, by kind.
MutationAnswer RunMutation(LaneTransaction& tx, proto::Mutation::Reader message);

// The answer to a mutation that was already applied (its first answer was lost): from the stored rows, nothing is written.
MutationAnswer AnswerRepeated(LaneTransaction& tx, proto::Mutation::Reader message);

void WriteAnswer(proto::Reply::Builder reply, const MutationAnswer& answer);

// True when the rule is satisfied or absent.
Result<bool> RuleHolds(LaneTransaction& tx, bool present, proto::RuleCheck::Reader check);

}  // namespace wombat

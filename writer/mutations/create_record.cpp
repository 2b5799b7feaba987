#include "proto/values.h"
#include "writer/mutations/mutations.h"
#include "writer/mutations/record_chain.h"

namespace wombat {
namespace {

constexpr const char* kFailed = "Failed to create record.";

}  // namespace

MutationAnswer RunCreateRecord(LaneTransaction& tx, proto::CreateRecord::Reader message) {
  CollectionPtr collection = tx.schema().FindShared(View(message.getCollectionId()));
  if (!collection) return MutationAnswer::Of(MutationAnswer::Kind::kStale);
  auto allowed = RuleHolds(tx, message.hasCheck(), message.getCheck());
  if (!allowed) return MutationAnswer::Refused(WriteFailure(allowed.error(), kFailed));
  if (!*allowed) return MutationAnswer::Refused({400, kFailed, Json::Object(), "the create rule is not satisfied"});

  Record record(collection);
  if (!ReadRecordValues(message.getValues(), record)) return MutationAnswer::Of(MutationAnswer::Kind::kStale);
  if (auto saved = SaveRecord(tx, record, {.validate = false}); !saved) return MutationAnswer::Refused(saved.error());
  MutationAnswer answer = MutationAnswer::Of(MutationAnswer::Kind::kRecord);
  answer.record = std::move(record);
  return answer;
}

}  // namespace wombat

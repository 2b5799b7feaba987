#include "proto/values.h"
#include "writer/mutations/mutations.h"
#include "writer/mutations/record_chain.h"
#include "writer/mutations/record_files.h"

namespace wombat {
namespace {

constexpr const char* kFailed = "Failed to create record.";

}  // namespace

MutationAnswer RunCreateRecord(LaneTransaction& tx, proto::CreateRecord::Reader message) {
  CollectionPtr collection = tx.schema().FindShared(View(message.getCollectionId()));
  if (!collection) return MutationAnswer::Of(MutationAnswer::Kind::kStale);
  Record record(collection);
  if (!ReadRecordValues(message.getValues(), record)) return MutationAnswer::Of(MutationAnswer::Kind::kStale);
  if (message.getUpsert()) {
    auto present = tx.FindRecord(collection, record.id());
    if (present) return MutationAnswer::Of(MutationAnswer::Kind::kRowChanged);
    if (present.error().kind != Error::Kind::kNotFound) return MutationAnswer::Refused(WriteFailure(present.error(), kFailed));
  }
  auto allowed = RuleHolds(tx, message.hasCheck(), message.getCheck());
  if (!allowed) return MutationAnswer::Refused(WriteFailure(allowed.error(), kFailed));
  if (!*allowed) return MutationAnswer::Refused({400, kFailed, Json::Object(), "the create rule is not satisfied"});

  if (!TakeUploads(tx, message.getUploads(), record)) return MutationAnswer::Of(MutationAnswer::Kind::kRowChanged);
  SaveOptions options{.validate = message.getValidateWhole(), .worker_errors = ReadErrors(message.getWorkerErrors())};
  if (auto saved = SaveRecord(tx, record, options); !saved) return MutationAnswer::Refused(saved.error());
  MutationAnswer answer = MutationAnswer::Of(MutationAnswer::Kind::kRecord);
  answer.record = std::move(record);
  return answer;
}

}  // namespace wombat

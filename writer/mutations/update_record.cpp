#include "common/records/fingerprint.h"
#include "proto/values.h"
#include "writer/mutations/mutations.h"
#include "writer/mutations/record_chain.h"
#include "writer/mutations/record_files.h"

namespace wombat {
namespace {

constexpr const char* kFailed = "Failed to update record.";

}  // namespace

MutationAnswer RunUpdateRecord(LaneTransaction& tx, proto::UpdateRecord::Reader message) {
  CollectionPtr collection = tx.schema().FindShared(View(message.getCollectionId()));
  if (!collection) return MutationAnswer::Of(MutationAnswer::Kind::kStale);
  auto stored = tx.FindRecord(collection, View(message.getRecordId()));
  if (!stored) {
    if (stored.error().kind == Error::Kind::kNotFound && message.getUpsert())
      return MutationAnswer::Of(MutationAnswer::Kind::kRowChanged);
    if (stored.error().kind == Error::Kind::kNotFound) return MutationAnswer::Refused({404, {}, Json::Object(), {}});
    return MutationAnswer::Refused(WriteFailure(stored.error(), kFailed));
  }
  auto allowed = RuleHolds(tx, message.hasCheck(), message.getCheck());
  // A rule that cannot be run hides the record like one that is not satisfied (spec 03 §9).
  if (!allowed || !*allowed)
    return MutationAnswer::Refused({404, {}, Json::Object(), allowed ? "the update rule is not satisfied" : allowed.error().message});
  bool moved = message.getBasedOn() != 0 && message.getBasedOn() != Fingerprint(*stored);
  if (moved && message.getComputed()) return MutationAnswer::Of(MutationAnswer::Kind::kRowChanged);

  Record record = std::move(*stored);
  record.TakeAsOriginal();
  Record sent(collection);
  if (!ReadRecordValues(message.getValues(), sent)) return MutationAnswer::Of(MutationAnswer::Kind::kStale);
  if (moved) {
    for (unsigned field : message.getChanged())
      if (field < collection->fields.size()) record.SetRaw(int(field), sent.value(int(field)));
  } else {
    for (std::size_t i = 0; i < collection->fields.size(); i++) record.SetRaw(int(i), sent.value(int(i)));
  }
  // The plain text stays in the worker; that one was set is what the token key depends on.
  for (unsigned field : message.getPasswordsSet()) record.SetPlainPassword(int(field), {});
  if (!TakeUploads(tx, message.getUploads(), record)) return MutationAnswer::Of(MutationAnswer::Kind::kRowChanged);
  SaveOptions options{.validate = message.getValidateWhole(), .worker_errors = ReadErrors(message.getWorkerErrors())};
  if (auto saved = SaveRecord(tx, record, options); !saved) return MutationAnswer::Refused(saved.error());
  MutationAnswer answer = MutationAnswer::Of(MutationAnswer::Kind::kRecord);
  answer.record = std::move(record);
  return answer;
}

}  // namespace wombat

#include "proto/values.h"
#include "writer/mutations/mutations.h"
#include "writer/mutations/record_chain.h"

namespace wombat {

MutationAnswer RunDeleteRecord(LaneTransaction& tx, proto::DeleteRecord::Reader message) {
  CollectionPtr collection = tx.schema().FindShared(View(message.getCollectionId()));
  if (!collection) return MutationAnswer::Of(MutationAnswer::Kind::kStale);
  auto stored = tx.FindRecord(collection, View(message.getRecordId()));
  if (!stored) {
    if (stored.error().kind == Error::Kind::kNotFound) return MutationAnswer::Refused({404, {}, Json::Object(), {}});
    return MutationAnswer::Refused(WriteFailure(stored.error(), kDeleteRefused));
  }
  auto allowed = RuleHolds(tx, message.hasCheck(), message.getCheck());
  if (!allowed || !*allowed)
    return MutationAnswer::Refused({404, {}, Json::Object(), allowed ? "the delete rule is not satisfied" : allowed.error().message});
  if (auto deleted = DeleteRecord(tx, *stored); !deleted) return MutationAnswer::Refused(deleted.error());
  return MutationAnswer::Of(MutationAnswer::Kind::kDone);
}

}  // namespace wombat

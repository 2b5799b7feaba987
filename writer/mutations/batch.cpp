// Several record mutations in one savepoint: all of them or none.                                   Behaviour: spec 01
// §3.2.
#include "proto/values.h"
#include "writer/mutations/mutations.h"

namespace wombat {
namespace {

// Later statements would see a transaction of which part is done; only record mutations can follow one another here.
bool MayBeInBatch(proto::Mutation::Reader item) {
  return item.isCreateRecord() || item.isUpdateRecord() || item.isDeleteRecord();
}

MutationAnswer Failed(std::optional<unsigned> item, ApiError error) {
  MutationAnswer answer = MutationAnswer::Of(MutationAnswer::Kind::kBatchFailed);
  answer.failed_item = item;
  answer.error = std::move(error);
  return answer;
}

MutationAnswer TimeIsUp() { return Failed({}, {400, {}, Json::Object(), "the time limit of the batch was reached"}); }

MutationAnswer RunItems(LaneTransaction& tx, proto::Batch::Reader message) {
  MutationAnswer all = MutationAnswer::Of(MutationAnswer::Kind::kBatch);
  all.items.reserve(message.getItems().size());
  for (auto item : message.getItems()) {
    if (tx.time_is_up()) return TimeIsUp();
    const auto index = unsigned(all.items.size());
    if (!MayBeInBatch(item)) return Failed(index, {500, {}, Json::Object(), "a mutation that cannot be in a batch"});
    MutationAnswer answer = RunMutation(tx, item);
    if (answer.kind == MutationAnswer::Kind::kRefused)
      return tx.time_is_up() ? TimeIsUp() : Failed(index, std::move(answer.error));
    if (!answer.applied()) return answer;
    all.items.push_back(std::move(answer));
  }
  return tx.time_is_up() ? TimeIsUp() : std::move(all);
}

}  // namespace

MutationAnswer RunBatch(LaneTransaction& tx, proto::Batch::Reader message) {
  if (auto opened = tx.EnsureSavepoint(); !opened) return Failed({}, WriteFailure(opened.error(), {}));
  tx.JoinUntil(std::chrono::steady_clock::now() + std::chrono::milliseconds(message.getTimeLimitMs()));
  MutationAnswer answer = RunItems(tx, message);
  tx.EndJoin();
  return answer;
}

}  // namespace wombat

#include "proto/values.h"
#include "writer/mutations/mutations.h"

namespace wombat {

void WriteAnswer(proto::Reply::Builder reply, const MutationAnswer& answer) {
  switch (answer.kind) {
    case MutationAnswer::Kind::kRecord: {
      const Record& record = *answer.record;
      WriteRecordValues(reply.initRecord().initValues(unsigned(record.collection().fields.size())), record);
      break;
    }
    case MutationAnswer::Kind::kCommitted:
    case MutationAnswer::Kind::kDone:
      reply.setDone();
      break;
    case MutationAnswer::Kind::kCollection:
      reply.setCollection(ToText(answer.collection_id));
      break;
    case MutationAnswer::Kind::kRefused: {
      auto refused = reply.initRefused();
      WriteRefusal(refused, answer.error);
      refused.setCommitted(answer.committed);
      break;
    }
    case MutationAnswer::Kind::kStale:
      reply.setStale();
      break;
    case MutationAnswer::Kind::kRowChanged:
      reply.setRowChanged();
      break;
    case MutationAnswer::Kind::kChangedRows:
      reply.setChangedRows(answer.changed_rows);
      break;
    case MutationAnswer::Kind::kBatch: {
      auto items = reply.initBatch(unsigned(answer.items.size()));
      for (unsigned i = 0; i < items.size(); i++) WriteAnswer(items[i], answer.items[i]);
      break;
    }
    case MutationAnswer::Kind::kBatchFailed: {
      auto failure = reply.initBatchFailed();
      if (answer.failed_item)
        failure.setItem(*answer.failed_item);
      else
        failure.setWhole();
      WriteRefusal(failure.initRefusal(), answer.error);
      break;
    }
  }
}

}  // namespace wombat

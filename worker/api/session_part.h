// An item whose mutations go into an open session, one after the other.                          worker/README.md, "Batches"
#pragma once

#include <string>

#include "worker/api/batch_part.h"
#include "worker/api/mutate.h"
#include "worker/session.h"

namespace wombat {

struct SessionPart : BatchPart {
  Task<Written> Send(FillMutation fill, CollectionPtr collection) override {
    auto frame = co_await session->Mutate(fill);
    if (frame) {
      auto reply = frame->message().getSessionReply();
      if (reply.isMutation()) {
        Written written = ReadReply(reply.getMutation(), collection);
        if (written.record) stored_id = std::string(written.record->id());
        co_return written;
      }
    }
    Written ended;
    ended.kind = Written::Kind::kRefused;
    ended.error = {400, {}, Json::Object(), "the transaction has ended"};
    co_return ended;
  }

  std::string stored_id;           // of the record that was created or updated last
};

}  // namespace wombat

// Sends a record's mutation to the writer and reads its answer.                       proto/README.md; design.md, "A mutation".
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "proto/messages.capnp.h"
#include "worker/api/record_query.h"
#include "worker/request_context.h"

namespace wombat {

// What the writer made of it.
struct Written {
  enum class Kind { kStored, kDone, kStale, kRowChanged, kRefused };
  Kind kind = Kind::kDone;
  std::shared_ptr<Record> record;     // kStored
  std::string collection_id;          // a collection's save
  std::int64_t changed_rows = 0;      // of SQL
  ApiError error;                     // kRefused
  bool committed = false;             // kRefused, but only by a hook after the commit: what was sent is stored
};

// How the writer shall look at a record.
struct SendOptions {
  std::optional<SelectQuery> check;    // the rule that it asks
  // A hook wants to see failed validations: the writer validates whole. `worker_errors` are those that only the worker can
  // find, which were not answered yet.
  bool validate_whole = false;
  Json worker_errors = Json::Object();
};
// What the product itself writes: no rule, and valid.
inline const SendOptions kTrusted;

Task<Written> SendCreate(RequestContext& context, const Record& record, const SendOptions& options);
// `stored`: the row that `record` was made from. `computed`: some value depends on it (a modifier, a hook), so that it may
// only be written over exactly that row; otherwise what differs is put onto whatever the row is by then.
Task<Written> SendUpdate(RequestContext& context, const Record& record, const Record& stored,
                         const SendOptions& options, bool computed);
Task<Written> SendDelete(RequestContext& context, const CollectionPtr& collection, std::string_view id,
                         const std::optional<SelectQuery>& check);
Task<Written> SendSaveCollection(RequestContext& context, const Collection& collection, bool is_new, std::string_view stored_id);
Task<Written> SendDeleteCollection(RequestContext& context, std::string_view id);

// Any other mutation.
Task<Written> SendMutation(RequestContext& context, std::function<void(proto::Mutation::Builder)> fill);
// `stored_id`: of the collection that it replaces, when not new.
void FillCollection(proto::SaveCollection::Builder out, const Collection& collection, bool is_new, const std::string& stored_id);

Written ReadReply(proto::Reply::Reader reply, const CollectionPtr& collection);

// An answer `kStale`: the schema moved under the request. Loads the new one into the context. False: it cannot be loaded.
bool TakeFreshSchema(RequestContext& context);

// How often a handler starts over because the schema or the row moved before it gives up with 503.
// Each round at least one of those who compete for a row gets through, so this is also how many may compete.
inline constexpr int kMaxAttempts = 1000;
inline ApiError TooMuchMoved() { return {503, "The server is busy, try again later.", Json::Object(), "the schema or row kept changing"}; }

// True when `check` gives a row on this worker's snapshot.
Task<Result<bool>> HoldsHere(RequestContext& context, const SelectQuery& check);

}  // namespace wombat

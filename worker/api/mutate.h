// Sends a record's mutation to the writer and reads its answer.                       proto/README.md; design.md, "A mutation".
#pragma once

#include <memory>
#include <optional>

#include "worker/api/record_query.h"
#include "worker/request_context.h"

namespace wombat {

// What the writer made of it.
struct Written {
  enum class Kind { kStored, kDone, kStale, kRowChanged, kRefused };
  Kind kind = Kind::kDone;
  std::shared_ptr<Record> record;     // kStored
  std::string collection_id;          // a collection's save
  ApiError error;                     // kRefused
};

Task<Written> SendCreate(RequestContext& context, const Record& record, const std::optional<SelectQuery>& check);
// `stored`: the row that `record` was made from. `computed`: some value depends on it (a modifier, a hook), so that it may
// only be written over exactly that row; otherwise what differs is put onto whatever the row is by then.
Task<Written> SendUpdate(RequestContext& context, const Record& record, const Record& stored,
                         const std::optional<SelectQuery>& check, bool computed);
Task<Written> SendDelete(RequestContext& context, const CollectionPtr& collection, std::string_view id,
                         const std::optional<SelectQuery>& check);
Task<Written> SendSaveCollection(RequestContext& context, const Collection& collection, bool is_new, std::string_view stored_id);
Task<Written> SendDeleteCollection(RequestContext& context, std::string_view id);

// An answer `kStale`: the schema moved under the request. Loads the new one into the context. False: it cannot be loaded.
bool TakeFreshSchema(RequestContext& context);

// How often a handler starts over because the schema or the row moved before it gives up with 503.
// Each round at least one of those who compete for a row gets through, so this is also how many may compete.
inline constexpr int kMaxAttempts = 1000;
inline ApiError TooMuchMoved() { return {503, "The server is busy, try again later.", Json::Object(), "the schema or row kept changing"}; }

// True when `check` gives a row on this worker's snapshot.
Task<Result<bool>> HoldsHere(RequestContext& context, const SelectQuery& check);

}  // namespace wombat

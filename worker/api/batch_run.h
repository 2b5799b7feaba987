// Runs a batch's items, all or none of them.                                  Behaviour: spec 01 §3.2, 07 §3.6;
// worker/README.md.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "worker/api/batch_request.h"

namespace wombat {

struct BatchOutcome {
  enum class Kind {
    kDone,
    kItemFailed,    // failed_item, error: the answer that the item alone would have got
    kFailed,        // error: of the batch as a whole
    kStale,         // another schema: run it again with a fresh one
    kLost,          // the writer died before it was committed: run it again
    kNeedsSession,  // together: an item depends on an earlier one
  };
  Kind kind = Kind::kDone;
  std::vector<HttpResponse> answers;  // kDone; of those items that came to an end
  std::size_t failed_item = 0;
  ApiError error;
};

// Every item is prepared as if it were alone; then all go to the writer as one mutation, and commit with others'.
Task<BatchOutcome> RunTogether(RequestContext& context, const std::vector<BatchItem>& items,
                               const std::vector<std::vector<UploadedFile>>& files,
                               std::chrono::milliseconds time_limit);

// One after the other within a session with the writer: each sees what the earlier ones did, and request hooks run
// around everything behind them.
Task<BatchOutcome> RunInSession(RequestContext& context, const std::vector<BatchItem>& items,
                                const std::vector<std::vector<UploadedFile>>& files,
                                std::chrono::milliseconds time_limit);

// What cannot be prepared without having seen what earlier items did, or must be shown before the commit.
bool NeedsSession(RequestContext& context, const std::vector<BatchItem>& items);

// Spec 01 §3.3: what is no answer of the API is 400 for the first item and 500 for later ones.
ApiError AsItemError(ApiError error, const BatchItem& item, std::size_t index);

}  // namespace wombat

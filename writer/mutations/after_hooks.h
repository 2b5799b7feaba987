// OnModelAfter… and OnRecordAfter… of one operation: at once when it failed, after the transaction when it did not.
//                                                                                        Behaviour: spec 07 §4.2.
#pragma once

#include "common/app/app.h"
#include "writer/lane/transaction.h"

namespace wombat {

struct AfterHooks {
  const Hook<ModelEvent>& model_success;
  const Hook<RecordEvent>& record_success;
  const Hook<ModelEvent>& model_error;
  const Hook<RecordEvent>& record_error;
};

// `error` is null for the success hooks. `type` must be a literal. `innermost` runs when every record handler has gone
// on, in front of the model's own handlers.
HookResult FireAfterHooks(App& app, const Hook<ModelEvent>& model_hook, const Hook<RecordEvent>& record_hook,
                          Record& record, std::string_view type, const ApiError* error,
                          const std::function<void()>& innermost = {});

// Puts success and error hooks into the transaction's effects; the lane runs the ones that its end decides for. What
// workers are to be told is put there as well.
void QueueAfter(LaneTransaction& tx, const Record& record, std::string_view type, AfterHooks hooks);

// What an operation fails with when its After…Error handlers fail as well: handlers cannot take the failure back, but
// an answer of theirs comes before the operation's own (`own_message`). `later` may be a success.
std::unexpected<ApiError> JoinErrors(const ApiError& failure, const HookResult& later, std::string_view own_message);

}  // namespace wombat

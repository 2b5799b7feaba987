// The jobs that the product itself runs on a schedule, and what workers may ask about all jobs.      Behaviour: spec 05 §6.
#pragma once

#include <functional>
#include <string_view>

#include "proto/messages.capnp.h"
#include "writer/jobs/cron.h"
#include "writer/jobs/log_store.h"
#include "writer/lane/commit_lane.h"
#include "writer/lane/peer.h"

namespace wombat {

// Runs its argument in the lane and waits for the commit.
using SubmitToLane = std::function<ApiResult<void>(std::function<ApiResult<void>(LaneTransaction&)>)>;

// All must outlive the jobs.
void AddBuiltinCrons(CronJobs& jobs, CommitLane& lane, LogStore& logs, SubmitToLane submit);

// Deletes the rows of `_mfas` or `_otps` that are older than their auth collection's `mfa.duration` or `otp.duration`, with
// all hooks, some at a time.                                                                                   spec 04 §6.12
ApiResult<void> DeleteExpiredSessions(const SubmitToLane& submit);
ApiResult<void> DeleteExpiredOtps(const SubmitToLane& submit);

// GET /api/crons and POST /api/crons/{id}, which a worker has found to be a superuser's.
void AnswerCronRequest(CronJobs& jobs, Peer& from, proto::PassOn::Reader request);

}  // namespace wombat

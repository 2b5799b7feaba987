#include "writer/jobs/builtin_crons.h"

#include "common/base/json_text.h"
#include "common/base/text.h"
#include "common/base/time.h"
#include "proto/values.h"

namespace wombat {
namespace {

constexpr std::string_view kPath = "/api/crons/";

void LogFailure(LogStore& logs, std::string_view message, const ApiError& error) {
  constexpr int kWarning = 4;
  const std::string data = Json::Object({{"error", error.log_details.empty() ? error.message : error.log_details}}).Dump();
  const std::string now = NowText();
  logs.Append(LogEntryView{kWarning, message, data, now});
}

std::string ListText(const CronJobs& jobs) {
  std::string list = "[";
  for (const CronJobs::Listed& job : jobs.List()) {
    list += list.size() > 1 ? ",{\"id\":" : "{\"id\":";
    AppendJsonString(list, job.id);
    list += ",\"expression\":";
    AppendJsonString(list, job.expression);
    list += '}';
  }
  return list + "]";
}

std::string IdOf(std::string_view target) {
  target = target.substr(0, target.find('?'));
  if (!target.starts_with(kPath)) return {};
  std::string id;
  return PercentDecode(target.substr(kPath.size()), false, id) ? id : std::string(target.substr(kPath.size()));
}

}  // namespace

void AddBuiltinCrons(CronJobs& jobs, CommitLane& lane, LogStore& logs, SubmitToLane submit) {
  (void)jobs.Add("__pbDBOptimize__", "0 0 * * *", [&lane, &logs] {
    lane.OptimizeSoon();
    logs.OptimizeSoon();
  });
  (void)jobs.Add("__pbMFACleanup__", "0 * * * *", [submit, &logs] {
    if (auto done = DeleteExpiredSessions(submit); !done) LogFailure(logs, "Failed to delete expired MFA sessions", done.error());
  });
  (void)jobs.Add("__pbOTPCleanup__", "0 * * * *", [submit, &logs] {
    if (auto done = DeleteExpiredOtps(submit); !done) LogFailure(logs, "Failed to delete expired OTP sessions", done.error());
  });
  (void)jobs.Add("__pbLogsCleanup__", "0 */6 * * *", [&logs] { logs.PurgeSoon(); });
}

void AnswerCronRequest(CronJobs& jobs, Peer& from, proto::PassOn::Reader request) {
  capnp::MallocMessageBuilder builder;
  auto reply = builder.initRoot<proto::Message>().initPassOnReply();
  reply.setToWorker(request.getFromWorker());
  reply.setIncarnation(request.getIncarnation());
  reply.setNumber(request.getNumber());
  if (View(request.getMethod()) == "GET") {
    const std::string text = ListText(jobs);
    auto answer = reply.initAnswer();
    answer.setStatus(200);
    answer.setBody({reinterpret_cast<const kj::byte*>(text.data()), text.size()});
  } else if (jobs.Start(IdOf(View(request.getTarget())))) {
    reply.initAnswer().setStatus(204);
  } else {
    WriteRefusal(reply.initRefused(), {404, "Missing or invalid cron job.", Json::Object(), {}});
  }
  std::string frame;
  AppendFrame(frame, builder);
  from.Send(frame);
}

}  // namespace wombat

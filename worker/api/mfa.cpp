#include "worker/api/mfa.h"

#include "common/base/text.h"
#include "common/base/time.h"
#include "common/records/validate.h"
#include "common/schema/json_read.h"
#include "worker/api/mutate.h"
#include "worker/read.h"

namespace wombat {
namespace {

using Answer = std::optional<HttpResponse>;

Task<ApiResult<bool>> Applies(RequestContext& context, const Record& record, std::string_view method) {
  const auto& mfa = record.collection().auth.mfa;
  if (!mfa.enabled) co_return false;
  if (mfa.rule.empty()) co_return true;
  RequestInfo info = context.info;
  info.context = std::string(method);
  auto check = CheckStored(*context.schema, record.collection(), record.id(), Rule(mfa.rule), info);
  if (!check) co_return Refuse(400, "Failed to authenticate.");
  auto holds = co_await HoldsHere(context, *check);
  if (!holds) co_return Refuse(400, "Failed to authenticate.");
  co_return *holds;
}

ApiResult<std::string> MfaId(const RequestContext& context) {
  if (std::string_view id = context.Query("mfaId"); !id.empty()) return std::string(id);
  const Json* sent = FindMember(context.info.body, "mfaId");
  if (!sent || sent->is_null()) return std::string();
  if (!sent->is_string() && context.http.Header("Content-Type").starts_with("application/json"))
    return Refuse(400, "Failed to read MFA Id.");
  return CastToText(*sent);              // a form's values were inferred; here they are text
}

Task<Result<std::shared_ptr<Record>>> FindSession(RequestContext& context, CollectionPtr sessions, std::string id) {
  std::function<Result<std::shared_ptr<Record>>(Connection&)> read = [&](Connection& reader) -> Result<std::shared_ptr<Record>> {
    auto statement = reader.Prepare("SELECT " + sessions->select_columns + " FROM `_mfas` WHERE `_mfas`.`id` = ?");
    if (!statement) return std::unexpected(statement.error());
    statement->BindView(1, id);
    auto row = statement->Step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return std::shared_ptr<Record>();
    return std::make_shared<Record>(Record::FromRow(sessions, *statement));
  };
  co_return co_await Read<std::shared_ptr<Record>>(context.runtime, read);
}

Task<ApiResult<Answer>> OpenSession(RequestContext& context, CollectionPtr sessions, const Record& record,
                                    std::string_view method) {
  Written written;
  for (int attempt = 0; attempt < kMaxAttempts; attempt++) {
    Record session(sessions);
    session.Set("collectionRef", record.collection().id);
    session.Set("recordRef", Json(record.id()));
    session.Set("method", Json(method));
    AutogenerateValues(session);
    written = co_await SendCreate(context, session, kTrusted);
    if (written.kind != Written::Kind::kStale || !TakeFreshSchema(context)) break;
    sessions = context.schema->FindShared("_mfas");
    if (!sessions) break;
  }
  if (written.kind != Written::Kind::kStored) co_return Refuse(500, "Failed to create MFA record.");
  HttpResponse response;
  response.status = 401;
  response.content_type = "application/json";
  response.body = Json::Object({{"mfaId", Json(written.record->id())}}).Dump() + "\n";
  co_return Answer(std::move(response));
}

Task<Written> UseUp(RequestContext& context, CollectionPtr sessions, std::string id) {
  Written removed;
  for (int attempt = 0; attempt < kMaxAttempts; attempt++) {
    removed = co_await SendDelete(context, sessions, id, std::nullopt);
    if (removed.kind != Written::Kind::kStale || !TakeFreshSchema(context)) break;
  }
  co_return removed;
}

bool Expired(const Record& session, std::int64_t seconds) {
  auto created = ParseTimestamp(session.Text("created"));
  return !created || Now() - *created > std::chrono::seconds(seconds);
}

}  // namespace

Task<ApiResult<Answer>> CheckMfa(RequestContext& context, const Record& record, std::string_view method) {
  auto applies = co_await Applies(context, record, method);
  if (!applies) co_return std::unexpected(std::move(applies.error()));
  if (!*applies) co_return Answer();
  CollectionPtr sessions = context.schema->FindShared("_mfas");
  if (!sessions) co_return Refuse(500, "Failed to create MFA record.");
  auto sent = MfaId(context);
  if (!sent) co_return std::unexpected(std::move(sent.error()));
  const std::string id = std::move(*sent);
  if (id.empty()) co_return co_await OpenSession(context, sessions, record, method);

  auto session = co_await FindSession(context, sessions, id);
  if (!session || !*session) co_return Refuse(400, "Invalid or expired MFA session.");
  if (Expired(**session, record.collection().auth.mfa.duration)) {
    (void)co_await UseUp(context, sessions, id);
    co_return Refuse(400, "Invalid or expired MFA session.");
  }
  if ((*session)->Text("recordRef") != record.id() || (*session)->Text("collectionRef") != record.collection().id)
    co_return Refuse(400, "Invalid MFA session.");
  if ((*session)->Text("method") == method) co_return Refuse(400, "A different authentication method is required.");
  Written removed = co_await UseUp(context, sessions, id);
  // Only one request may use the session up.
  if (removed.kind != Written::Kind::kDone) co_return Refuse(400, "Invalid or expired MFA session.");
  co_return Answer();
}

}  // namespace wombat

// POST /api/collections/{collection}/request-otp                                                        spec 04 §6.3
#include <algorithm>
#include <chrono>
#include <ctime>

#include "common/auth/password.h"
#include "common/base/random.h"
#include "common/base/time.h"
#include "common/records/validate.h"
#include "common/schema/fields/formats.h"
#include "worker/api/auth_form.h"
#include "worker/api/auth_record.h"
#include "worker/api/auth_response.h"
#include "worker/api/bound_body.h"
#include "worker/api/handlers.h"
#include "worker/api/otp_decoy.h"
#include "worker/api/record_access.h"
#include "worker/background.h"
#include "worker/mail/record_mails.h"
#include "worker/pause.h"
#include "worker/read.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxEmail = 255;
constexpr std::int64_t kMaxOpenOtps = 10;
constexpr int kOtpCost = 8;
// The settings name any length; what is longer than this cannot be hashed, and is refused as the collection's longest is.
constexpr std::int64_t kMaxCode = 100;
// No answer leaves earlier, so that one which hashed and wrote something looks like one which did not.
constexpr std::chrono::milliseconds kAnswerTime{50};

ApiResult<std::string> ReadEmail(RequestContext& context) {
  auto body = BoundBody::ReadAuth(context);
  if (!body) return std::unexpected(std::move(body.error()));
  std::string email = body->Text("email");
  if (auto read = body->Finish(); !read) return std::unexpected(std::move(read.error()));
  Json errors = Json::Object();
  if (email.empty()) {
    AddFieldError(errors, "email", FieldError::Required());
  } else if (email.size() > kMaxEmail) {
    AddFieldError(errors, "email", {"validation_length_out_of_range", "the length must be between {{.min}} and {{.max}}",
                                    Json::Object({{"max", int(kMaxEmail)}, {"min", 1}})});
  } else if (!IsEmailAddress(email)) {
    AddFieldError(errors, "email", {"validation_is_email", "must be a valid email address", {}});
  }
  if (!errors.as_object().empty()) return Refuse(400, "An error occurred while validating the submitted data.", std::move(errors));
  return email;
}

struct OpenOtps {
  std::int64_t count = 0;
  std::string newest;
};

Task<Result<OpenOtps>> FindOpenOtps(RequestContext& context, const Record& record) {
  const std::string since = FormatTimestamp(Now() - std::chrono::seconds(record.collection().auth.otp.duration));
  std::function<Result<OpenOtps>(Connection&)> read = [&](Connection& reader) -> Result<OpenOtps> {
    auto statement = reader.Prepare(
        "SELECT `id` FROM `_otps` WHERE `collectionRef` = ? AND `recordRef` = ? AND `created` >= ? ORDER BY `created` DESC");
    if (!statement) return std::unexpected(statement.error());
    statement->BindView(1, record.collection().id);
    statement->BindView(2, record.id());
    statement->BindView(3, since);
    OpenOtps open;
    for (;;) {
      auto row = statement->Step();
      if (!row) return std::unexpected(row.error());
      if (!*row) return open;
      if (open.count++ == 0) open.newest = statement->cell(0).text();
    }
  };
  co_return co_await Read<OpenOtps>(context.runtime, read);
}

// Hashes on the pool; 503 when too much waits there.
Task<ApiResult<void>> SetCode(RequestContext& context, Record& otp, std::string code) {
  const int field = otp.collection().FieldIndex("password");
  std::function<std::optional<std::string>(PoolThread&)> job = [&](PoolThread&) { return HashPassword(code, kOtpCost); };
  auto hash = co_await context.runtime.hash_pool.Run<std::optional<std::string>>(job);
  if (!hash) co_return Refuse(503, "The server is busy, try again later.");
  otp.SetPlainPassword(field, code);
  if (*hash) otp.SetRaw(field, std::move(**hash));
  else otp.MarkPasswordFailed(field);
  co_return ApiResult<void>{};
}

Task<ApiResult<std::shared_ptr<Record>>> StoreOtp(RequestContext& context, std::shared_ptr<Record> owner, std::string code) {
  for (int attempt = 0; attempt < kMaxAttempts; attempt++) {
    CollectionPtr otps = context.schema->FindShared("_otps");
    if (!otps) co_return Refuse(500);
    Record otp(otps);
    otp.Set("collectionRef", owner->collection().id);
    otp.Set("recordRef", Json(owner->id()));
    auto coded = co_await SetCode(context, otp, code);
    if (!coded) co_return std::unexpected(std::move(coded.error()));
    AutogenerateValues(otp);
    auto errors = ValidateRecord(otp, *context.schema, nullptr, ValidationScope::kWithoutDatabase);
    if (!errors) co_return Refuse(400);
    if (!errors->as_object().empty()) co_return Refuse(400, {}, std::move(*errors));
    Written written = co_await SendCreate(context, otp, kTrusted);
    if (written.kind == Written::Kind::kStored) co_return std::move(written.record);
    if (written.kind == Written::Kind::kRefused) co_return std::unexpected(std::move(written.error));
    if (!TakeFreshSchema(context)) co_return Refuse(500);
  }
  co_return std::unexpected(TooMuchMoved());
}

// To whom it went is known only now; whoever signs in with it shows that the address is theirs.
Task<HookResult> NoteRecipient(RequestContext& context, std::shared_ptr<Record> otp, std::string recipient) {
  auto found = co_await FindRecordById(context, otp->collection_ptr(), std::string(otp->id()));
  if (!found) co_return std::unexpected(ReadFailure(found.error(), 500));
  if (!*found || !(*found)->Text("sentTo").empty()) co_return HookResult{};
  ChangeRecord change = [&recipient](Record& row) -> Task<ApiResult<void>> {
    row.Set("sentTo", recipient);
    co_return ApiResult<void>{};
  };
  co_return co_await ChangeAuthRecord(context, *found, "", change);
}

Task<void> MailCode(RequestContext& context, std::shared_ptr<Record> owner, std::shared_ptr<Record> otp, std::string code) {
  AfterSending sent = [&context, otp](std::string recipient) { return NoteRecipient(context, otp, std::move(recipient)); };
  auto mailed = co_await SendOtpMail(context, owner, std::string(otp->id()), code, sent);
  if (mailed) co_return;
  LogFailure(context, kLogError, "Failed to send OTP email", mailed.error());
  (void)co_await SendDelete(context, otp->collection_ptr(), otp->id(), std::nullopt);
}

Task<ApiResult<std::string>> OpenOtp(RequestContext& context, std::shared_ptr<Record> owner, std::string code) {
  if (!context.runtime.config.dev) {
    auto open = co_await FindOpenOtps(context, *owner);
    if (!open) co_return std::unexpected(ReadFailure(open.error(), 500));
    if (open->count >= kMaxOpenOtps) co_return open->newest;
  }
  auto otp = co_await StoreOtp(context, owner, code);
  if (!otp) co_return std::unexpected(std::move(otp.error()));
  std::shared_ptr<Record> stored = *otp;
  RunInBackground(context, [owner, stored, code](RequestContext& own) { return MailCode(own, owner, stored, code); });
  co_return std::string(stored->id());
}

// The same work and the same kind of answer for an address that nobody has.
Task<ApiResult<std::string>> PretendOtp(RequestContext& context, CollectionPtr collection, std::string email, std::string code) {
  std::function<bool(PoolThread&)> job = [&](PoolThread&) { return HashPassword(code, kOtpCost).has_value(); };
  auto hashed = co_await context.runtime.hash_pool.Run<bool>(job);
  if (!hashed) co_return Refuse(503, "The server is busy, try again later.");
  if (context.runtime.config.dev) co_return DecoyOtpId(*collection, email);
  const std::uint32_t bucket = DecoyBucketOf(*collection, email);
  const std::uint64_t key = RateTable::KeyOf(context.settings->generation, "@otpRequests@@" + collection->id, std::to_string(bucket));
  const auto duration = std::uint32_t(std::max<std::int64_t>(collection->auth.otp.duration, 0));
  const bool fresh = context.runtime.config.page->rate_limits.Take(key, {kMaxOpenOtps - 1, duration}, std::uint32_t(std::time(nullptr)));
  co_return fresh ? DecoyOtpId(*collection, email) : RepeatedDecoyOtpId(*collection, email, Now());
}

}  // namespace

Task<HandlerResult> RequestOtp(RequestContext& context) {
  using std::chrono::steady_clock;
  const auto answer_at = steady_clock::now() + kAnswerTime;
  auto collection = AuthCollection(context);
  if (!collection) co_return std::unexpected(std::move(collection.error()));
  if (!(*collection)->auth.otp.enabled) co_return Refuse(403, "The collection is not configured to allow OTP authentication.");
  auto email = ReadEmail(context);
  if (!email) co_return std::unexpected(std::move(email.error()));
  auto record = co_await FindAuthRecordByEmail(context, *collection, *email);
  if (!record) co_return std::unexpected(ReadFailure(record.error(), 500));

  HttpResponse response;
  auto event = RecordEventOf<RecordRequestOtpRequestEvent>(context, **collection, response, *record);
  const std::int64_t length = std::clamp<std::int64_t>((*collection)->auth.otp.length, 0, kMaxCode);
  event.password = RandomText(std::size_t(length), "0123456789");
  std::function<Task<HookResult>(RecordRequestOtpRequestEvent&)> finish = [&](RecordRequestOtpRequestEvent& e) -> Task<HookResult> {
    ApiResult<std::string> id;
    if (e.record) id = co_await OpenOtp(context, e.record, e.password);
    else id = co_await PretendOtp(context, *collection, *email, e.password);
    if (!id) co_return std::unexpected(std::move(id.error()));
    Pause rest(context.runtime.loop, std::chrono::ceil<std::chrono::milliseconds>(answer_at - steady_clock::now()));
    co_await rest;
    response = JsonResponse(context, "{\"otpId\":" + Json(*id).Dump() + "}");
    co_return HookResult{};
  };
  auto done = co_await context.runtime.app.on_record_request_otp_request.Trigger(event, TagsOf(**collection), finish);
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return response;
}

}  // namespace wombat

// POST /api/collections/{collection}/auth-with-otp                                                      spec 04 §6.4
#include <ctime>

#include "common/auth/password.h"
#include "common/base/time.h"
#include "worker/api/auth_form.h"
#include "worker/api/auth_record.h"
#include "worker/api/auth_response.h"
#include "worker/api/bound_body.h"
#include "worker/api/handlers.h"
#include "worker/api/mutate.h"
#include "worker/api/otp_decoy.h"
#include "worker/api/record_access.h"
#include "worker/background.h"
#include "worker/verify_password.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxId = 255, kMaxPassword = 71;
// Not of the settings: for each record and client, whichever of its codes are tried, right ones included.
constexpr RateLimit kAttempts{5, 180};
constexpr int kOtpCost = 8;

constexpr const char* kInvalid = "Invalid or expired OTP.";

struct Form {
  std::string otp_id, password;
};

ApiResult<Form> ReadForm(RequestContext& context) {
  auto body = BoundBody::ReadAuth(context);
  if (!body) return std::unexpected(std::move(body.error()));
  Form form{body->Text("otpId"), body->Text("password")};
  if (auto read = body->Finish(); !read) return std::unexpected(std::move(read.error()));
  Json errors = Json::Object();
  const auto check = [&](std::string_view key, const std::string& value, std::size_t max) {
    if (value.empty()) return AddFieldError(errors, key, FieldError::Required());
    if (value.size() > max)
      AddFieldError(errors, key, {"validation_length_out_of_range", "the length must be between {{.min}} and {{.max}}",
                                  Json::Object({{"max", int(max)}, {"min", 1}})});
  };
  check("otpId", form.otp_id, kMaxId);
  check("password", form.password, kMaxPassword);
  if (!errors.as_object().empty()) return Refuse(400, "An error occurred while validating the submitted data.", std::move(errors));
  return form;
}

bool IsExpired(const Record& otp, std::int64_t seconds) {
  auto created = ParseTimestamp(otp.Text("created"));
  return !created || Now() - *created > std::chrono::seconds(seconds);
}

struct Found {
  std::shared_ptr<Record> otp, owner;      // both, or neither
};

// What cannot be read is no valid code either.
Task<Found> FindOtp(RequestContext& context, CollectionPtr collection, std::string id) {
  CollectionPtr otps = context.schema->FindShared("_otps");
  if (!otps) co_return Found{};
  auto otp = co_await FindRecordById(context, otps, id);
  if (!otp || !*otp || (*otp)->Text("collectionRef") != collection->id) co_return Found{};
  if (IsExpired(**otp, collection->auth.otp.duration)) co_return Found{};
  auto owner = co_await FindRecordById(context, collection, std::string((*otp)->Text("recordRef")));
  if (!owner || !*owner) co_return Found{};
  co_return Found{*otp, *owner};
}

bool MayTry(const RequestContext& context, const std::string& counter) {
  if (context.user_ip.empty()) return true;
  const std::uint64_t key = RateTable::KeyOf(context.settings->generation, counter, context.user_ip);
  return context.runtime.config.page->rate_limits.Take(key, kAttempts, std::uint32_t(std::time(nullptr)));
}

// Nobody's, for codes that do not exist: they take as long as wrong ones.
const std::string& NobodysHash() {
  static const std::string hash = UnusablePasswordHash(kOtpCost);
  return hash;
}

Task<ApiResult<bool>> CodeMatches(RequestContext& context, const Record* otp, std::string password) {
  std::string hash(otp ? otp->Text("password") : std::string_view(NobodysHash()));
  auto matches = co_await VerifyOnPool(context.runtime, std::move(password), std::move(hash));
  if (!matches) co_return Refuse(503, "The server is busy, try again later.");
  co_return otp && *matches;
}

// A code is good for one sign-in: of two requests at once only one finds its row still there.
Task<ApiResult<void>> UseUp(RequestContext& context, std::shared_ptr<Record> otp) {
  for (int attempt = 0; attempt < kMaxAttempts; attempt++) {
    Written removed = co_await SendDelete(context, otp->collection_ptr(), otp->id(), std::nullopt);
    if (removed.kind == Written::Kind::kDone) co_return ApiResult<void>{};
    if (removed.kind == Written::Kind::kRefused) {
      if (removed.error.status == 404) co_return Refuse(400, kInvalid);
      LogFailure(context, kLogError, "Failed to delete used OTP", removed.error);
      co_return ApiResult<void>{};
    }
    if (!TakeFreshSchema(context)) break;
  }
  co_return std::unexpected(TooMuchMoved());
}

// The code went to the record's address, so that is its owner's. Whoever set a password before that was shown need not be:
// it goes, unless the sign-in asks for a second factor anyway.
Task<std::shared_ptr<Record>> VerifyAddress(RequestContext& context, std::shared_ptr<Record> record, std::string sent_to) {
  if (record->Bool("verified") || sent_to.empty() || record->Text("email") != sent_to) co_return record;
  auto changed = std::make_shared<Record>(*record);
  ChangeRecord change = [&](Record& row) -> Task<ApiResult<void>> {
    if (row.Text("email") != sent_to) co_return Refuse(400);
    row.Set("verified", true);
    if (row.collection().auth.mfa.enabled) co_return ApiResult<void>{};
    co_return co_await ResetToRandomPassword(context, row);
  };
  auto saved = co_await ChangeAuthRecord(context, changed, "", change);
  if (saved) co_return changed;
  LogFailure(context, kLogError, "Failed to mark the record as verified", saved.error());
  co_return record;
}

}  // namespace

Task<HandlerResult> AuthWithOtp(RequestContext& context) {
  auto collection = AuthCollection(context);
  if (!collection) co_return std::unexpected(std::move(collection.error()));
  if (!(*collection)->auth.otp.enabled) co_return Refuse(403, "The collection is not configured to allow OTP authentication.");
  auto form = ReadForm(context);
  if (!form) co_return std::unexpected(std::move(form.error()));
  Found found = co_await FindOtp(context, *collection, form->otp_id);
  const std::string who = found.owner ? std::string(found.owner->id())
                                      : "?" + std::to_string(DecoyBucketOfId(**collection, form->otp_id));
  if (!MayTry(context, "@otp@@" + (*collection)->id + "@@" + who))
    co_return Refuse(429, "Too many attempts, please try again later with a new OTP.");
  auto matches = co_await CodeMatches(context, found.otp.get(), form->password);
  if (!matches) co_return std::unexpected(std::move(matches.error()));
  if (!*matches) co_return Refuse(400, kInvalid);

  HttpResponse response;
  auto event = RecordEventOf<RecordAuthWithOtpRequestEvent>(context, **collection, response, found.owner);
  event.otp = found.otp;
  std::function<Task<HookResult>(RecordAuthWithOtpRequestEvent&)> finish = [&](RecordAuthWithOtpRequestEvent& e) -> Task<HookResult> {
    auto used = co_await UseUp(context, e.otp);
    if (!used) co_return std::unexpected(std::move(used.error()));
    e.record = co_await VerifyAddress(context, e.record, std::string(e.otp->Text("sentTo")));
    AuthOutcome outcome{e.record, IssueAuthToken(*e.record), {}, "otp"};
    auto answered = co_await AnswerAuthenticated(context, std::move(outcome));
    if (!answered) co_return std::unexpected(std::move(answered.error()));
    response = std::move(*answered);
    co_return HookResult{};
  };
  auto done = co_await context.runtime.app.on_record_auth_with_otp_request.Trigger(event, TagsOf(**collection), finish);
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return response;
}

}  // namespace wombat

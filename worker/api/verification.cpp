// POST /api/collections/{collection}/request-verification, /confirm-verification                        spec 04 §6.7
#include "worker/api/auth_form.h"
#include "worker/api/auth_record.h"
#include "worker/api/auth_response.h"
#include "worker/api/bound_body.h"
#include "worker/api/handlers.h"
#include "worker/api/record_access.h"
#include "worker/background.h"
#include "worker/mail/record_mails.h"
#include "worker/mail/resend_window.h"

namespace wombat {
namespace {

constexpr const char* kSaveFailed = "An error occurred while saving the verified state.";

ApiResult<CollectionPtr> VerifiableCollection(const RequestContext& context) {
  auto collection = AuthCollection(context);
  if (collection && (*collection)->is_superusers()) return Refuse(400, "All superusers are verified by default.");
  return collection;
}

Task<void> Mail(RequestContext& context, std::shared_ptr<Record> record) {
  auto sent = co_await SendVerificationMail(context, record);
  if (!sent) LogFailure(context, kLogError, "Failed to send verification email", sent.error());
}

Task<ApiResult<TokenOwner>> CheckToken(RequestContext& context, CollectionPtr collection, std::string token,
                                       Json& errors) {
  const std::string email = UnverifiedClaims(token).StringOr("email");
  if (!token.empty() && email.empty()) {
    AddFieldError(errors, "token", {"validation_invalid_token_claims", "Missing email token claim.", {}});
    co_return TokenOwner{};
  }
  auto owner = co_await CheckMailedToken(context, collection, token, kVerificationToken, errors);
  if (owner && owner->record && owner->record->Text("email") != email)
    AddFieldError(
        errors, "token",
        {"validation_token_email_mismatch", "The record email doesn't match with the requested token claims.", {}});
  co_return owner;
}

Task<ApiResult<void>> Verify(RequestContext& context, CollectionPtr collection, std::shared_ptr<Record> record,
                             std::string token) {
  bool looked = true;
  ChangeRecord change = [&](Record& verified) -> Task<ApiResult<void>> {
    if (!std::exchange(looked, false)) {  // the record moved meanwhile, and its token may be void by now
      Json errors = Json::Object();
      auto owner = co_await CheckToken(context, collection, token, errors);
      if (!owner) co_return std::unexpected(std::move(owner.error()));
      if (!errors.as_object().empty()) co_return Refuse(400, kInvalidForm, std::move(errors));
    }
    verified.Set("verified", true);
    if (collection->auth.password_auth.enabled) co_return ApiResult<void>{};
    // Whoever had a password before the address was proven may be somebody else.
    co_return co_await ResetToRandomPassword(context, verified);
  };
  co_return co_await ChangeAuthRecord(context, record, kSaveFailed, change);
}

}  // namespace

Task<HandlerResult> RequestVerification(RequestContext& context) {
  auto collection = VerifiableCollection(context);
  if (!collection) co_return std::unexpected(std::move(collection.error()));
  auto body = BoundBody::ReadAuth(context);
  if (!body) co_return std::unexpected(std::move(body.error()));
  std::string email = body->Text("email");
  if (auto read = body->Finish(); !read) co_return std::unexpected(std::move(read.error()));
  Json errors = Json::Object();
  CheckEmailInput(errors, "email", email);
  if (!errors.as_object().empty()) co_return Refuse(400, kInvalidForm, std::move(errors));

  auto record = co_await FindAuthRecordByEmail(context, *collection, email);
  if (!record) co_return std::unexpected(ReadFailure(record.error(), 400));
  if (!*record) co_return NoContent();
  if (!(*record)->Bool("verified") && WasMailed(context, **record, RepeatedMail::kVerification)) co_return NoContent();

  HttpResponse response;
  auto event = RecordEventOf<RecordRequestEvent>(context, **collection, response, *record);
  std::function<Task<HookResult>(RecordRequestEvent&)> finish = [&](RecordRequestEvent& e) -> Task<HookResult> {
    response = NoContent();
    std::shared_ptr<Record> unverified = e.record;
    if (unverified->Bool("verified") || !BeginResendWindow(context, *unverified, RepeatedMail::kVerification))
      co_return HookResult{};
    std::function<Task<void>(RequestContext&)> mail = [unverified](RequestContext& own) {
      return Mail(own, unverified);
    };
    RunInBackground(context, std::move(mail));
    co_return HookResult{};
  };
  auto done =
      co_await context.runtime.app.on_record_request_verification_request.Trigger(event, TagsOf(**collection), finish);
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return response;
}

Task<HandlerResult> ConfirmVerification(RequestContext& context) {
  auto collection = VerifiableCollection(context);
  if (!collection) co_return std::unexpected(std::move(collection.error()));
  auto body = BoundBody::ReadAuth(context);
  if (!body) co_return std::unexpected(std::move(body.error()));
  std::string token = body->Text("token");
  if (auto read = body->Finish(); !read) co_return std::unexpected(std::move(read.error()));
  Json errors = Json::Object();
  auto owner = co_await CheckToken(context, *collection, token, errors);
  if (!owner) co_return std::unexpected(std::move(owner.error()));
  if (!errors.as_object().empty()) co_return Refuse(400, kInvalidForm, std::move(errors));

  HttpResponse response;
  auto event = RecordEventOf<RecordRequestEvent>(context, **collection, response, owner->record);
  std::function<Task<HookResult>(RecordRequestEvent&)> finish = [&](RecordRequestEvent& e) -> Task<HookResult> {
    std::shared_ptr<Record> record = e.record;
    if (!record->Bool("verified")) {
      auto saved = co_await Verify(context, *collection, record, token);
      if (!saved) co_return saved;
      EndResendWindow(context, *record, RepeatedMail::kVerification);
    }
    response = NoContent();
    co_return HookResult{};
  };
  auto done =
      co_await context.runtime.app.on_record_confirm_verification_request.Trigger(event, TagsOf(**collection), finish);
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return response;
}

}  // namespace wombat

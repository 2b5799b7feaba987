// POST /api/collections/{collection}/request-password-reset, /confirm-password-reset                    spec 04 §6.8
#include <algorithm>

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

constexpr const char* kSaveFailed = "Failed to set new password.";
constexpr std::size_t kMaxPasswordBytes = 255;

struct NewPassword {
  std::string token, password, confirmation;
};

std::size_t MinPasswordBytes(const Collection& collection) {
  const Field* field = collection.FindField("password");
  return std::size_t(std::max(1.0, field ? field->OptionsJson().NumberOr("min") : 0));
}

Task<void> Mail(RequestContext& context, std::shared_ptr<Record> record) {
  auto sent = co_await SendPasswordResetMail(context, record);
  if (sent) co_return;
  EndResendWindow(context, *record, RepeatedMail::kPasswordReset);  // nothing arrived, so nobody has to wait
  LogFailure(context, kLogError, "Failed to send password reset email", sent.error());
}

Task<ApiResult<TokenOwner>> CheckForm(RequestContext& context, CollectionPtr collection, NewPassword form,
                                      Json& errors) {
  auto owner = co_await CheckMailedToken(context, collection, form.token, kPasswordResetToken, errors);
  if (form.password.empty()) AddFieldError(errors, "password", FieldError::Required());
  CheckByteLength(errors, "password", form.password, MinPasswordBytes(*collection), kMaxPasswordBytes);
  if (form.confirmation.empty()) {
    AddFieldError(errors, "passwordConfirm", FieldError::Required());
  } else if (form.confirmation != form.password) {
    AddFieldError(errors, "passwordConfirm", {"validation_values_mismatch", "Values don't match.", {}});
  }
  co_return owner;
}

Task<ApiResult<void>> SetPassword(RequestContext& context, CollectionPtr collection, TokenOwner owner,
                                  NewPassword form) {
  bool looked = true;
  ChangeRecord change = [&](Record& record) -> Task<ApiResult<void>> {
    if (!std::exchange(looked, false)) {  // the record moved meanwhile, and its token may be void by now
      Json errors = Json::Object();
      auto still = co_await CheckMailedToken(context, collection, form.token, kPasswordResetToken, errors);
      if (!still) co_return std::unexpected(std::move(still.error()));
      if (!errors.as_object().empty()) co_return Refuse(400, kInvalidForm, std::move(errors));
    }
    record.Set("password", form.password);
    // Who got the mail has the address.
    if (!record.Bool("verified") && record.Text("email") == owner.claims.StringOr("email"))
      record.Set("verified", true);
    co_return ApiResult<void>{};
  };
  co_return co_await ChangeAuthRecord(context, owner.record, kSaveFailed, change);
}

}  // namespace

Task<HandlerResult> RequestPasswordReset(RequestContext& context) {
  auto collection = AuthCollection(context);
  if (!collection) co_return std::unexpected(std::move(collection.error()));
  if (!(*collection)->auth.password_auth.enabled)
    co_return Refuse(400, "The collection is not configured to allow password authentication.");
  auto body = BoundBody::ReadAuth(context);
  if (!body) co_return std::unexpected(std::move(body.error()));
  std::string email = body->Text("email");
  if (auto read = body->Finish(); !read) co_return std::unexpected(std::move(read.error()));
  Json errors = Json::Object();
  CheckEmailInput(errors, "email", email);
  if (!errors.as_object().empty()) co_return Refuse(400, kInvalidForm, std::move(errors));

  auto record = co_await FindAuthRecordByEmail(context, *collection, email);
  if (!record) co_return std::unexpected(ReadFailure(record.error(), 400));
  if (!*record || WasMailed(context, **record, RepeatedMail::kPasswordReset)) co_return NoContent();

  HttpResponse response;
  auto event = RecordEventOf<RecordRequestEvent>(context, **collection, response, *record);
  std::function<Task<HookResult>(RecordRequestEvent&)> finish = [&](RecordRequestEvent& e) -> Task<HookResult> {
    response = NoContent();
    std::shared_ptr<Record> owner = e.record;
    if (!BeginResendWindow(context, *owner, RepeatedMail::kPasswordReset)) co_return HookResult{};
    std::function<Task<void>(RequestContext&)> mail = [owner](RequestContext& own) { return Mail(own, owner); };
    RunInBackground(context, std::move(mail));
    co_return HookResult{};
  };
  auto done = co_await context.runtime.app.on_record_request_password_reset_request.Trigger(event, TagsOf(**collection),
                                                                                            finish);
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return response;
}

Task<HandlerResult> ConfirmPasswordReset(RequestContext& context) {
  auto collection = AuthCollection(context);
  if (!collection) co_return std::unexpected(std::move(collection.error()));
  auto body = BoundBody::Read(context, "An error occurred while loading the submitted data.");
  if (!body) co_return std::unexpected(std::move(body.error()));
  NewPassword form;
  form.token = body->Text("token");
  form.password = body->Text("password");
  form.confirmation = body->Text("passwordConfirm");
  if (auto read = body->Finish(); !read) co_return std::unexpected(std::move(read.error()));
  Json errors = Json::Object();
  auto owner = co_await CheckForm(context, *collection, form, errors);
  if (!owner) co_return std::unexpected(std::move(owner.error()));
  if (!errors.as_object().empty()) co_return Refuse(400, kInvalidForm, std::move(errors));

  HttpResponse response;
  auto event = RecordEventOf<RecordRequestEvent>(context, **collection, response, owner->record);
  std::function<Task<HookResult>(RecordRequestEvent&)> finish = [&](RecordRequestEvent&) -> Task<HookResult> {
    // The record that the token was issued to, whatever a hook put into the event (07 §2.5).
    auto saved = co_await SetPassword(context, *collection, *owner, form);
    if (!saved) co_return saved;
    EndResendWindow(context, *owner->record, RepeatedMail::kPasswordReset);
    response = NoContent();
    co_return HookResult{};
  };
  auto done = co_await context.runtime.app.on_record_confirm_password_reset_request.Trigger(event, TagsOf(**collection),
                                                                                            finish);
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return response;
}

}  // namespace wombat

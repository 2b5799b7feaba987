// POST /api/collections/{collection}/request-email-change, /confirm-email-change                        spec 04 §6.9
#include "common/auth/password.h"
#include "worker/api/auth_form.h"
#include "worker/api/auth_record.h"
#include "worker/api/auth_response.h"
#include "worker/api/bound_body.h"
#include "worker/api/handlers.h"
#include "worker/api/record_access.h"
#include "worker/mail/record_mails.h"

namespace wombat {
namespace {

constexpr const char* kOfSuperusers = "All superusers can change their emails directly.";
constexpr const char* kSaveFailed = "Failed to confirm email change.";
constexpr const char* kMailFailed = "Failed to request email change.";
constexpr std::size_t kMaxPasswordBytes = 100;

struct Confirmation {
  std::string token, password, new_email;
};

Task<ApiResult<void>> CheckNewEmail(RequestContext& context, CollectionPtr collection, std::string email,
                                    Json& errors) {
  CheckEmailInput(errors, "newEmail", email);
  if (!errors.as_object().empty()) co_return ApiResult<void>{};
  if (email == context.info.auth->Text("email")) {
    AddFieldError(errors, "newEmail", {"validation_not_in_invalid", "must not be in list", {}});
    co_return ApiResult<void>{};
  }
  auto other = co_await FindAuthRecordByEmail(context, collection, email);
  if (!other) co_return std::unexpected(ReadFailure(other.error(), 400));
  if (*other && (*other)->id() != context.info.auth->id())
    AddFieldError(errors, "newEmail", {"validation_invalid_new_email", "Invalid new email address.", {}});
  co_return ApiResult<void>{};
}

Task<ApiResult<TokenOwner>> CheckToken(RequestContext& context, CollectionPtr collection, Confirmation form,
                                       Json& errors) {
  if (!form.token.empty() && form.new_email.empty()) {
    AddFieldError(errors, "token",
                  {"validation_invalid_token_payload", "Invalid token payload - newEmail must be set.", {}});
    co_return TokenOwner{};
  }
  auto owner = co_await CheckMailedToken(context, collection, form.token, kEmailChangeToken, errors);
  if (!owner || !owner->record) co_return owner;
  auto other = co_await FindAuthRecordByEmail(context, collection, form.new_email);
  if (!other) co_return std::unexpected(ReadFailure(other.error(), 400));
  if (*other) {
    AddFieldError(errors, "token", {"validation_invalid_token_email", "The new email address is invalid.", {}});
    co_return TokenOwner{};
  }
  co_return owner;
}

Task<ApiResult<void>> CheckPassword(RequestContext& context, std::shared_ptr<Record> record, std::string password,
                                    Json& errors) {
  if (password.empty()) AddFieldError(errors, "password", FieldError::Required());
  if (password.empty() || !CheckByteLength(errors, "password", password, 1, kMaxPasswordBytes))
    co_return ApiResult<void>{};
  bool matches = false;
  if (record) {
    std::string hash(record->Text("password"));
    std::function<bool(PoolThread&)> verify = [&](PoolThread&) { return VerifyPassword(password, hash); };
    auto verified = co_await context.runtime.hash_pool.Run<bool>(verify);
    if (!verified) co_return Refuse(503, "The server is busy, try again later.");
    matches = *verified;
  }
  if (!matches)
    AddFieldError(errors, "password", {"validation_invalid_password", "Missing or invalid auth record password.", {}});
  co_return ApiResult<void>{};
}

Task<ApiResult<void>> SetEmail(RequestContext& context, CollectionPtr collection, std::shared_ptr<Record> record,
                               std::string email, Confirmation form) {
  bool looked = true;
  ChangeRecord change = [&](Record& changed) -> Task<ApiResult<void>> {
    if (!std::exchange(looked, false)) {  // the record moved meanwhile, and its token may be void by now
      Json errors = Json::Object();
      auto still = co_await CheckToken(context, collection, form, errors);
      if (!still) co_return std::unexpected(std::move(still.error()));
      if (!errors.as_object().empty()) co_return Refuse(400, kInvalidForm, std::move(errors));
    }
    changed.Set("email", email);
    changed.Set("verified", true);
    co_return ApiResult<void>{};
  };
  co_return co_await ChangeAuthRecord(context, record, kSaveFailed, change);
}

}  // namespace

Task<HandlerResult> RequestEmailChange(RequestContext& context) {
  auto collection = OwnAuthCollection(context);
  if (!collection) co_return std::unexpected(std::move(collection.error()));
  if ((*collection)->is_superusers()) co_return Refuse(400, kOfSuperusers);
  auto body = BoundBody::ReadAuth(context);
  if (!body) co_return std::unexpected(std::move(body.error()));
  std::string email = body->Text("newEmail");
  if (auto read = body->Finish(); !read) co_return std::unexpected(std::move(read.error()));
  Json errors = Json::Object();
  auto checked = co_await CheckNewEmail(context, *collection, email, errors);
  if (!checked) co_return std::unexpected(std::move(checked.error()));
  if (!errors.as_object().empty()) co_return Refuse(400, kInvalidForm, std::move(errors));

  HttpResponse response;
  auto owner = std::make_shared<Record>(*context.info.auth);
  auto event = RecordEventOf<RecordEmailChangeRequestEvent>(context, **collection, response, owner);
  event.new_email = email;
  std::function<Task<HookResult>(RecordEmailChangeRequestEvent&)> finish =
      [&](RecordEmailChangeRequestEvent& e) -> Task<HookResult> {
    auto sent = co_await SendEmailChangeMail(context, e.record, e.new_email);
    if (!sent && sent.error().status == 0)
      co_return std::unexpected(ApiError{400, kMailFailed, Json::Object(), std::move(sent.error().message)});
    if (!sent) co_return sent;
    response = NoContent();
    co_return HookResult{};
  };
  auto done =
      co_await context.runtime.app.on_record_request_email_change_request.Trigger(event, TagsOf(**collection), finish);
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return response;
}

Task<HandlerResult> ConfirmEmailChange(RequestContext& context) {
  auto collection = AuthCollection(context);
  if (!collection) co_return std::unexpected(std::move(collection.error()));
  if ((*collection)->is_superusers()) co_return Refuse(400, kOfSuperusers);
  auto body = BoundBody::ReadAuth(context);
  if (!body) co_return std::unexpected(std::move(body.error()));
  Confirmation form;
  form.token = body->Text("token");
  form.password = body->Text("password");
  if (auto read = body->Finish(); !read) co_return std::unexpected(std::move(read.error()));
  form.new_email = UnverifiedClaims(form.token).StringOr("newEmail");
  Json errors = Json::Object();
  auto owner = co_await CheckToken(context, *collection, form, errors);
  if (!owner) co_return std::unexpected(std::move(owner.error()));
  auto checked = co_await CheckPassword(context, owner->record, form.password, errors);
  if (!checked) co_return std::unexpected(std::move(checked.error()));
  if (!errors.as_object().empty()) co_return Refuse(400, kInvalidForm, std::move(errors));

  HttpResponse response;
  auto event = RecordEventOf<RecordEmailChangeRequestEvent>(context, **collection, response, owner->record);
  event.new_email = form.new_email;
  std::function<Task<HookResult>(RecordEmailChangeRequestEvent&)> finish =
      [&](RecordEmailChangeRequestEvent& e) -> Task<HookResult> {
    auto saved = co_await SetEmail(context, *collection, e.record, e.new_email, form);
    if (!saved) co_return saved;
    response = NoContent();
    co_return HookResult{};
  };
  auto done =
      co_await context.runtime.app.on_record_confirm_email_change_request.Trigger(event, TagsOf(**collection), finish);
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return response;
}

}  // namespace wombat

// POST /api/settings/test/email                                                                           spec 05 §4.4
#include <algorithm>
#include <array>

#include "common/base/time.h"
#include "worker/api/auth_form.h"
#include "worker/api/bound_body.h"
#include "worker/api/handlers.h"
#include "worker/mail/record_mails.h"

namespace wombat {
namespace {

constexpr const char* kUnreadable = "An error occurred while loading the submitted data.";
constexpr const char* kEmailFailed = "Failed to send the test email.";
constexpr std::size_t kMaxTextBytes = 255;

void CheckOneOf(Json& errors, const char* key, const std::string& text, std::span<const std::string_view> values) {
  if (text.empty()) return AddFieldError(errors, key, FieldError::Required());
  if (std::ranges::find(values, text) == values.end())
    AddFieldError(errors, key, {"validation_in_invalid", "must be a valid value", {}});
}

Json EmailErrors(const Schema& schema, const std::string& email, const std::string& mail_template,
                 const std::string& collection) {
  constexpr std::array<std::string_view, 5> kTemplates = {"verification", "password-reset", "email-change", "otp",
                                                          "login-alert"};
  Json errors = Json::Object();
  CheckEmailInput(errors, "email", email);
  CheckOneOf(errors, "template", mail_template, kTemplates);
  if (!collection.empty() && CheckByteLength(errors, "collection", collection, 1, kMaxTextBytes)) {
    const Collection* found = schema.Find(collection);
    if (!found || !found->is_auth())
      AddFieldError(errors, "collection",
                    {"validation_invalid_auth_collection", "Must be a valid auth collection id or name.", {}});
  }
  return errors;
}

// A record that is stored nowhere, with something to see in each of its fields.
std::shared_ptr<Record> MakeExample(CollectionPtr collection, const std::string& email) {
  auto record = std::make_shared<Record>(collection);
  for (const auto& field : collection->fields) {
    if (field->type() == "password") continue;
    record->Set(field->name, "__pb_test_" + field->name + "__");
  }
  record->Set("email", email);
  return record;
}

Task<HookResult> Send(RequestContext& context, std::shared_ptr<Record> record, std::string mail_template) {
  if (mail_template == "verification") co_return co_await SendVerificationMail(context, record);
  if (mail_template == "password-reset") co_return co_await SendPasswordResetMail(context, record);
  std::string email(record->Text("email"));
  if (mail_template == "email-change") co_return co_await SendEmailChangeMail(context, record, email);
  if (mail_template == "otp") {
    std::string id = "_PB_TEST_OTP_ID_", code = "123456";
    AfterSending nothing;
    co_return co_await SendOtpMail(context, record, id, code, nothing);
  }
  std::string info = NowText() + " - TEST_IP TEST_USER_AGENT";
  co_return co_await SendAuthAlertMail(context, record, info);
}

}  // namespace

Task<HandlerResult> TestEmail(RequestContext& context) {
  if (auto allowed = RequireSuperuser(context); !allowed) co_return std::unexpected(std::move(allowed.error()));
  auto body = BoundBody::Read(context, kUnreadable);
  if (!body) co_return std::unexpected(std::move(body.error()));
  std::string email = body->Text("email"), mail_template = body->Text("template"), name = body->Text("collection");
  if (auto read = body->Finish(); !read) co_return std::unexpected(std::move(read.error()));
  Json errors = EmailErrors(*context.schema, email, mail_template, name);
  if (!errors.as_object().empty()) co_return Refuse(400, kEmailFailed, std::move(errors));
  CollectionPtr collection = context.schema->FindShared(name.empty() ? "_superusers" : name);
  if (!collection) co_return Refuse(400, kEmailFailed);
  auto record = MakeExample(collection, email);
  auto sent = co_await Send(context, record, mail_template);
  if (!sent)
    co_return Refuse(400, std::string(kEmailFailed) + " Raw error: \n" + NormalizeMessage(sent.error().message));
  co_return NoContent();
}

}  // namespace wombat

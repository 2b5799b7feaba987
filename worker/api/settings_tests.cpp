// POST /api/settings/test/s3, /api/settings/test/email                                                    spec 05 §4.4
//
// Both check what was submitted; S3 storage and mails themselves are not there yet, and the answer says so.
#include <algorithm>
#include <array>

#include "common/schema/fields/formats.h"
#include "worker/api/bound_body.h"
#include "worker/api/handlers.h"

namespace wombat {
namespace {

constexpr const char* kUnreadable = "An error occurred while loading the submitted data.";
constexpr const char* kS3Failed = "Failed to test the S3 filesystem.";
constexpr const char* kEmailFailed = "Failed to send the test email.";
constexpr std::size_t kMaxTextBytes = 255;

void CheckOneOf(Json& errors, const char* key, const std::string& text, std::span<const std::string_view> values) {
  if (text.empty()) return AddFieldError(errors, key, FieldError::Required());
  if (std::ranges::find(values, text) == values.end())
    AddFieldError(errors, key, {"validation_in_invalid", "must be a valid value", {}});
}

bool AddTooLong(Json& errors, const char* key, const std::string& text) {
  if (text.size() <= kMaxTextBytes) return false;
  AddFieldError(errors, key,
                {"validation_length_out_of_range", "the length must be between {{.min}} and {{.max}}",
                 Json::Object({{"max", kMaxTextBytes}, {"min", 1}})});
  return true;
}

Json EmailErrors(const Schema& schema, const std::string& email, const std::string& mail_template,
                 const std::string& collection) {
  constexpr std::array<std::string_view, 5> kTemplates = {"verification", "password-reset", "email-change", "otp",
                                                          "login-alert"};
  Json errors = Json::Object();
  if (email.empty()) AddFieldError(errors, "email", FieldError::Required());
  else if (!AddTooLong(errors, "email", email) && !IsEmailAddress(email))
    AddFieldError(errors, "email", {"validation_is_email", "must be a valid email address", {}});
  CheckOneOf(errors, "template", mail_template, kTemplates);
  if (!collection.empty() && !AddTooLong(errors, "collection", collection)) {
    const Collection* found = schema.Find(collection);
    if (!found || !found->is_auth())
      AddFieldError(errors, "collection",
                    {"validation_invalid_auth_collection", "Must be a valid auth collection id or name.", {}});
  }
  return errors;
}

}  // namespace

Task<HandlerResult> TestS3(RequestContext& context) {
  if (auto allowed = RequireSuperuser(context); !allowed) co_return std::unexpected(std::move(allowed.error()));
  auto body = BoundBody::Read(context, kUnreadable);
  if (!body) co_return std::unexpected(std::move(body.error()));
  const std::string filesystem = body->Text("filesystem");
  if (auto read = body->Finish(); !read) co_return std::unexpected(std::move(read.error()));
  constexpr std::array<std::string_view, 2> kFilesystems = {"storage", "backups"};
  Json errors = Json::Object();
  CheckOneOf(errors, "filesystem", filesystem, kFilesystems);
  if (!errors.as_object().empty()) co_return Refuse(400, kS3Failed, std::move(errors));
  const Json document = context.settings->ToDocument();
  const Json* backups = document.Find("backups");
  const Json* s3 = filesystem == "storage" ? document.Find("s3") : backups ? backups->Find("s3") : nullptr;
  const bool enabled = s3 && s3->BoolOr("enabled");
  co_return Refuse(400, std::string(kS3Failed) + " Raw error: \n" +
                            (enabled ? "S3 storage is not supported yet." : "S3 storage filesystem is not enabled."));
}

Task<HandlerResult> TestEmail(RequestContext& context) {
  if (auto allowed = RequireSuperuser(context); !allowed) co_return std::unexpected(std::move(allowed.error()));
  auto body = BoundBody::Read(context, kUnreadable);
  if (!body) co_return std::unexpected(std::move(body.error()));
  const std::string email = body->Text("email"), mail_template = body->Text("template"), collection = body->Text("collection");
  if (auto read = body->Finish(); !read) co_return std::unexpected(std::move(read.error()));
  Json errors = EmailErrors(*context.schema, email, mail_template, collection);
  if (!errors.as_object().empty()) co_return Refuse(400, kEmailFailed, std::move(errors));
  co_return Refuse(400, std::string(kEmailFailed) + " Raw error: \nmails are not supported yet.");
}

}  // namespace wombat

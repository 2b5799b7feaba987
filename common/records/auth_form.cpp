#include "common/auth/password.h"
#include "common/records/validate.h"

namespace wombat {
namespace {

std::string SubmittedText(const Json& body, std::string_view key) {
  const Json* value = body.Find(key);
  return value ? CastToText(*value) : std::string();
}

void CheckFrozenFields(const Record& record, const Record* stored, Json& errors) {
  const FieldError mismatch{"validation_values_mismatch", "Values don't match", {}};
  if (stored && record.Get("email") != stored->Get("email")) AddFieldError(errors, "email", mismatch);
  if (record.Bool("verified") != (stored && stored->Bool("verified"))) AddFieldError(errors, "verified", mismatch);
}

}  // namespace

Json CheckAuthForm(const Record& record, const Record* stored, const Json& submitted_body, bool has_full_access) {
  Json errors = Json::Object();
  if (!record.collection().is_auth()) return errors;
  const std::string password = SubmittedText(submitted_body, "password");
  const std::string confirmation = SubmittedText(submitted_body, "passwordConfirm");
  const std::string old_password = SubmittedText(submitted_body, "oldPassword");

  if (!has_full_access) CheckFrozenFields(record, stored, errors);
  if (password.empty() && (!stored || !confirmation.empty() || !old_password.empty())) {
    AddFieldError(errors, "password", FieldError::Required());
  }
  if (confirmation.empty() && (!stored || !password.empty() || !old_password.empty())) {
    AddFieldError(errors, "passwordConfirm", FieldError::Required());
  } else if (confirmation != password) {
    AddFieldError(errors, "passwordConfirm", {"validation_values_mismatch", "Values don't match", {}});
  }
  if (stored && !has_full_access && (!password.empty() || !confirmation.empty())) {
    if (old_password.empty()) {
      AddFieldError(errors, "oldPassword", FieldError::Required());
    } else if (!VerifyPassword(old_password, std::string(stored->Text("password")))) {
      AddFieldError(errors, "oldPassword", {"validation_invalid_old_password", "Missing or invalid old password", {}});
    }
  }
  return errors;
}

}  // namespace wombat

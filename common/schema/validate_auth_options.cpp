#include <algorithm>
#include <array>

#include "common/schema/fields/checks.h"
#include "common/schema/fields/formats.h"
#include "common/auth/oauth2/providers.h"
#include "common/schema/validation.h"

namespace wombat {
namespace {

constexpr std::size_t kMinSecretBytes = 30, kMaxSecretBytes = 255;
constexpr std::int64_t kMinDuration = 10, kMaxTokenDuration = 94670856, kMaxStepDuration = 86400;
constexpr std::int64_t kMinOtpLength = 4;

// Required, and at least `minimum`; `maximum` when there is one.
void CheckNumber(ValidationState& state, const std::string& path, std::int64_t value, std::int64_t minimum,
                 std::int64_t maximum) {
  if (value == 0) return state.Add(path, FieldError::Required());
  CheckRange(state.errors, path, value, minimum, maximum);
}

void CheckPresent(ValidationState& state, const std::string& path, const std::string& text) {
  if (text.empty()) state.Add(path, FieldError::Required());
}

void CheckMail(ValidationState& state, const std::string& path, const MailTemplate& mail) {
  CheckPresent(state, path + ".subject", mail.subject);
  CheckPresent(state, path + ".body", mail.body);
}

void CheckToken(ValidationState& state, const std::string& path, const TokenOptions& token) {
  CheckPresent(state, path + ".secret", token.secret);
  if (const auto error = LengthError(token.secret, kMinSecretBytes, kMaxSecretBytes)) {
    state.Add(path + ".secret", *error);
  }
  CheckNumber(state, path + ".duration", token.duration, kMinDuration, kMaxTokenDuration);
}

bool AddDuplicatedProvider(ValidationState& state, const Json::Array& providers) {
  for (std::size_t i = 0; i < providers.size(); ++i) {
    const std::string name = providers[i].StringOr("name");
    if (name.empty()) continue;
    for (std::size_t j = 0; j < i; ++j) {
      if (providers[j].StringOr("name") != name) continue;
      state.Add("oauth2.providers." + std::to_string(i) + ".name",
                {"validation_duplicated_provider", "The provider {{.name}} is already registered.",
                 Json::Object({{"name", name}})});
      return true;
    }
  }
  return false;
}

void CheckProvider(ValidationState& state, const std::string& path, const Json& provider) {
  const std::string name = provider.StringOr("name");
  CheckPresent(state, path + ".name", name);
  if (!name.empty() && !FindOAuth2Provider(name)) {
    state.Add(path + ".name", {"validation_missing_provider", "Invalid or missing provider with name {{.name}}.",
                               Json::Object({{"name", name}})});
  }
  CheckPresent(state, path + ".clientId", provider.StringOr("clientId"));
  CheckPresent(state, path + ".clientSecret", provider.StringOr("clientSecret"));
  for (const std::string key : {"authURL", "tokenURL", "userInfoURL"}) {
    const std::string url = provider.StringOr(key);
    if (!url.empty() && !IsWebAddress(url))
      state.Add(path + "." + key, {"validation_is_url", "must be a valid URL", {}});
  }
}

void CheckProviders(ValidationState& state) {
  const auto& oauth2 = state.collection.auth.oauth2;
  if (!oauth2.enabled || !oauth2.providers.is_array()) return;
  const Json::Array& providers = oauth2.providers.as_array();
  if (AddDuplicatedProvider(state, providers)) return;
  for (std::size_t i = 0; i < providers.size(); ++i) {
    CheckProvider(state, "oauth2.providers." + std::to_string(i), providers[i]);
  }
}

// The rules and the checks of each option for itself.
void CheckOptions(ValidationState& state) {
  const AuthOptions& auth = state.collection.auth;
  const AuthOptions* before = state.stored ? &state.stored->auth : nullptr;
  state.CheckRuleAt("authRule", auth.auth_rule, before ? &before->auth_rule : nullptr);
  if (auth.manage_rule && auth.manage_rule->empty()) {
    state.Add("manageRule", {"validation_nil_or_not_empty_required", "cannot be blank", {}});
  } else {
    state.CheckRuleAt("manageRule", auth.manage_rule, before ? &before->manage_rule : nullptr);
  }

  CheckToken(state, "authToken", auth.auth_token);
  CheckToken(state, "passwordResetToken", auth.password_reset_token);
  CheckToken(state, "emailChangeToken", auth.email_change_token);
  CheckToken(state, "verificationToken", auth.verification_token);
  CheckToken(state, "fileToken", auth.file_token);

  CheckMail(state, "authAlert.emailTemplate", auth.auth_alert.mail);
  CheckMail(state, "otp.emailTemplate", auth.otp.mail);
  CheckMail(state, "verificationTemplate", auth.verification_template);
  CheckMail(state, "resetPasswordTemplate", auth.reset_password_template);
  CheckMail(state, "confirmEmailChangeTemplate", auth.confirm_email_change_template);

  if (auth.mfa.enabled) CheckNumber(state, "mfa.duration", auth.mfa.duration, kMinDuration, kMaxStepDuration);
  if (auth.otp.enabled) {
    CheckNumber(state, "otp.duration", auth.otp.duration, kMinDuration, kMaxStepDuration);
    CheckNumber(state, "otp.length", auth.otp.length, kMinOtpLength, kMaxSafeInteger);
  }
  const auto& names = auth.password_auth.identity_fields;
  if (auth.password_auth.enabled && std::ranges::all_of(names, &std::string::empty)) {
    state.Add("passwordAuth.identityFields", FieldError::Required());
  }
  CheckProviders(state);
}

bool AddMfaError(ValidationState& state) {
  const AuthOptions& auth = state.collection.auth;
  if (!auth.mfa.enabled) return false;
  const int methods = int(auth.password_auth.enabled) + int(auth.oauth2.enabled) + int(auth.otp.enabled);
  if (methods < 2) {
    state.Add("mfa.enabled",
              {"validation_mfa_not_enough_auths", "MFA requires at least 2 auth methods to be enabled.", {}});
    return true;
  }
  if (auth.mfa.rule.empty()) return false;
  const Rule rule = auth.mfa.rule;
  const Rule before = state.stored ? Rule(state.stored->auth.mfa.rule) : std::nullopt;
  state.CheckRuleAt("mfa.rule", rule, state.stored ? &before : nullptr);
  return state.errors.Has("mfa");
}

void CheckIdentityFields(ValidationState& state) {
  const Collection& collection = state.collection;
  if (!collection.auth.password_auth.enabled) return;
  for (const std::string& name : collection.auth.password_auth.identity_fields) {
    const Json params = Json::Object({{"fieldName", name}});
    if (!collection.FindField(name)) {
      return state.Add("passwordAuth.identityFields",
                       {"validation_missing_field", "Invalid or missing field {{.fieldName}}", params});
    }
    if (!collection.HasSingleColumnUniqueIndex(name)) {
      return state.Add("passwordAuth.identityFields",
                       {"validation_missing_unique_constraint",
                        "The field {{.fieldName}} doesn't have a UNIQUE constraint.", params});
    }
  }
}

}  // namespace

void ValidateAuthOptions(ValidationState& state) {
  // What belongs together is reported together: the later checks only when every option is fine by itself.
  Json others = std::exchange(state.errors, Json::Object());
  CheckOptions(state);
  if (state.errors.as_object().empty() && !AddMfaError(state)) CheckIdentityFields(state);
  for (auto& [key, error] : others.as_object()) {
    if (!state.errors.Has(key)) state.errors[key] = std::move(error);
  }
}

}  // namespace wombat

#include "common/base/random.h"
#include "common/schema/collection.h"
#include "common/schema/field_list.h"
#include "common/schema/mail_templates.h"

namespace wombat {
namespace {

constexpr std::size_t kSecretLength = 50;
constexpr std::size_t kScaffoldSuffixLength = 10;

TokenOptions NewToken(std::int64_t seconds) { return {RandomText(kSecretLength), seconds}; }

AuthOptions NewAuthOptions() {
  constexpr std::int64_t kMinute = 60, kDay = 24 * 60 * kMinute;
  AuthOptions options;
  options.auth_rule = "";
  options.auth_alert = {true, DefaultAuthAlertMail()};
  options.password_auth = {true, {"email"}, false};
  options.mfa = {false, 10 * kMinute, ""};
  options.otp = {false, 3 * kMinute, 8, DefaultOtpMail()};
  options.auth_token = NewToken(5 * kDay);
  options.password_reset_token = NewToken(30 * kMinute);
  options.email_change_token = NewToken(30 * kMinute);
  options.verification_token = NewToken(kDay);
  options.file_token = NewToken(3 * kMinute);
  options.verification_template = DefaultVerificationMail();
  options.reset_password_template = DefaultResetPasswordMail();
  options.confirm_email_change_template = DefaultConfirmEmailChangeMail();
  return options;
}

}  // namespace

Collection NewCollection(CollectionType type) {
  Collection collection;
  collection.type = type;
  collection.raw_type = TypeName(type);
  if (type == CollectionType::kAuth) collection.auth = NewAuthOptions();
  EnsureSystemFields(collection);
  if (type == CollectionType::kAuth) {
    collection.scaffold_suffix = RandomText(kScaffoldSuffixLength, kLowerAlphanumeric);
    EnsureAuthIndexes(collection, collection.scaffold_suffix);
  }
  return collection;
}

}  // namespace wombat

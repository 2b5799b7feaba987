#include "common/schema/auth_options_json.h"

#include <array>
#include <utility>

#include "common/base/json_text.h"
#include "common/schema/json_read.h"

namespace wombat {
namespace {

struct TokenMember {
  std::string_view key;
  TokenOptions AuthOptions::*member;
};
constexpr std::array<TokenMember, 5> kTokens = {{{"authToken", &AuthOptions::auth_token},
                                                 {"passwordResetToken", &AuthOptions::password_reset_token},
                                                 {"emailChangeToken", &AuthOptions::email_change_token},
                                                 {"verificationToken", &AuthOptions::verification_token},
                                                 {"fileToken", &AuthOptions::file_token}}};

struct TemplateMember {
  std::string_view key;
  MailTemplate AuthOptions::*member;
};
constexpr std::array<TemplateMember, 3> kTemplates = {
    {{"verificationTemplate", &AuthOptions::verification_template},
     {"resetPasswordTemplate", &AuthOptions::reset_password_template},
     {"confirmEmailChangeTemplate", &AuthOptions::confirm_email_change_template}}};

const std::vector<std::string_view> kKnownKeys = {"authRule",
                                                  "manageRule",
                                                  "authAlert",
                                                  "oauth2",
                                                  "passwordAuth",
                                                  "mfa",
                                                  "otp",
                                                  "authToken",
                                                  "passwordResetToken",
                                                  "emailChangeToken",
                                                  "verificationToken",
                                                  "fileToken",
                                                  "verificationTemplate",
                                                  "resetPasswordTemplate",
                                                  "confirmEmailChangeTemplate"};

constexpr std::array<std::string_view, 6> kProviderTexts = {"name",    "clientId", "clientSecret",
                                                            "authURL", "tokenURL", "userInfoURL"};

// ---- writing

void AppendKey(std::string& out, std::string_view key) {
  if (!out.empty() && out.back() != '{' && out.back() != '[') out += ',';
  AppendJsonString(out, key);
  out += ':';
}

void AppendMember(std::string& out, std::string_view key, std::string_view text) {
  AppendKey(out, key);
  AppendJsonString(out, text);
}

void AppendMember(std::string& out, std::string_view key, bool value) {
  AppendKey(out, key);
  out += value ? "true" : "false";
}

void AppendMember(std::string& out, std::string_view key, std::int64_t value) {
  AppendKey(out, key);
  AppendJsonNumber(out, value);
}

void AppendMember(std::string& out, std::string_view key, const Rule& rule) {
  if (rule) return AppendMember(out, key, std::string_view(*rule));
  AppendKey(out, key);
  out += "null";
}

void AppendMail(std::string& out, std::string_view key, const MailTemplate& mail) {
  AppendKey(out, key);
  out += '{';
  AppendMember(out, "subject", std::string_view(mail.subject));
  AppendMember(out, "body", std::string_view(mail.body));
  out += '}';
}

void AppendToken(std::string& out, std::string_view key, const TokenOptions& token, OptionsForm form) {
  AppendKey(out, key);
  out += '{';
  if (form == OptionsForm::kStored && !token.secret.empty())
    AppendMember(out, "secret", std::string_view(token.secret));
  AppendMember(out, "duration", token.duration);
  out += '}';
}

void AppendProvider(std::string& out, const Json& provider, OptionsForm form) {
  const auto value = [&](std::string_view key) {
    const Json* member = provider.Find(key);
    AppendKey(out, key);
    if (member) {
      member->AppendTo(out);
    } else {
      out += "null";
    }
  };
  out += '{';
  value("pkce");
  for (std::string_view key : kProviderTexts) {
    const std::string text = provider.StringOr(key);
    if (key == "clientSecret" && (form == OptionsForm::kApi || text.empty())) continue;
    AppendMember(out, key, std::string_view(text));
  }
  AppendMember(out, "displayName", std::string_view(provider.StringOr("displayName")));
  value("extra");
  out += '}';
}

void AppendOauth2(std::string& out, const AuthOptions& options, OptionsForm form) {
  AppendKey(out, "oauth2");
  out += '{';
  AppendKey(out, "providers");
  if (options.oauth2.providers.is_array()) {
    out += '[';
    bool first = true;
    for (const Json& provider : options.oauth2.providers.as_array()) {
      if (!std::exchange(first, false)) out += ',';
      AppendProvider(out, provider, form);
    }
    out += ']';
  } else {
    out += form == OptionsForm::kApi ? "[]" : "null";
  }
  AppendKey(out, "mappedFields");
  out += '{';
  AppendMember(out, "id", std::string_view(options.oauth2.mapped_id));
  AppendMember(out, "name", std::string_view(options.oauth2.mapped_name));
  AppendMember(out, "username", std::string_view(options.oauth2.mapped_username));
  AppendMember(out, "avatarURL", std::string_view(options.oauth2.mapped_avatar_url));
  out += '}';
  AppendMember(out, "enabled", options.oauth2.enabled);
  out += '}';
}

void AppendIdentityFields(std::string& out, const AuthOptions& options) {
  AppendKey(out, "identityFields");
  if (options.password_auth.identity_fields_null) {
    out += "null";
    return;
  }
  Json(options.password_auth.identity_fields).AppendTo(out);
}

void AppendMethods(std::string& out, const AuthOptions& options) {
  AppendKey(out, "passwordAuth");
  out += '{';
  AppendMember(out, "enabled", options.password_auth.enabled);
  AppendIdentityFields(out, options);
  out += '}';

  AppendKey(out, "mfa");
  out += '{';
  AppendMember(out, "enabled", options.mfa.enabled);
  AppendMember(out, "duration", options.mfa.duration);
  AppendMember(out, "rule", std::string_view(options.mfa.rule));
  out += '}';

  AppendKey(out, "otp");
  out += '{';
  AppendMember(out, "enabled", options.otp.enabled);
  AppendMember(out, "duration", options.otp.duration);
  AppendMember(out, "length", options.otp.length);
  AppendMail(out, "emailTemplate", options.otp.mail);
  out += '}';
}

// ---- reading

// Runs readers one after the other and stops at the first failure.
class Reading {
 public:
  template <class Reader, class... Arguments>
  Reading& Then(Reader reader, Arguments&&... arguments) {
    if (result_) result_ = reader(std::forward<Arguments>(arguments)...);
    return *this;
  }
  Result<void> result() { return std::move(result_); }

 private:
  Result<void> result_;
};

// Reads the nested object `key` with `read(object)`; nothing when it is missing or null.
template <class Read>
Result<void> ReadNested(const Json& object, std::string_view key, Read read) {
  const auto nested = ReadObject(object, key);
  if (!nested) return std::unexpected(nested.error());
  return *nested ? read(**nested) : Result<void>{};
}

Result<void> ReadMail(const Json& object, std::string_view key, MailTemplate& mail) {
  return ReadNested(object, key, [&](const Json& nested) {
    return Reading().Then(ReadText, nested, "subject", mail.subject).Then(ReadText, nested, "body", mail.body).result();
  });
}

Result<void> ReadToken(const Json& object, std::string_view key, TokenOptions& token) {
  return ReadNested(object, key, [&](const Json& nested) {
    return Reading()
        .Then(ReadText, nested, "secret", token.secret)
        .Then(ReadInteger, nested, "duration", token.duration)
        .result();
  });
}

Result<void> ReadIdentityFields(const Json& object, AuthOptions& options) {
  const Json* value = FindMember(object, "identityFields");
  if (!value) return {};
  auto& target = options.password_auth;
  if (!value->is_null() && !value->is_array()) {
    return Fail("json: cannot decode member \"identityFields\" into a list of strings", Error::Kind::kInvalidInput);
  }
  std::vector<std::string> names;
  if (value->is_array()) {
    for (const Json& item : value->as_array()) {
      // A null element keeps what stood at its position.
      if (item.is_null()) {
        names.push_back(names.size() < target.identity_fields.size() ? target.identity_fields[names.size()] : "");
      } else if (item.is_string()) {
        names.push_back(item.as_string());
      } else {
        return Fail("json: cannot decode an element of \"identityFields\" into a string", Error::Kind::kInvalidInput);
      }
    }
  }
  target.identity_fields = std::move(names);
  target.identity_fields_null = value->is_null();
  return {};
}

Json BlankProvider() {
  Json provider = Json::Object({{"pkce", nullptr}, {"displayName", ""}, {"extra", nullptr}});
  for (std::string_view key : kProviderTexts) provider[key] = "";
  return provider;
}

Result<void> ReadProviderExtra(const Json& object, Json& provider) {
  const Json* extra = FindMember(object, "extra");
  if (!extra) return {};
  if (extra->is_null()) {
    provider["extra"] = nullptr;
    return {};
  }
  if (!extra->is_object())
    return Fail("json: cannot decode member \"extra\" into an object", Error::Kind::kInvalidInput);
  Json& target = provider["extra"];
  if (!target.is_object()) target = Json::Object();
  for (const auto& [key, value] : extra->as_object()) target[key] = value;
  return {};
}

Result<void> ReadProvider(const Json& object, Json& provider) {
  const auto text = [&](std::string_view key) -> Result<void> {
    std::string value = provider.StringOr(key);
    auto read = ReadText(object, key, value);
    if (read) provider[key] = std::move(value);
    return read;
  };
  for (std::string_view key : kProviderTexts) {
    if (auto read = text(key); !read) return read;
  }
  if (auto read = text("displayName"); !read) return read;
  if (const Json* pkce = FindMember(object, "pkce")) {
    if (!pkce->is_null() && !pkce->is_bool()) {
      return Fail("json: cannot decode member \"pkce\" into a bool", Error::Kind::kInvalidInput);
    }
    provider["pkce"] = *pkce;
  }
  return ReadProviderExtra(object, provider);
}

// The stored provider that a submitted element means. By name, so that secrets never move to another provider; an
// element that does not say its name keeps the whole identity of its position.
const Json* MatchingProvider(const Json& stored, std::size_t position, const Json& submitted) {
  if (!stored.is_array()) return nullptr;
  const Json* name = FindMember(submitted, "name");
  if (!name || name->is_null()) return position < stored.as_array().size() ? &stored.as_array()[position] : nullptr;
  if (!name->is_string()) return nullptr;
  for (const Json& provider : stored.as_array()) {
    if (provider.StringOr("name") == name->as_string()) return &provider;
  }
  return nullptr;
}

Result<void> ReadProviders(const Json& object, Json& providers) {
  const Json* submitted = FindMember(object, "providers");
  if (!submitted) return {};
  if (submitted->is_null()) {
    providers = nullptr;
    return {};
  }
  if (!submitted->is_array()) {
    return Fail("json: cannot decode member \"providers\" into a list", Error::Kind::kInvalidInput);
  }
  Json merged = Json::List();
  for (const Json& element : submitted->as_array()) {
    if (!element.is_object() && !element.is_null()) {
      return Fail("json: cannot decode an element of \"providers\" into an object", Error::Kind::kInvalidInput);
    }
    const Json* stored = MatchingProvider(providers, merged.as_array().size(), element);
    Json provider = stored ? *stored : BlankProvider();
    if (auto read = ReadProvider(element, provider); !read) return read;
    merged.Append(std::move(provider));
  }
  providers = std::move(merged);
  return {};
}

Result<void> ReadOauth2(const Json& nested, AuthOptions& options) {
  auto& oauth2 = options.oauth2;
  auto read = Reading()
                  .Then(ReadProviders, nested, oauth2.providers)
                  .Then(ReadBool, nested, "enabled", oauth2.enabled)
                  .result();
  if (!read) return read;
  return ReadNested(nested, "mappedFields", [&](const Json& mapped) {
    return Reading()
        .Then(ReadText, mapped, "id", oauth2.mapped_id)
        .Then(ReadText, mapped, "name", oauth2.mapped_name)
        .Then(ReadText, mapped, "username", oauth2.mapped_username)
        .Then(ReadText, mapped, "avatarURL", oauth2.mapped_avatar_url)
        .result();
  });
}

Result<void> ReadMethods(const Json& object, AuthOptions& options) {
  auto read = ReadNested(object, "passwordAuth", [&](const Json& nested) {
    return Reading()
        .Then(ReadBool, nested, "enabled", options.password_auth.enabled)
        .Then(ReadIdentityFields, nested, options)
        .result();
  });
  if (!read) return read;
  read = ReadNested(object, "mfa", [&](const Json& nested) {
    return Reading()
        .Then(ReadBool, nested, "enabled", options.mfa.enabled)
        .Then(ReadInteger, nested, "duration", options.mfa.duration)
        .Then(ReadText, nested, "rule", options.mfa.rule)
        .result();
  });
  if (!read) return read;
  return ReadNested(object, "otp", [&](const Json& nested) {
    return Reading()
        .Then(ReadBool, nested, "enabled", options.otp.enabled)
        .Then(ReadInteger, nested, "duration", options.otp.duration)
        .Then(ReadInteger, nested, "length", options.otp.length)
        .Then(ReadMail, nested, "emailTemplate", options.otp.mail)
        .result();
  });
}

}  // namespace

void AppendAuthOptions(std::string& out, const AuthOptions& options, OptionsForm form) {
  AppendMember(out, "authRule", options.auth_rule);
  AppendMember(out, "manageRule", options.manage_rule);
  AppendKey(out, "authAlert");
  out += '{';
  AppendMember(out, "enabled", options.auth_alert.enabled);
  AppendMail(out, "emailTemplate", options.auth_alert.mail);
  out += '}';
  AppendOauth2(out, options, form);
  AppendMethods(out, options);
  for (const TokenMember& token : kTokens) AppendToken(out, token.key, options.*token.member, form);
  for (const TemplateMember& mail : kTemplates) AppendMail(out, mail.key, options.*mail.member);
  if (form == OptionsForm::kApi || !options.unknown.is_object()) return;
  for (const auto& [key, value] : options.unknown.as_object()) {
    AppendKey(out, key);
    value.AppendTo(out);
  }
}

Result<void> DecodeAuthOptions(AuthOptions& options, const Json& object) {
  auto read = Reading()
                  .Then(ReadRule, object, "authRule", options.auth_rule)
                  .Then(ReadRule, object, "manageRule", options.manage_rule)
                  .result();
  if (!read) return read;
  read = ReadNested(object, "authAlert", [&](const Json& nested) {
    return Reading()
        .Then(ReadBool, nested, "enabled", options.auth_alert.enabled)
        .Then(ReadMail, nested, "emailTemplate", options.auth_alert.mail)
        .result();
  });
  if (!read) return read;
  read = ReadNested(object, "oauth2", [&](const Json& nested) { return ReadOauth2(nested, options); });
  if (!read) return read;
  if (read = ReadMethods(object, options); !read) return read;
  for (const TokenMember& token : kTokens) {
    if (read = ReadToken(object, token.key, options.*token.member); !read) return read;
  }
  for (const TemplateMember& mail : kTemplates) {
    if (read = ReadMail(object, mail.key, options.*mail.member); !read) return read;
  }
  return {};
}

void KeepUnknownAuthOptions(AuthOptions& options, const Json& object) {
  KeepUnknownMembers(object, kKnownKeys, options.unknown);
}

}  // namespace wombat

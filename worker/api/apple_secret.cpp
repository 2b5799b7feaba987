// POST /api/settings/apple/generate-client-secret                                                         spec 05 §4.4
#include <ctime>

#include "common/auth/es256.h"
#include "worker/api/bound_body.h"
#include "worker/api/handlers.h"

namespace wombat {
namespace {

constexpr std::size_t kIdBytes = 10;
constexpr std::int64_t kMaxDuration = 15777000;   // seconds; what Apple allows, about half a year

struct Form {
  std::string client_id, team_id, key_id, private_key;
  std::int64_t duration = 0;
};

bool HasPemBlock(const std::string& text) {
  constexpr std::string_view kBegin = "-----BEGIN PRIVATE KEY----", kEnd = "-----END PRIVATE KEY-----";
  const auto begin = text.find(kBegin);
  if (begin == std::string::npos) return false;
  const auto end = text.rfind(kEnd);
  return end != std::string::npos && end > begin + kBegin.size();
}

Json Errors(const Form& form) {
  Json errors = Json::Object();
  const auto check_id = [&](const char* key, const std::string& text) {
    if (text.empty()) return AddFieldError(errors, key, FieldError::Required());
    if (text.size() != kIdBytes)
      AddFieldError(errors, key,
                    {"validation_length_invalid", "the length must be exactly {{.min}}",
                     Json::Object({{"max", kIdBytes}, {"min", kIdBytes}})});
  };
  if (form.client_id.empty()) AddFieldError(errors, "clientId", FieldError::Required());
  check_id("teamId", form.team_id);
  check_id("keyId", form.key_id);
  if (form.private_key.empty()) AddFieldError(errors, "privateKey", FieldError::Required());
  else if (!HasPemBlock(form.private_key))
    AddFieldError(errors, "privateKey", {"validation_match_invalid", "must be in a valid format", {}});
  if (form.duration == 0) AddFieldError(errors, "duration", FieldError::Required());
  else if (form.duration < 1)
    AddFieldError(errors, "duration",
                  {"validation_min_greater_equal_than_required", "must be no less than {{.threshold}}",
                   Json::Object({{"threshold", 1}})});
  else if (form.duration > kMaxDuration)
    AddFieldError(errors, "duration",
                  {"validation_max_less_equal_than_required", "must be no greater than {{.threshold}}",
                   Json::Object({{"threshold", kMaxDuration}})});
  return errors;
}

}  // namespace

Task<HandlerResult> GenerateAppleClientSecret(RequestContext& context) {
  if (auto allowed = RequireSuperuser(context); !allowed) co_return std::unexpected(std::move(allowed.error()));
  auto body = BoundBody::Read(context, "An error occurred while loading the submitted data.");
  if (!body) co_return std::unexpected(std::move(body.error()));
  Form form{body->Text("clientId"), body->Text("teamId"), body->Text("keyId"), body->Text("privateKey"),
            body->Integer("duration")};
  if (auto read = body->Finish(); !read) co_return std::unexpected(std::move(read.error()));
  Json errors = Errors(form);
  if (!errors.as_object().empty()) co_return Refuse(400, "Invalid client secret data.", std::move(errors));
  const std::int64_t now = std::time(nullptr);
  Json audience = Json::List();
  audience.Append("https://appleid.apple.com");
  const Json claims = Json::Object({{"iss", form.team_id},
                                    {"sub", form.client_id},
                                    {"aud", std::move(audience)},
                                    {"iat", now},
                                    {"exp", now + form.duration}});
  auto secret = SignEs256Token(claims, form.key_id, form.private_key);
  if (!secret) co_return Refuse(400, "Failed to generate client secret. Raw error: \n" + secret.error().message);
  co_return JsonResponse(context, "{\"secret\":" + Json(*secret).Dump() + "}");
}

}  // namespace wombat

// GET /api/collections/{collection}/auth-methods                                                        spec 04 §6.1
#include <sodium.h>

#include <algorithm>

#include "common/auth/base64.h"
#include "common/auth/oauth2/client.h"
#include "common/base/json_text.h"
#include "common/base/random.h"
#include "worker/api/auth_response.h"
#include "worker/api/handlers.h"

namespace wombat {
namespace {

constexpr std::size_t kStateLength = 30, kVerifierLength = 43;

std::string Challenge(const std::string& verifier) {
  std::string digest(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()), reinterpret_cast<const unsigned char*>(verifier.data()),
                     verifier.size());
  return EncodeBase64Url(digest);
}

struct Offer {
  std::string name, display_name, logo, state, auth_url, verifier, challenge, method;
};

Offer OfferOf(const OAuth2Client& client) {
  Offer offer;
  offer.name = client.name;
  offer.display_name = client.display_name;
  offer.logo = OAuth2ProviderLogo(*client.known);
  offer.state = RandomText(kStateLength);
  if (client.pkce) {
    offer.verifier = RandomText(kVerifierLength);
    offer.challenge = Challenge(offer.verifier);
    offer.method = "S256";
  }
  offer.auth_url = client.AuthUrl(offer.state, offer.challenge);
  return offer;
}

void AppendOffer(std::string& out, const Offer& offer, bool with_logo) {
  std::pair<const char*, std::string_view> members[] = {
      {"name", offer.name}, {"displayName", offer.display_name}, {"logo", with_logo ? std::string_view(offer.logo) : ""},
      {"state", offer.state}, {"authURL", offer.auth_url}, {"authUrl", offer.auth_url}, {"codeVerifier", offer.verifier},
      {"codeChallenge", offer.challenge}, {"codeChallengeMethod", offer.method}};
  out += '{';
  for (const auto& [key, value] : members) {
    if (out.back() != '{') out += ',';
    out.append("\"").append(key).append("\":");
    AppendJsonString(out, value);
  }
  out += '}';
}

std::string OfferList(const std::vector<Offer>& offers, bool with_logo) {
  std::string out = "[";
  for (const Offer& offer : offers) {
    if (out.size() > 1) out += ',';
    AppendOffer(out, offer, with_logo);
  }
  return out + "]";
}

const char* Bool(bool value) { return value ? "true" : "false"; }

}  // namespace

Task<HandlerResult> AuthMethods(RequestContext& context) {
  auto found = AuthCollection(context);
  if (!found) co_return std::unexpected(std::move(found.error()));
  const AuthOptions& auth = (*found)->auth;
  const auto& fields = auth.password_auth.identity_fields;
  bool password = auth.password_auth.enabled;
  auto has = [&](const char* name) { return password && std::find(fields.begin(), fields.end(), name) != fields.end(); };

  std::vector<Offer> offers;
  if (auth.oauth2.enabled && auth.oauth2.providers.is_array())
    for (const Json& config : auth.oauth2.providers.as_array())
      if (const auto client = OAuth2Client::Make(config)) offers.push_back(OfferOf(*client));

  std::string json = "{\"password\":{\"identityFields\":";
  (password ? Json(fields) : Json::List()).AppendTo(json);
  json.append(",\"enabled\":").append(Bool(password)).append("},\"oauth2\":{\"providers\":").append(OfferList(offers, true));
  json.append(",\"enabled\":").append(Bool(auth.oauth2.enabled)).append("},\"mfa\":{\"enabled\":").append(Bool(auth.mfa.enabled));
  json.append(",\"duration\":").append(std::to_string(auth.mfa.enabled ? auth.mfa.duration : 0));
  json.append("},\"otp\":{\"enabled\":").append(Bool(auth.otp.enabled));
  json.append(",\"duration\":").append(std::to_string(auth.otp.enabled ? auth.otp.duration : 0));
  json.append("},\"authProviders\":").append(auth.oauth2.enabled ? OfferList(offers, false) : "null");
  json.append(",\"usernamePassword\":").append(Bool(has("username")));
  json.append(",\"emailPassword\":").append(Bool(has("email"))).append("}");
  co_return JsonResponse(context, std::move(json));
}

}  // namespace wombat

#include "common/auth/oauth2/client.h"

#include <sodium.h>

#include <map>

#include "common/auth/oauth2/access.h"
#include "common/auth/oauth2/adapters.h"
#include "common/auth/oauth2/form.h"
#include "common/base/text.h"
#include "common/base/time.h"

namespace wombat {
namespace {

constexpr const char* kFormType = "Content-Type: application/x-www-form-urlencoded";

std::chrono::sys_seconds SystemNow() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::string Base64(const std::string& bytes) {
  constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL;
  std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), kVariant);
  text.pop_back();
  return text;
}

std::string OwnOr(const Json& config, std::string_view key, std::string_view fallback) {
  std::string own = config.StringOr(key);
  return own.empty() ? std::string(fallback) : own;
}

}  // namespace

std::shared_ptr<OAuth2Client> OAuth2Client::Make(const Json& config) {
  const OAuth2Provider* known = FindOAuth2Provider(config.StringOr("name"));
  if (!known) return nullptr;
  auto client = std::make_shared<OAuth2Client>();
  client->known = known;
  client->name = known->name;
  client->display_name = OwnOr(config, "displayName", known->display_name);
  client->client_id = config.StringOr("clientId");
  client->client_secret = config.StringOr("clientSecret");
  client->auth_url = OwnOr(config, "authURL", known->auth_url);
  client->token_url = OwnOr(config, "tokenURL", known->token_url);
  client->user_info_url = OwnOr(config, "userInfoURL", known->user_info_url);
  for (std::string_view scope : Split(known->scopes, ' '))
    if (!scope.empty()) client->scopes.emplace_back(scope);
  const Json* pkce = config.Find("pkce");
  client->pkce = pkce && pkce->is_bool() ? pkce->as_bool() : known->pkce;
  if (const Json* extra = config.Find("extra"); extra && extra->is_object()) client->extra = *extra;
  AdjustScopes(*client);
  return client;
}

std::string OAuth2Client::AuthUrl(std::string_view state, std::string_view code_challenge) const {
  std::map<std::string, std::string> parameters{{"client_id", client_id}, {"response_type", "code"}, {"state", std::string(state)}};
  if (!code_challenge.empty()) {
    parameters["code_challenge"] = code_challenge;
    parameters["code_challenge_method"] = "S256";
  }
  if (name == "apple") parameters["response_mode"] = "form_post";
  std::string& scope = parameters["scope"];
  for (const std::string& one : scopes) scope.append(scope.empty() ? "" : " ").append(one);
  if (scope.empty()) parameters.erase("scope");
  const char* separator = auth_url.find('?') == std::string::npos ? "?" : "&";
  return auth_url + separator + EncodeForm({parameters.begin(), parameters.end()}) + "&redirect_uri=";
}

Result<OAuth2Token> OAuth2Client::Exchange(const OAuth2Code& code, Deadline deadline) const {
  FormPairs form{{"grant_type", "authorization_code"}, {"code", code.code}};
  if (!code.redirect_url.empty()) form.emplace_back("redirect_uri", code.redirect_url);
  if (pkce) form.emplace_back("code_verifier", code.verifier);
  return AskForToken(std::move(form), deadline);
}

Result<OAuth2Token> OAuth2Client::Refresh(const std::string& refresh_token, Deadline deadline) const {
  return AskForToken({{"grant_type", "refresh_token"}, {"refresh_token", refresh_token}}, deadline);
}

// With the credentials in the header first; providers that know them only in the body refuse that, each in its own way.
Result<OAuth2Token> OAuth2Client::AskForToken(FormPairs form, Deadline deadline) const {
  OutgoingRequest request;
  request.method = "POST";
  request.url = token_url;
  request.headers = {kFormType, "Authorization: Basic " + Base64(FormEncode(client_id) + ":" + FormEncode(client_secret))};
  request.body = EncodeForm(form);
  const auto ask = [&]() -> Result<OAuth2Token> {
    auto response = SendBefore(*this, request, deadline);
    if (!response) return std::unexpected(response.error());
    return ReadTokenResponse(*response, SystemNow());
  };
  auto token = ask();
  if (token) return token;
  form.emplace_back("client_id", client_id);
  if (!client_secret.empty()) form.emplace_back("client_secret", client_secret);
  request.headers = {kFormType};
  request.body = EncodeForm(form);
  return ask();
}

Result<OAuth2User> OAuth2Client::FetchUser(const OAuth2Token& token, Deadline deadline) const {
  OAuth2Access access(*this, token, deadline);
  auto user = AdapterOf(name)(access);
  if (!user) return user;
  user->access_token = token.access_token;
  user->refresh_token = token.refresh_token;
  if (token.expiry) user->expiry = FormatTimestamp(*token.expiry);
  return user;
}

}  // namespace wombat

#include "common/auth/oauth2/access.h"

#include <algorithm>

#include "common/auth/oauth2/jwks.h"

namespace wombat {
namespace {

// Some providers refuse requests that do not say who asks.
constexpr const char* kUserAgent = "User-Agent: Wombat";

std::chrono::sys_seconds SystemNow() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

}  // namespace

Result<IncomingResponse> SendBefore(const OAuth2Client& client, OutgoingRequest request, OAuth2Client::Deadline deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  if (left.count() <= 0) return Fail("the provider did not answer in time");
  request.timeout = left;
  request.headers.emplace_back(kUserAgent);
  return client.send(request);
}

Result<void> OAuth2Access::RenewToken() {
  if (!token_.expiry || *token_.expiry - kTokenExpiryMargin > SystemNow()) return {};
  if (token_.refresh_token.empty()) return Fail("the access token has expired");
  auto renewed = client_.Refresh(token_.refresh_token, deadline_);
  if (!renewed) return std::unexpected(renewed.error());
  token_ = std::move(*renewed);
  return {};
}

Result<IncomingResponse> OAuth2Access::Send(OutgoingRequest request, std::vector<std::string> headers) {
  if (auto renewed = RenewToken(); !renewed) return std::unexpected(renewed.error());
  request.headers = std::move(headers);
  request.headers.push_back("Authorization: " + token_.type + " " + token_.access_token);
  return SendBefore(client_, std::move(request), deadline_);
}

Result<IncomingResponse> OAuth2Access::Get(const std::string& url, std::vector<std::string> headers) {
  OutgoingRequest request;
  request.url = url;
  return Send(std::move(request), std::move(headers));
}

Result<IncomingResponse> OAuth2Access::PostJson(const std::string& url, const Json& body, std::vector<std::string> headers) {
  OutgoingRequest request;
  request.method = "POST";
  request.url = url;
  request.body = body.Dump();
  headers.emplace_back("Content-Type: application/json");
  return Send(std::move(request), std::move(headers));
}

Result<Json> OAuth2Access::ReadUserInfo(const Result<IncomingResponse>& response) {
  if (!response) return std::unexpected(response.error());
  if (response->status >= 400) return Fail("the user info was answered with status " + std::to_string(response->status));
  auto parsed = ParseJson(response->body);
  if (!parsed || !(parsed->is_object() || parsed->is_null())) return Fail("the user info is no object");
  return std::move(*parsed);
}

Result<IdToken> OAuth2Access::ReadIdToken(bool audience) const {
  const Json* text = token_.extra.Find("id_token");
  if (!text || !text->is_string())
    return Fail("the token response has no id_token", Error::Kind::kNotFound);
  auto decoded = DecodeIdToken(text->as_string());
  if (!decoded) return decoded;
  if (auto timely = CheckTimes(decoded->claims, SystemNow(), IdTokenLeeway()); !timely) return std::unexpected(timely.error());
  if (audience && !HasAudience(decoded->claims, client_.client_id))
    return Fail("the id_token is for somebody else", Error::Kind::kInvalidInput);
  return decoded;
}

Result<void> OAuth2Access::VerifyIdToken(const IdToken& token, const std::string& url) const {
  OutgoingRequest request;
  request.url = url;
  auto keys = SendBefore(client_, std::move(request), deadline_);
  if (!keys) return std::unexpected(keys.error());
  if (keys->status >= 400) return Fail("the keys were answered with status " + std::to_string(keys->status));
  return VerifyWithKeys(token, keys->body, SystemNow());
}

}  // namespace wombat

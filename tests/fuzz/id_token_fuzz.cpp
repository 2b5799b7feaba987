// Id tokens, published keys and token responses: what a provider, or whoever stands in for one, may answer with.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/auth/base64.h"
#include "common/auth/oauth2/adapters.h"
#include "common/auth/oauth2/jwks.h"

using namespace wombat;

namespace {

constexpr std::chrono::sys_seconds kNow{std::chrono::seconds(1'700'000'000)};

// Nobody may be signed in by keys that nobody has.
void VerifyAgainst(const IdToken& token, std::string_view keys) {
  if (VerifyWithKeys(token, keys, kNow)) std::abort();
}

void FetchFrom(const char* provider, std::string_view answer) {
  auto client = OAuth2Client::Make(Json::Object({{"name", provider}, {"clientId", "me"}, {"userInfoURL", "https://p/user"}}));
  client->send = [&](const OutgoingRequest& request) -> Result<IncomingResponse> {
    return IncomingResponse{200, "application/json", request.url, std::string(answer)};
  };
  OAuth2Token token;
  token.access_token = "a";
  (void)client->FetchUser(token, std::chrono::steady_clock::now() + std::chrono::minutes(1));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)ReadTokenResponse({200, "application/json", "", std::string(text)}, kNow);
  (void)ReadTokenResponse({200, "text/plain", "", std::string(text)}, kNow);
  const std::size_t half = text.find('\n') == text.npos ? size / 2 : text.find('\n');
  const std::string_view first = text.substr(0, half), second = text.substr(half);
  if (auto token = DecodeIdToken(first)) {
    (void)CheckTimes(token->claims, kNow, IdTokenLeeway());
    (void)HasAudience(token->claims, "me");
    (void)HasIssuer(token->claims, token->header);
    VerifyAgainst(*token, second);
  }
  // A token that is read in any case, so that the keys are looked at.
  const std::string header = EncodeBase64Url(R"({"alg":"RS256","kid":"key1"})");
  if (auto token = DecodeIdToken(header + ".e30." + EncodeBase64Url(first))) VerifyAgainst(*token, second);
  if (auto token = DecodeIdToken(EncodeBase64Url(R"({"alg":"EdDSA","kid":"key1"})") + ".e30." + EncodeBase64Url(first)))
    VerifyAgainst(*token, second);
  if (const auto parsed = ParseJson(second)) (void)UserOfClaims(*parsed);
  for (const char* provider : {"google", "github", "bitbucket", "gitee", "vk", "twitch", "spotify", "kakao"}) FetchFrom(provider, text);
  return 0;
}

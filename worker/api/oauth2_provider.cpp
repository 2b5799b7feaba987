#include "worker/api/oauth2_provider.h"

#include "worker/background.h"

namespace wombat {
namespace {

constexpr std::chrono::seconds kSignInTimeout{30}, kAvatarTimeout{10};
constexpr std::size_t kMaxAvatarBytes = std::size_t{32} << 20;

ApiError Busy() { return {503, "The server is busy, try again later.", Json::Object(), "too many requests to other servers wait"}; }

ApiResult<OAuth2User> Ask(const OAuth2Client& client, const OAuth2Code& code) {
  const auto deadline = std::chrono::steady_clock::now() + kSignInTimeout;
  const auto token = client.Exchange(code, deadline);
  if (!token) return std::unexpected(ApiError{400, "Failed to fetch OAuth2 token.", Json::Object(), token.error().message});
  auto user = client.FetchUser(*token, deadline);
  if (user) return std::move(*user);
  // A provider that is configured so that it can tell of nobody.
  if (user.error().kind == Error::Kind::kNotFound) return std::unexpected(ApiError{500, {}, Json::Object(), user.error().message});
  return std::unexpected(ApiError{400, "Failed to fetch OAuth2 user.", Json::Object(), user.error().message});
}

std::string LastSegment(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  return std::string(url.substr(url.rfind('/') + 1));
}

}  // namespace

Task<ApiResult<OAuth2User>> FetchOAuth2User(RequestContext& context, std::shared_ptr<OAuth2Client> client, OAuth2Code code) {
  std::function<ApiResult<OAuth2User>(PoolThread&)> job = [&](PoolThread&) { return Ask(*client, code); };
  auto asked = co_await context.runtime.net_pool.Run<ApiResult<OAuth2User>>(job);
  if (!asked) co_return std::unexpected(Busy());
  co_return std::move(*asked);
}

Task<std::optional<Avatar>> DownloadAvatar(RequestContext& context, std::string url) {
  OutgoingRequest request;
  request.url = url;
  request.timeout = kAvatarTimeout;
  request.max_body = kMaxAvatarBytes;
  request.public_addresses_only = true;
  std::function<Result<IncomingResponse>(PoolThread&)> job = [&](PoolThread&) { return SendHttp(request); };
  auto sent = co_await context.runtime.net_pool.Run<Result<IncomingResponse>>(job);
  std::string why;
  if (!sent) why = Busy().log_details;
  else if (!*sent) why = sent->error().message;
  else if ((*sent)->status < 200 || (*sent)->status > 399) why = "status " + std::to_string((*sent)->status);
  if (why.empty()) co_return Avatar{LastSegment(url), std::move((*sent)->body)};
  ApiError failure{400, {}, Json::Object(), std::move(why)};
  LogFailure(context, kLogWarning, "Failed to download the OAuth2 avatar", failure);
  co_return std::nullopt;
}

}  // namespace wombat

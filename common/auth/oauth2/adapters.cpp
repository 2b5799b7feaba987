#include "common/auth/oauth2/adapters.h"

namespace wombat {
namespace {

struct Entry {
  std::string_view provider;
  OAuth2Adapter adapter;
};

constexpr Entry kAdapters[] = {
    {"apple", AppleUser},          {"bitbucket", BitbucketUser}, {"discord", DiscordUser}, {"gitea", GithubUser},
    {"gitee", GiteeUser},          {"github", GithubUser},       {"gitlab", GitlabUser},   {"instagram2", InstagramUser},
    {"mailcow", MailcowUser},      {"microsoft", MicrosoftUser}, {"oidc", OidcUser},       {"oidc2", OidcUser},
    {"oidc3", OidcUser},           {"strava", StravaUser},       {"vk", VkUser},           {"yandex", YandexUser},
};

}  // namespace

OAuth2Adapter AdapterOf(std::string_view provider) {
  for (const Entry& entry : kAdapters)
    if (entry.provider == provider) return entry.adapter;
  return TableUser;
}

}  // namespace wombat

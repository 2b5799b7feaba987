// The OAuth2 providers that a collection may name.                              Behaviour: spec 02 §4, 04 §4.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace wombat {

// In the order in which they are listed to the dashboard.
inline constexpr std::array<std::string_view, 32> kOauth2ProviderNames = {
    "apple",     "google",   "microsoft", "yandex",  "facebook",       "instagram2", "github", "gitlab",
    "bitbucket", "gitee",    "gitea",     "discord", "twitter",        "kakao",      "vk",     "linear",
    "notion",    "monday",   "lark",      "box",     "spotify",        "trakt",      "twitch", "patreon",
    "strava",    "wakatime", "livechat",  "mailcow", "planningcenter", "oidc",       "oidc2",  "oidc3"};

constexpr bool IsOauth2ProviderName(std::string_view name) {
  return std::ranges::find(kOauth2ProviderNames, name) != kOauth2ProviderNames.end();
}

}  // namespace wombat

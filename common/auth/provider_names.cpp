#include "common/auth/provider_names.h"

#include <algorithm>
#include <array>

namespace wombat {
namespace {

// Sorted.
constexpr std::array<std::string_view, 32> kProviders = {
    "apple",  "bitbucket", "box",   "discord", "facebook", "gitea",     "gitee",     "github",
    "gitlab", "google",    "instagram2", "kakao", "lark",  "linear",    "livechat",  "mailcow",
    "microsoft", "monday", "notion", "oidc",   "oidc2",    "oidc3",     "patreon",   "planningcenter",
    "spotify", "strava",   "trakt", "twitch",  "twitter",  "vk",        "wakatime",  "yandex"};
static_assert(std::ranges::is_sorted(kProviders));

}  // namespace

bool IsKnownProvider(std::string_view name) { return std::ranges::binary_search(kProviders, name); }

}  // namespace wombat

#include "common/auth/oauth2/providers.h"

#include <array>

namespace wombat {
namespace {

// Facts of spec 04 §10, in the order in which they are offered.
constexpr std::array<OAuth2Provider, 32> kProviders{{
    {"apple", "Apple", 1, true, "name email",
     "https://appleid.apple.com/auth/authorize",
     "https://appleid.apple.com/auth/token",
     ""},
    {"google", "Google", 2, true, "https://www.googleapis.com/auth/userinfo.profile https://www.googleapis.com/auth/userinfo.email",
     "https://accounts.google.com/o/oauth2/v2/auth",
     "https://oauth2.googleapis.com/token",
     "https://www.googleapis.com/oauth2/v3/userinfo"},
    {"microsoft", "Microsoft", 3, true, "User.Read",
     "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
     "https://login.microsoftonline.com/common/oauth2/v2.0/token",
     "https://graph.microsoft.com/v1.0/me"},
    {"yandex", "Yandex", 4, true, "login:email login:avatar login:info",
     "https://oauth.yandex.com/authorize",
     "https://oauth.yandex.com/token",
     "https://login.yandex.ru/info"},
    {"facebook", "Facebook", 5, true, "email",
     "https://www.facebook.com/v3.2/dialog/oauth",
     "https://graph.facebook.com/v3.2/oauth/access_token",
     "https://graph.facebook.com/me?fields=name,email,picture.type(large)"},
    {"instagram2", "Instagram", 6, true, "instagram_business_basic",
     "https://www.instagram.com/oauth/authorize",
     "https://api.instagram.com/oauth/access_token",
     "https://graph.instagram.com/me?fields=id,username,account_type,user_id,name,profile_picture_url,followers_count,follows_count,media_count"},
    {"github", "GitHub", 7, true, "read:user user:email",
     "https://github.com/login/oauth/authorize",
     "https://github.com/login/oauth/access_token",
     "https://api.github.com/user"},
    {"gitlab", "GitLab", 8, true, "read_user",
     "https://gitlab.com/oauth/authorize",
     "https://gitlab.com/oauth/token",
     "https://gitlab.com/api/v4/user"},
    {"bitbucket", "Bitbucket", 9, false, "account",
     "https://bitbucket.org/site/oauth2/authorize",
     "https://bitbucket.org/site/oauth2/access_token",
     "https://api.bitbucket.org/2.0/user"},
    {"gitee", "Gitee", 10, true, "user_info emails",
     "https://gitee.com/oauth/authorize",
     "https://gitee.com/oauth/token",
     "https://gitee.com/api/v5/user"},
    {"gitea", "Gitea/Forgejo", 11, true, "read:user user:email",
     "https://gitea.com/login/oauth/authorize",
     "https://gitea.com/login/oauth/access_token",
     "https://gitea.com/api/v1/user"},
    {"discord", "Discord", 12, true, "identify email",
     "https://discord.com/api/oauth2/authorize",
     "https://discord.com/api/oauth2/token",
     "https://discord.com/api/users/@me"},
    {"twitter", "X/Twitter", 13, true, "users.read users.email tweet.read",
     "https://x.com/i/oauth2/authorize",
     "https://api.x.com/2/oauth2/token",
     "https://api.x.com/2/users/me?user.fields=id,name,username,profile_image_url,confirmed_email"},
    {"kakao", "Kakao", 14, true, "account_email profile_nickname profile_image",
     "https://kauth.kakao.com/oauth/authorize",
     "https://kauth.kakao.com/oauth/token",
     "https://kapi.kakao.com/v2/user/me"},
    {"vk", "ВКонтакте", 15, false, "email",
     "https://oauth.vk.com/authorize",
     "https://oauth.vk.com/access_token",
     "https://api.vk.com/method/users.get?fields=photo_max,screen_name&v=5.131"},
    {"linear", "Linear", 16, false, "read",
     "https://linear.app/oauth/authorize",
     "https://api.linear.app/oauth/token",
     "https://api.linear.app/graphql"},
    {"notion", "Notion", 17, true, "",
     "https://api.notion.com/v1/oauth/authorize",
     "https://api.notion.com/v1/oauth/token",
     "https://api.notion.com/v1/users/me"},
    {"monday", "monday.com", 18, true, "me:read",
     "https://auth.monday.com/oauth2/authorize",
     "https://auth.monday.com/oauth2/token",
     "https://api.monday.com/v2"},
    {"lark", "Lark", 19, true, "",
     "https://accounts.feishu.cn/open-apis/authen/v1/authorize",
     "https://open.feishu.cn/open-apis/authen/v2/oauth/token",
     "https://open.feishu.cn/open-apis/authen/v1/user_info"},
    {"box", "Box", 20, true, "root_readonly",
     "https://account.box.com/api/oauth2/authorize",
     "https://api.box.com/oauth2/token",
     "https://api.box.com/2.0/users/me"},
    {"spotify", "Spotify", 21, true, "user-read-private",
     "https://accounts.spotify.com/authorize",
     "https://accounts.spotify.com/api/token",
     "https://api.spotify.com/v1/me"},
    {"trakt", "Trakt", 22, true, "",
     "https://trakt.tv/oauth/authorize",
     "https://api.trakt.tv/oauth/token",
     "https://api.trakt.tv/users/settings"},
    {"twitch", "Twitch", 23, true, "user:read:email",
     "https://id.twitch.tv/oauth2/authorize",
     "https://id.twitch.tv/oauth2/token",
     "https://api.twitch.tv/helix/users"},
    {"patreon", "Patreon", 24, true, "identity identity[email]",
     "https://www.patreon.com/oauth2/authorize",
     "https://www.patreon.com/api/oauth2/token",
     "https://www.patreon.com/api/oauth2/v2/identity?fields%5Buser%5D=full_name,email,vanity,image_url,is_email_verified"},
    {"strava", "Strava", 25, true, "profile:read_all",
     "https://www.strava.com/oauth/authorize",
     "https://www.strava.com/api/v3/oauth/token",
     "https://www.strava.com/api/v3/athlete"},
    {"wakatime", "WakaTime", 26, true, "email",
     "https://wakatime.com/oauth/authorize",
     "https://wakatime.com/oauth/token",
     "https://wakatime.com/api/v1/users/current"},
    {"livechat", "LiveChat", 27, true, "",
     "https://accounts.livechat.com/",
     "https://accounts.livechat.com/token",
     "https://accounts.livechat.com/v2/accounts/me"},
    {"mailcow", "mailcow", 28, true, "profile",
     "",
     "",
     ""},
    {"planningcenter", "Planning Center", 29, true, "people",
     "https://api.planningcenteronline.com/oauth/authorize",
     "https://api.planningcenteronline.com/oauth/token",
     "https://api.planningcenteronline.com/people/v2/me"},
    {"oidc", "OIDC", 99, true, "openid email profile",
     "",
     "",
     ""},
    {"oidc2", "OIDC", 99, true, "openid email profile",
     "",
     "",
     ""},
    {"oidc3", "OIDC", 99, true, "openid email profile",
     "",
     "",
     ""},
}};

}  // namespace

std::span<const OAuth2Provider> OAuth2Providers() { return kProviders; }

const OAuth2Provider* FindOAuth2Provider(std::string_view name) {
  for (const auto& provider : kProviders)
    if (provider.name == name) return &provider;
  return nullptr;
}

// A letter in a circle: a stand-in drawn by us, the vendors' marks are theirs.
std::string OAuth2ProviderLogo(const OAuth2Provider& provider) {
  const std::string_view display_name = provider.display_name;
  std::string letter(display_name.substr(0, 1));
  if (!letter.empty() && static_cast<unsigned char>(letter[0]) >= 0x80) letter = display_name.substr(0, 2);
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24 24\"><circle cx=\"12\" cy=\"12\" r=\"11\" fill=\"none\" "
         "stroke=\"currentColor\"/><text x=\"12\" y=\"16.5\" font-size=\"13\" text-anchor=\"middle\" fill=\"currentColor\">" +
         letter + "</text></svg>";
}

}  // namespace wombat

#include "common/auth/oauth2/adapters.h"
#include "common/auth/oauth2/typed_json.h"

namespace wombat {

Result<OAuth2User> DiscordUser(OAuth2Access& access) {
  auto info = OAuth2Access::ReadUserInfo(access.Get(access.client().user_info_url));
  if (!info) return std::unexpected(info.error());
  bool sound = true;
  const TypedJson object(*info, sound);
  OAuth2User user;
  user.id = object.Text("id");
  user.username = object.Text("username");
  user.name = object.Text("global_name");
  // Accounts from before display names are told apart by a number.
  const std::string discriminator = object.Text("discriminator");
  if (user.name.empty()) {
    user.name = user.username;
    if (!discriminator.empty() && discriminator != "0") user.name += "#" + discriminator;
  }
  if (const std::string avatar = object.Text("avatar"); !avatar.empty())
    user.avatar_url = "https://cdn.discordapp.com/avatars/" + user.id + "/" + avatar + ".png";
  user.email = object.Text("email");
  if (!object.Bool("verified")) user.email.clear();
  if (!sound) return UnexpectedUser();
  user.raw_user = std::move(*info);
  return user;
}

}  // namespace wombat

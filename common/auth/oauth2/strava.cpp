#include "common/auth/oauth2/adapters.h"
#include "common/auth/oauth2/typed_json.h"

namespace wombat {

Result<OAuth2User> StravaUser(OAuth2Access& access) {
  auto info = OAuth2Access::ReadUserInfo(access.Get(access.client().user_info_url));
  if (!info) return std::unexpected(info.error());
  bool sound = true;
  const TypedJson object(*info, sound);
  OAuth2User user;
  user.id = object.Integer("id");
  if (user.id == "0") user.id.clear();
  user.name = object.Text("firstname") + " " + object.Text("lastname");
  user.username = object.Text("username");
  user.avatar_url = object.Text("profile");
  if (!sound) return UnexpectedUser();
  user.raw_user = std::move(*info);
  return user;
}

}  // namespace wombat

#include "common/auth/oauth2/adapters.h"
#include "common/auth/oauth2/typed_json.h"

namespace wombat {

Result<OAuth2User> InstagramUser(OAuth2Access& access) {
  auto info = OAuth2Access::ReadUserInfo(access.Get(access.client().user_info_url));
  if (!info) return std::unexpected(info.error());
  bool sound = true;
  const TypedJson object(*info, sound);
  OAuth2User user;
  user.id = object.Text("user_id");
  user.name = object.Text("name");
  user.username = object.Text("username");
  user.avatar_url = object.Text("profile_picture_url");
  if (!sound) return UnexpectedUser();
  // What the user granted is only told with the token.
  const Json* granted = access.token().extra.Find("permissions");
  if (granted && info->is_object() && !info->Has("permissions")) (*info)["permissions"] = *granted;
  user.raw_user = std::move(*info);
  return user;
}

}  // namespace wombat

#include "common/auth/oauth2/adapters.h"
#include "common/auth/oauth2/typed_json.h"

namespace wombat {

Result<OAuth2User> YandexUser(OAuth2Access& access) {
  auto info = OAuth2Access::ReadUserInfo(access.Get(access.client().user_info_url));
  if (!info) return std::unexpected(info.error());
  bool sound = true;
  const TypedJson object(*info, sound);
  OAuth2User user;
  user.id = object.Text("id");
  user.name = object.Text("real_name");
  user.username = object.Text("login");
  user.email = object.Text("default_email");
  const std::string avatar = object.Text("default_avatar_id");
  if (!object.Bool("is_avatar_empty")) user.avatar_url = "https://avatars.yandex.net/get-yapic/" + avatar + "/islands-200";
  if (!sound) return UnexpectedUser();
  user.raw_user = std::move(*info);
  return user;
}

}  // namespace wombat

#include "common/auth/oauth2/adapters.h"
#include "common/auth/oauth2/typed_json.h"

namespace wombat {

Result<OAuth2User> MailcowUser(OAuth2Access& access) {
  auto info = OAuth2Access::ReadUserInfo(access.Get(access.client().user_info_url));
  if (!info) return std::unexpected(info.error());
  bool sound = true;
  const TypedJson object(*info, sound);
  OAuth2User user;
  user.id = object.Text("id");
  user.name = object.Text("full_name");
  user.email = object.Text("email");
  user.username = object.Text("username");
  user.username.resize(std::min(user.username.find('@'), user.username.size()));
  const bool active = object.Integer("active") == "1";
  if (!sound) return UnexpectedUser();
  if (!active) return InactiveUser();
  user.raw_user = std::move(*info);
  return user;
}

}  // namespace wombat

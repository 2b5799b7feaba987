#include "common/auth/oauth2/adapters.h"
#include "common/auth/oauth2/typed_json.h"

namespace wombat {
namespace {

Result<std::string> PrimaryEmail(OAuth2Access& access) {
  auto response = access.Get(access.client().user_info_url + "/emails");
  if (!response) return std::unexpected(response.error());
  if (response->status >= 400) return std::string();  // this scope was not granted
  auto emails = ParseJson(response->body);
  if (!emails) return Fail("the e-mail addresses cannot be read");
  bool sound = true;
  std::string primary;
  for (const TypedJson& one : TypedJson(*emails, sound).List("values")) {
    const bool is_primary = one.Bool("is_primary"), is_confirmed = one.Bool("is_confirmed");
    const std::string address = one.Text("email");
    if (primary.empty() && is_primary && is_confirmed) primary = address;
  }
  if (!sound) return UnexpectedUser();
  return primary;
}

}  // namespace

Result<OAuth2User> BitbucketUser(OAuth2Access& access) {
  auto info = OAuth2Access::ReadUserInfo(access.Get(access.client().user_info_url));
  if (!info) return std::unexpected(info.error());
  bool sound = true;
  const TypedJson object(*info, sound);
  OAuth2User user;
  user.id = object.Text("uuid");
  user.name = object.Text("display_name");
  user.username = object.Text("username");
  user.avatar_url = object.Text("links.avatar.href");
  const bool active = object.Text("account_status") == "active";
  if (!sound) return UnexpectedUser();
  if (!active) return InactiveUser();
  auto email = PrimaryEmail(access);
  if (!email) return std::unexpected(email.error());
  user.email = std::move(*email);
  user.raw_user = std::move(*info);
  return user;
}

}  // namespace wombat

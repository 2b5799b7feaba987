#include "common/auth/oauth2/adapters.h"
#include "common/auth/oauth2/typed_json.h"
#include "common/base/json_text.h"
#include "common/base/text.h"

namespace wombat {
namespace {

// VK tells the address with the token and nowhere else.
std::string EmailOf(const OAuth2Token& token) {
  const Json* email = token.extra.Find("email");
  if (!email) return {};
  if (email->is_number()) return PlainDecimal(email->as_number());
  return email->is_string() ? email->as_string() : std::string();
}

}  // namespace

Result<OAuth2User> VkUser(OAuth2Access& access) {
  auto info = OAuth2Access::ReadUserInfo(access.Get(access.client().user_info_url));
  if (!info) return std::unexpected(info.error());
  bool sound = true;
  const std::vector<TypedJson> found = TypedJson(*info, sound).List("response");
  std::vector<OAuth2User> users;
  for (const TypedJson& one : found) {
    OAuth2User& user = users.emplace_back();
    user.id = one.Integer("id");
    user.name = TrimBlanks(one.Text("first_name") + " " + one.Text("last_name"));
    user.username = one.Text("screen_name");
    user.avatar_url = one.Text("photo_max");
  }
  if (!sound) return UnexpectedUser();
  if (users.empty()) return Fail("the user info names no user");
  OAuth2User user = std::move(users.front());
  user.email = EmailOf(access.token());
  user.raw_user = std::move(*info);
  return user;
}

}  // namespace wombat

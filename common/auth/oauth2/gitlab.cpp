#include "common/auth/oauth2/adapters.h"
#include "common/auth/oauth2/typed_json.h"
#include "common/base/time.h"

namespace wombat {
namespace {

// RFC 3339, and not the zero instant.
bool IsInstant(const std::string& text) {
  constexpr std::size_t kDateBytes = 10;
  return text.size() > kDateBytes && (text[kDateBytes] == 'T' || text[kDateBytes] == 't') && ParseTimestamp(text).has_value() &&
         !text.starts_with("0001-01-01T00:00:00");
}

}  // namespace

Result<OAuth2User> GitlabUser(OAuth2Access& access) {
  auto info = OAuth2Access::ReadUserInfo(access.Get(access.client().user_info_url));
  if (!info) return std::unexpected(info.error());
  bool sound = true;
  const TypedJson object(*info, sound);
  OAuth2User user;
  user.id = object.Integer("id");
  user.name = object.Text("name");
  user.username = object.Text("username");
  user.avatar_url = object.Text("avatar_url");
  user.email = object.Text("email");
  if (!IsInstant(object.Text("confirmed_at"))) user.email.clear();
  if (!sound) return UnexpectedUser();
  user.raw_user = std::move(*info);
  return user;
}

}  // namespace wombat

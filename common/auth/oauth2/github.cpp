#include "common/auth/oauth2/adapters.h"
#include "common/auth/oauth2/typed_json.h"

namespace wombat {
namespace {

// The address of the user info is the public one, which nobody has verified.
Result<std::string> PrimaryEmail(OAuth2Access& access) {
  auto response = access.Get(access.client().user_info_url + "/emails");
  if (!response) return std::unexpected(response.error());
  // This scope was not granted.
  if (response->status == 401 || response->status == 403 || response->status == 404) return std::string();
  auto emails = ParseJson(response->body);
  if (!emails || !(emails->is_array() || emails->is_null())) return Fail("the e-mail addresses are no list");
  bool sound = true;
  std::string primary;
  if (emails->is_array()) {
    for (const Json& element : emails->as_array()) {
      const TypedJson one(element, sound);
      const bool is_primary = one.Bool("primary"), is_verified = one.Bool("verified");
      const std::string address = one.Text("email");
      if (primary.empty() && is_primary && is_verified) primary = address;
    }
  }
  if (!sound) return UnexpectedUser();
  return primary;
}

}  // namespace

Result<OAuth2User> GithubUser(OAuth2Access& access) {
  auto info = OAuth2Access::ReadUserInfo(access.Get(access.client().user_info_url));
  if (!info) return std::unexpected(info.error());
  const bool is_gitea = access.client().name == "gitea";
  bool sound = true;
  const TypedJson object(*info, sound);
  OAuth2User user;
  user.id = object.Integer("id");
  user.name = object.Text(is_gitea ? "full_name" : "name");
  user.username = object.Text("login");
  user.avatar_url = object.Text("avatar_url");
  const bool active = !is_gitea || object.Bool("active");
  if (!sound) return UnexpectedUser();
  if (!active) return InactiveUser();
  auto email = PrimaryEmail(access);
  if (!email) return std::unexpected(email.error());
  user.email = std::move(*email);
  user.raw_user = std::move(*info);
  return user;
}

}  // namespace wombat

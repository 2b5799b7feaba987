#include <algorithm>

#include "common/auth/oauth2/adapters.h"
#include "common/auth/oauth2/typed_json.h"

namespace wombat {
namespace {

constexpr const char* kEmails = "https://gitee.com/api/v5/emails";

// Gitee shows a placeholder in place of an address that is hidden.
bool LooksLikeEmail(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == text.npos || at == 0 || text.find('.', at) == text.npos || text.ends_with('.')) return false;
  return std::ranges::all_of(text, [](unsigned char c) { return c > ' ' && c != 0x7f && c != '<' && c != '>' && c != '*'; });
}

bool IsPrimary(const Json* scope) {
  return scope && scope->is_array() && std::ranges::any_of(scope->as_array(), [](const Json& one) {
           return one.is_string() && one.as_string() == "primary";
         });
}

// Whatever is wrong with this answer, the user just has no address.
Result<std::string> PrimaryEmail(OAuth2Access& access) {
  auto response = access.Get(kEmails);
  if (!response) return std::unexpected(response.error());
  if (response->status == 401 || response->status == 403 || response->status == 404) return std::string();
  auto emails = ParseJson(response->body);
  if (!emails || !emails->is_array()) return std::string();
  bool sound = true;
  for (const Json& element : emails->as_array()) {
    const TypedJson one(element, sound);
    const std::string address = one.Text("email");
    const bool fits = one.Text("state") == "confirmed" && IsPrimary(one.Any("scope"));
    if (!sound) break;
    if (fits && LooksLikeEmail(address)) return address;
  }
  return std::string();
}

}  // namespace

Result<OAuth2User> GiteeUser(OAuth2Access& access) {
  auto info = OAuth2Access::ReadUserInfo(access.Get(access.client().user_info_url));
  if (!info) return std::unexpected(info.error());
  bool sound = true;
  const TypedJson object(*info, sound);
  OAuth2User user;
  user.id = object.Integer("id");
  user.name = object.Text("name");
  user.username = object.Text("login");
  user.avatar_url = object.Text("avatar_url");
  user.email = object.Text("email");
  if (!sound) return UnexpectedUser();
  if (!LooksLikeEmail(user.email)) {
    auto email = PrimaryEmail(access);
    if (!email) return std::unexpected(email.error());
    user.email = std::move(*email);
  }
  user.raw_user = std::move(*info);
  return user;
}

}  // namespace wombat

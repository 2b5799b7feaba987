#include <array>
#include <utility>

#include "common/auth/oauth2/adapters.h"
#include "common/auth/oauth2/typed_json.h"
#include "common/base/text.h"

namespace wombat {
namespace {

// When an account may sign in at all.
enum class State { kAny, kTextActive, kTrue };

// Paths within `root` (04 §10); "" where a provider tells nothing.
struct Row {
  std::string_view provider;
  std::string_view root;                 // "": the answer itself; "data[]": its first element
  std::string_view id, name, username;
  std::string_view email;
  std::string_view email_if;             // bools that must all be true, blanks between
  std::string_view avatar, avatar_if;
  State state = State::kAny;
  std::string_view state_path = {};
  std::string_view query = {};           // GraphQL, posted
  bool id_is_number = false;
  std::array<std::string_view, 3> headers = {};   // "{id}" stands for the client's id
};

constexpr Row kRows[] = {
    {"google", "", "sub", "name", "", "email", "email_verified", "picture", ""},
    {"facebook", "", "id", "name", "", "email", "", "picture.data.url", ""},
    {"twitter", "data", "id", "name", "username", "confirmed_email", "", "profile_image_url", ""},
    {.provider = "kakao", .root = "", .id = "id", .name = "", .username = "properties.nickname", .email = "kakao_account.email",
     .email_if = "kakao_account.is_email_valid kakao_account.is_email_verified", .avatar = "properties.profile_image",
     .avatar_if = "", .id_is_number = true},
    {.provider = "linear", .root = "data.viewer", .id = "id", .name = "name", .username = "displayName", .email = "email",
     .email_if = "", .avatar = "avatarUrl", .avatar_if = "", .state = State::kTrue, .state_path = "active",
     .query = "query Me { viewer { id displayName name email avatarUrl active } }"},
    {.provider = "notion", .root = "bot.owner.user", .id = "id", .name = "name", .username = "", .email = "person.email",
     .email_if = "", .avatar = "avatar_url", .avatar_if = "", .headers = {"Notion-Version: 2022-06-28"}},
    {.provider = "monday", .root = "data.me", .id = "id", .name = "name", .username = "", .email = "email",
     .email_if = "is_verified", .avatar = "photo_small", .avatar_if = "", .state = State::kTrue, .state_path = "enabled",
     .query = "query { me { id enabled name email is_verified photo_small }}"},
    {"lark", "data", "union_id", "name", "", "", "", "avatar_url", ""},
    {"box", "", "id", "name", "", "login", "", "avatar_url", "", State::kTextActive, "status"},
    {.provider = "trakt", .root = "user", .id = "ids.uuid", .name = "name", .username = "username", .email = "", .email_if = "",
     .avatar = "images.avatar.full", .avatar_if = "",
     .headers = {"Content-type: application/json", "trakt-api-key: {id}", "trakt-api-version: 2"}},
    {.provider = "twitch", .root = "data[]", .id = "id", .name = "display_name", .username = "login", .email = "email",
     .email_if = "", .avatar = "profile_image_url", .avatar_if = "", .headers = {"Client-Id: {id}"}},
    {"patreon", "data", "id", "attributes.full_name", "attributes.vanity", "attributes.email", "attributes.is_email_verified",
     "attributes.image_url", ""},
    {"wakatime", "data", "id", "display_name", "username", "email", "is_email_confirmed", "photo", "photo_public"},
    {"livechat", "", "account_id", "name", "", "email", "email_verified", "avatar_url", ""},
    {"planningcenter", "data", "id", "attributes.name", "", "", "", "attributes.avatar", "", State::kTextActive, "attributes.status"},
    {"spotify", "", "id", "display_name", "", "", "", "images[].url", ""},
};

const Row* FindRow(std::string_view provider) {
  for (const Row& row : kRows)
    if (row.provider == provider) return &row;
  return nullptr;
}

std::vector<std::string> HeadersOf(const Row& row, const OAuth2Client& client) {
  std::vector<std::string> headers;
  for (std::string_view header : row.headers)
    if (!header.empty()) headers.push_back(ReplaceAll(std::string(header), "{id}", client.client_id));
  return headers;
}

// "list[].path": of the first element; all have to be of the expected type.
std::string TextAt(const TypedJson& object, std::string_view path) {
  if (path.empty()) return {};
  const std::size_t bracket = path.find("[].");
  if (bracket == path.npos) return object.Text(path);
  std::string first;
  bool is_first = true;
  for (const TypedJson& element : object.List(path.substr(0, bracket))) {
    std::string text = element.Text(path.substr(bracket + 3));
    if (std::exchange(is_first, false)) first = std::move(text);
  }
  return first;
}

bool AllTrue(const TypedJson& object, std::string_view paths) {
  bool all = true;
  for (std::string_view path : Split(paths, ' '))
    if (!path.empty()) all &= object.Bool(path);
  return all;
}

OAuth2User ReadUser(const Row& row, const TypedJson& object) {
  OAuth2User user;
  user.id = row.id_is_number ? object.Integer(row.id) : object.Text(row.id);
  user.name = TextAt(object, row.name);
  user.username = TextAt(object, row.username);
  user.email = TextAt(object, row.email);
  if (!AllTrue(object, row.email_if)) user.email.clear();
  user.avatar_url = TextAt(object, row.avatar);
  if (!AllTrue(object, row.avatar_if)) user.avatar_url.clear();
  return user;
}

bool MaySignIn(const Row& row, const TypedJson& object) {
  switch (row.state) {
    case State::kAny: return true;
    case State::kTextActive: return object.Text(row.state_path) == "active";
    case State::kTrue: return object.Bool(row.state_path);
  }
  return false;
}

}  // namespace

Result<OAuth2User> TableUser(OAuth2Access& access) {
  const OAuth2Client& client = access.client();
  const Row* known = FindRow(client.name);
  if (!known) return Fail("no adapter for this provider");
  const Row& row = *known;
  auto response = row.query.empty() ? access.Get(client.user_info_url, HeadersOf(row, client))
                                    : access.PostJson(client.user_info_url, Json::Object({{"query", row.query}}));
  auto info = OAuth2Access::ReadUserInfo(response);
  if (!info) return std::unexpected(info.error());
  bool sound = true;
  TypedJson object(*info, sound);
  if (row.root.ends_with("[]")) {
    const std::vector<TypedJson> list = object.List(row.root.substr(0, row.root.size() - 2));
    for (const TypedJson& element : list) (void)ReadUser(row, element);   // each has to be sound
    if (!sound) return UnexpectedUser();
    if (list.empty()) return Fail("the user info names no user");
    object = list.front();
  } else if (!row.root.empty()) {
    object = object.Object(row.root);
  }
  OAuth2User user = ReadUser(row, object);
  const bool active = MaySignIn(row, object);
  if (!sound) return UnexpectedUser();
  if (!active) return InactiveUser();
  user.raw_user = std::move(*info);
  return user;
}

}  // namespace wombat

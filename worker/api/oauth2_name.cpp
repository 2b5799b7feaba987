#include "worker/api/oauth2_name.h"

#include <algorithm>

#include "common/auth/oauth2/typed_json.h"
#include "common/base/json_text.h"
#include "common/base/text.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxNameBytes = 150, kMaxKeyBytes = 1000;
static_assert(kMaxNameBytes <= ShortNotes::kMaxTextBytes);

std::string KeyOf(std::string_view code) { return "@redirect_name_" + std::string(code); }

std::string NameOf(std::string_view user) {
  auto parsed = ParseJson(user);
  if (!parsed) return {};
  bool sound = true;
  const TypedJson object(*parsed, sound);
  std::string name = object.Text("name.firstName") + " " + object.Text("name.lastName");
  if (!sound) return {};
  name.resize(std::min(name.size(), kMaxNameBytes));
  // The cut may have gone through a letter.
  while (!name.empty() && !IsUtf8(name)) name.pop_back();
  return std::string(TrimBlanks(name));
}

}  // namespace

void RememberOAuth2Name(ShortNotes& names, std::string_view code, std::string_view user, std::int64_t now_ms) {
  const std::string key = KeyOf(code), name = NameOf(user);
  if (!name.empty() && key.size() <= kMaxKeyBytes) names.Leave(key, name, now_ms);
}

std::string TakeOAuth2Name(ShortNotes& names, std::string_view code, std::int64_t now_ms) {
  return names.Take(KeyOf(code), now_ms);
}

}  // namespace wombat

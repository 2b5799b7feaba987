// The user that an OAuth2 provider told of.                                              Behaviour: spec 04 §6.10, §10.
#pragma once

#include <string>

#include "common/base/json.h"

namespace wombat {

struct OAuth2User {
  std::string id, name, username;
  std::string email;                   // only one that the provider has verified
  std::string avatar_url;
  std::string access_token, refresh_token;
  std::string expiry;                  // as common/base/time.h writes it, or ""
  Json raw_user = Json::Object();
};

}  // namespace wombat

// Asking an OAuth2 provider, and downloading avatars, from a handler: it waits on the pool, never on the loop.   spec 04 §6.10
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "common/auth/oauth2/client.h"
#include "worker/request_context.h"

namespace wombat {

// The user that `code` stands for. Errors: as the client shall see them; what the provider said is not among it.
Task<ApiResult<OAuth2User>> FetchOAuth2User(RequestContext& context, std::shared_ptr<OAuth2Client> client, OAuth2Code code);

struct Avatar {
  std::string file_name, content;
};
// Only from public addresses. nullopt: failed, and logged.
Task<std::optional<Avatar>> DownloadAvatar(RequestContext& context, std::string url);

}  // namespace wombat

// Redirects that come before any middleware.                                               Behaviour: spec 01 §1.2.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/app/http.h"

namespace wombat {

// The 307 to the cleaned path when the path has empty, "." or ".." segments; nullopt for a clean one and for CONNECT.
std::optional<HttpResponse> CleanPathRedirect(const HttpRequest& request);

// The 307 from "/x" to "/x/", for a path of which only the subtree is registered. The query is kept.
HttpResponse SubtreeRedirect(const HttpRequest& request);

}  // namespace wombat

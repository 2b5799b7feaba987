// The answer that ends a sign-in in a provider's window.                                       Behaviour: spec 04
// §6.11.
#pragma once

#include <string_view>

#include "common/app/http.h"

namespace wombat {

// To the dashboard's page for it; without a dashboard the answer says it itself.
HttpResponse OAuth2End(std::string_view method, bool succeeded, bool has_dashboard);

}  // namespace wombat

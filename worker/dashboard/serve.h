// What is below /_/.                                                                           Behaviour: spec 08 §1.
#pragma once

#include <span>
#include <string_view>

#include "common/app/http.h"
#include "worker/dashboard/assets.h"

namespace wombat {

// For GET and HEAD. `path` is the decoded path of the request, which starts with "/_/". A path that names nothing is
// answered with 404: there is no fallback to the index. In dev mode nothing may be kept by the browser.
HttpResponse ServeDashboard(const HttpRequest& request, std::string_view path, std::span<const DashboardAsset> assets,
                            bool dev);

// The scripts that the server's own code adds to the dashboard, as one.
HttpResponse ServeDashboardExtensions(const HttpRequest& request, bool dev);

}  // namespace wombat

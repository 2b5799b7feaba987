// The dashboard's files, which the build has put into the executable.                          Behaviour: spec 08 §1.
#pragma once

#include <span>
#include <string_view>

namespace wombat {

// Views into the executable's own pages: nothing is loaded before it is asked for.
struct DashboardAsset {
  std::string_view path;  // below /_/: "index.html", "assets/index-BY4TIu1W.css"
  std::string_view content_type;
  std::string_view content;
  std::string_view gzip;  // the same, compressed; "" when that is no shorter
};

// Sorted by path. Empty in a build without the dashboard (CMake: WOMBAT_DASHBOARD=OFF).
std::span<const DashboardAsset> DashboardAssets();

inline bool HasDashboard() { return !DashboardAssets().empty(); }

}  // namespace wombat

#include "worker/dashboard/serve.h"

#include <algorithm>
#include <string>

#include "common/auth/oauth2/providers.h"
#include "common/base/text.h"
#include "worker/http/content.h"
#include "worker/http/error_response.h"
#include "worker/http/static_files.h"

namespace wombat {
namespace {

constexpr std::string_view kRoot = "/_/";
constexpr std::string_view kIndex = "index.html";
constexpr std::string_view kLogos = "images/oauth2/", kLogoEnding = ".svg";

constexpr std::string_view kSecurityPolicy =
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' http://127.0.0.1:* "
    "https://tile.openstreetmap.org data: blob:; connect-src 'self' http://127.0.0.1:* "
    "https://nominatim.openstreetmap.org; "
    "script-src 'self' http://127.0.0.1:*; frame-ancestors 'none'";
constexpr std::string_view kLongLived = "max-age=1209600, stale-while-revalidate=86400";

void AddDashboardHeaders(HttpResponse& response, std::string_view path, bool dev) {
  AddHeader(response, "Vary", "Accept-Encoding");
  AddHeader(response, "Content-Security-Policy", std::string(kSecurityPolicy));
  if (path != kRoot && !dev) AddHeader(response, "Cache-Control", std::string(kLongLived));
}

const DashboardAsset* Find(std::span<const DashboardAsset> assets, std::string_view path) {
  const auto at = std::ranges::lower_bound(assets, path, {}, &DashboardAsset::path);
  return at != assets.end() && at->path == path ? &*at : nullptr;
}

bool IsFolder(std::span<const DashboardAsset> assets, const std::string& path) {
  const std::string start = path + "/";
  const auto at = std::ranges::lower_bound(assets, std::string_view(start), {}, &DashboardAsset::path);
  return path.empty() || (at != assets.end() && at->path.starts_with(start));
}

// Named, and not with a quality of nothing.
bool AcceptsGzip(const HttpRequest& request) {
  for (auto coding : Split(request.Header("Accept-Encoding"), ',')) {
    const auto semicolon = coding.find(';');
    if (TrimBlanks(coding.substr(0, semicolon)) != "gzip") continue;
    if (semicolon == std::string_view::npos) return true;
    const auto weight = TrimBlanks(coding.substr(semicolon + 1));
    return !weight.starts_with("q=0") || weight.find_first_of("123456789") != std::string_view::npos;
  }
  return false;
}

// A range is one of the plain content: compressed, it would be a range of something else.
HttpResponse ServeAsset(const HttpRequest& request, const DashboardAsset& asset) {
  const bool compressed = !asset.gzip.empty() && request.Header("Range").empty() && AcceptsGzip(request);
  const ContentInfo info{.content_type = std::string(asset.content_type), .modified = {}, .etag = {}};
  HttpResponse response = ServeBytes(request, compressed ? asset.gzip : asset.content, info);
  if (compressed && response.status == 200) AddHeader(response, "Content-Encoding", "gzip");
  return response;
}

HttpResponse RedirectTo(std::string_view path) {
  HttpResponse response;
  response.status = 301;
  AddHeader(response, "Location", LocalRedirectTarget(path));
  return response;
}

HttpResponse NotFound() { return ErrorResponse({404, "File not found.", Json::Object(), {}}); }

// Applications may refer to the logos by these addresses; the API has them as text.
HttpResponse ServeLogo(const HttpRequest& request, std::string_view file) {
  const OAuth2Provider* provider = nullptr;
  if (file.ends_with(kLogoEnding)) provider = FindOAuth2Provider(file.substr(0, file.size() - kLogoEnding.size()));
  if (!provider) return NotFound();
  return ServeBytes(request, OAuth2ProviderLogo(*provider),
                    {.content_type = "image/svg+xml", .modified = {}, .etag = {}});
}

HttpResponse Answer(const HttpRequest& request, std::string_view path, std::span<const DashboardAsset> assets) {
  std::string clean;
  if (!CleanFilePath(path.substr(kRoot.size()), clean)) return NotFound();
  if (const DashboardAsset* asset = Find(assets, clean)) {
    if (path.ends_with('/')) return RedirectTo(path.substr(0, path.find_last_not_of('/') + 1));
    if (path.ends_with(kIndex)) return RedirectTo(path.substr(0, path.size() - kIndex.size()));
    return ServeAsset(request, *asset);
  }
  if (clean.starts_with(kLogos)) return ServeLogo(request, std::string_view(clean).substr(kLogos.size()));
  if (!IsFolder(assets, clean)) return NotFound();
  if (!path.ends_with('/')) return RedirectTo(std::string(path) + "/");
  const DashboardAsset* index = Find(assets, clean.empty() ? std::string(kIndex) : clean + "/" + std::string(kIndex));
  return index ? ServeAsset(request, *index) : NotFound();
}

}  // namespace

HttpResponse ServeDashboard(const HttpRequest& request, std::string_view path, std::span<const DashboardAsset> assets,
                            bool dev) {
  HttpResponse response = Answer(request, path, assets);
  AddDashboardHeaders(response, path, dev);
  return response;
}

HttpResponse ServeDashboardExtensions(const HttpRequest&, bool dev) {
  HttpResponse response;
  response.content_type = "text/javascript";
  AddDashboardHeaders(response, "/_/extensions.js", dev);
  return response;
}

}  // namespace wombat

#include "worker/dashboard/serve.h"

#include <gmock/gmock.h>

#include "worker/dashboard/oauth2_end.h"

namespace wombat {
namespace {

using ::testing::HasSubstr;

constexpr DashboardAsset kAssets[] = {
    {"assets/a.js", "text/javascript; charset=utf-8", "0123456789", "packed"},
    {"assets/tiny.svg", "image/svg+xml", "<svg/>", ""},
    {"help/index.html", "text/html; charset=utf-8", "<h1>help</h1>", ""},
    {"index.html", "text/html; charset=utf-8", "<h1>home</h1>", "packed home"},
};

HttpResponse Get(std::string_view path, std::vector<HeaderView> headers = {}, bool dev = false) {
  HttpRequest request;
  request.method = "GET";
  request.target = request.path = path;
  request.headers = std::move(headers);
  return ServeDashboard(request, path, kAssets, dev);
}

std::string Header(const HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return {};
}

TEST(Dashboard, AnswersItsRootWithTheIndexThatNobodyMayKeep) {
  const HttpResponse response = Get("/_/");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "<h1>home</h1>");
  EXPECT_EQ(response.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(Header(response, "Cache-Control"), "");
  EXPECT_EQ(Header(response, "Etag") + Header(response, "Last-Modified"), "");
}

TEST(Dashboard, LetsEverythingElseBeKeptForTwoWeeks) {
  for (const char* path : {"/_/assets/a.js", "/_/index.html", "/_/nothing"})
    EXPECT_EQ(Header(Get(path), "Cache-Control"), "max-age=1209600, stale-while-revalidate=86400") << path;
}

TEST(Dashboard, LetsNothingBeKeptInDevelopment) {
  EXPECT_EQ(Header(Get("/_/assets/a.js", {}, true), "Cache-Control"), "");
}

TEST(Dashboard, ConfinesWhatItsPagesMayLoadOnEveryAnswer) {
  for (const char* path : {"/_/", "/_/assets/a.js", "/_/assets", "/_/nothing"}) {
    EXPECT_EQ(Header(Get(path), "Content-Security-Policy"),
              "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' http://127.0.0.1:* "
              "https://tile.openstreetmap.org data: blob:; connect-src 'self' http://127.0.0.1:* "
              "https://nominatim.openstreetmap.org; script-src 'self' http://127.0.0.1:*; frame-ancestors 'none'")
        << path;
    EXPECT_EQ(Header(Get(path), "Vary"), "Accept-Encoding") << path;
  }
}

TEST(Dashboard, SendsTheCompressedFormToWhoAcceptsIt) {
  for (const char* accepted : {"gzip", "br, gzip", "deflate;q=0.5, gzip;q=0.2", "gzip ; q=1"}) {
    const HttpResponse response = Get("/_/assets/a.js", {{"Accept-Encoding", accepted}});
    EXPECT_EQ(response.body, "packed") << accepted;
    EXPECT_EQ(Header(response, "Content-Encoding"), "gzip") << accepted;
  }
  for (const char* refused : {"", "br", "identity", "*", "gzip;q=0", "gzip;q=0.0, br", "xgzip"}) {
    const HttpResponse response = Get("/_/assets/a.js", {{"Accept-Encoding", refused}});
    EXPECT_EQ(response.body, "0123456789") << refused;
    EXPECT_EQ(Header(response, "Content-Encoding"), "") << refused;
  }
  EXPECT_EQ(Get("/_/assets/tiny.svg", {{"Accept-Encoding", "gzip"}}).body, "<svg/>");
}

TEST(Dashboard, ServesRangesOfThePlainContent) {
  const HttpResponse response = Get("/_/assets/a.js", {{"Range", "bytes=2-4"}, {"Accept-Encoding", "gzip"}});
  EXPECT_EQ(response.status, 206);
  EXPECT_EQ(response.body, "234");
  EXPECT_EQ(Header(response, "Content-Range"), "bytes 2-4/10");
  EXPECT_EQ(Header(response, "Content-Encoding"), "");
}

TEST(Dashboard, AnswersUnknownPathsWithNotFoundAndNeverWithTheIndex) {
  for (const char* path : {"/_/nothing.js", "/_/assets/", "/_/assets/b.js", "/_/../x", "/_/images/oauth2/nobody.svg"}) {
    const HttpResponse response = Get(path);
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_EQ(response.content_type, "application/json") << path;
    EXPECT_THAT(response.body, HasSubstr(R"({"data":{},"message":"File not found.","status":404})")) << path;
  }
}

TEST(Dashboard, RedirectsToTheOneAddressOfAFile) {
  const std::pair<const char*, const char*> redirects[] = {
      {"/_/index.html", "/_/"},    {"/_/help/index.html", "/_/help/"},    {"/_/help", "/_/help/"},
      {"/_/assets", "/_/assets/"}, {"/_/assets/a.js/", "/_/assets/a.js"},
  };
  for (const auto& [from, to] : redirects) {
    const HttpResponse response = Get(from);
    EXPECT_EQ(response.status, 301) << from;
    EXPECT_EQ(Header(response, "Location"), to) << from;
  }
  EXPECT_EQ(Get("/_/help/").body, "<h1>help</h1>");
}

TEST(Dashboard, KeepsTheLogosOfProvidersAtTheirAddress) {
  const HttpResponse response = Get("/_/images/oauth2/google.svg");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "image/svg+xml");
  EXPECT_THAT(response.body, HasSubstr("<svg"));
}

TEST(Dashboard, HasAnEmptyScriptOfExtensions) {
  const HttpResponse response = ServeDashboardExtensions({}, false);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "text/javascript");
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(Header(response, "Cache-Control"), "max-age=1209600, stale-while-revalidate=86400");
}

TEST(OAuth2End, LeadsToTheDashboardsPage) {
  const HttpResponse success = OAuth2End("GET", true, true), failure = OAuth2End("POST", false, true);
  EXPECT_EQ(success.status, 307);
  EXPECT_EQ(Header(success, "Location"), "../_/#/auth/oauth2-redirect-success");
  EXPECT_EQ(failure.status, 303);
  EXPECT_EQ(Header(failure, "Location"), "../_/#/auth/oauth2-redirect-failure");
}

TEST(OAuth2End, SaysItItselfWithoutADashboard) {
  const HttpResponse success = OAuth2End("GET", true, false), failure = OAuth2End("POST", false, false);
  EXPECT_EQ(success.status, 200);
  EXPECT_EQ(success.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(success.body, "Auth completed. You can close this window and go back to the app.");
  EXPECT_EQ(failure.status, 200);
  EXPECT_EQ(failure.content_type, "text/plain; charset=utf-8");
  EXPECT_EQ(failure.body, "Failed to authenticate. You can close this window and go back to the app to try again.");
}

TEST(DashboardAssets, AreInTheOrderThatTheyAreLookedUpIn) {
  const auto assets = DashboardAssets();
  for (std::size_t i = 1; i < assets.size(); ++i) EXPECT_LT(assets[i - 1].path, assets[i].path);
  for (const auto& asset : assets) EXPECT_FALSE(asset.content.empty()) << asset.path;
}

}  // namespace
}  // namespace wombat

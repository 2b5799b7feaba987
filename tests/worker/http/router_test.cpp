#include "worker/http/router.h"

#include <gtest/gtest.h>

#include <string>

#include "worker/http/redirect.h"

namespace wombat {
namespace {

Router<std::string> Routes() {
  Router<std::string> router;
  for (const char* route :
       {"GET /api/health", "GET /api/collections/{collection}/records", "POST /api/collections/{collection}/records",
        "GET /api/collections/{collection}/records/{id}", "GET /api/collections/meta/scaffolds",
        "GET /api/collections/{c}", "PATCH /api/collections/{c}", "POST /api/batch", "GET /_/{path...}",
        "GET /_/extensions.js", "/any/{x}", "POST /any/{x}", "GET /{path...}"}) {
    EXPECT_TRUE(router.Add(route, route)) << route;
  }
  return router;
}

std::string Find(const Router<std::string>& router, const char* method, const char* path) {
  RouteMatch match;
  const auto* route = router.Find(method, path, match);
  return route ? *route : "";
}

TEST(Router, PrefersLiteralsToWildcards) {
  const auto router = Routes();
  EXPECT_EQ(Find(router, "GET", "/api/collections/meta/scaffolds"), "GET /api/collections/meta/scaffolds");
  EXPECT_EQ(Find(router, "GET", "/api/collections/meta/records"), "GET /api/collections/{collection}/records");
  EXPECT_EQ(Find(router, "GET", "/_/extensions.js"), "GET /_/extensions.js");
  EXPECT_EQ(Find(router, "GET", "/_/other.js"), "GET /_/{path...}");
}

TEST(Router, PrefersARouteOfTheMethodToOneOfAllMethods) {
  const auto router = Routes();
  EXPECT_EQ(Find(router, "POST", "/any/1"), "POST /any/{x}");
  EXPECT_EQ(Find(router, "PUT", "/any/1"), "/any/{x}");
  EXPECT_EQ(Find(router, "GET", "/any/1"), "/any/{x}");
}

TEST(Router, ServesHeadByGetRoutes) { EXPECT_EQ(Find(Routes(), "HEAD", "/api/health"), "GET /api/health"); }

TEST(Router, FindsNothingForAKnownPathWithAnotherMethod) {
  const auto router = Routes();
  EXPECT_EQ(Find(router, "POST", "/api/health"), "");
  EXPECT_EQ(Find(router, "get", "/api/health"), "");
  EXPECT_EQ(Find(router, "DELETE", "/api/batch"), "");
}

TEST(Router, GivesTheRestOfThePathToACatchAll) {
  const auto router = Routes();
  RouteMatch match;
  ASSERT_TRUE(router.Find("GET", "/a/b%20c/", match));
  EXPECT_EQ(match.Parameter("path"), "a/b c/");
  ASSERT_TRUE(router.Find("GET", "/", match));
  EXPECT_EQ(match.Parameter("path"), "");
  EXPECT_EQ(Find(router, "GET", "/_"), "GET /{path...}");
  EXPECT_EQ(Find(router, "GET", "/_/"), "GET /_/{path...}");
}

TEST(Router, NeverMatchesAnEmptySegmentWithAWildcard) {
  const auto router = Routes();
  EXPECT_EQ(Find(router, "POST", "/api/collections//records"), "");
  EXPECT_EQ(Find(router, "GET", "/api/collections/x/records/"), "GET /{path...}");
  EXPECT_EQ(Find(router, "PATCH", "/api/collections/"), "");
}

TEST(Router, MatchesEscapedSegmentsAndDecodesThemAfterwards) {
  const auto router = Routes();
  RouteMatch match;
  const auto* route = router.Find("GET", "/api/collections/a%2Fb/records/c%20d+", match);
  ASSERT_TRUE(route);
  EXPECT_EQ(match.Parameter("collection"), "a/b");
  EXPECT_EQ(match.Parameter("id"), "c d+");
  EXPECT_EQ(match.Escaped("id"), "c%20d+");
  EXPECT_EQ(match.Parameter("other"), "");
  EXPECT_EQ(match.pattern(), "/api/collections/{collection}/records/{id}");
}

TEST(Router, RefusesRoutesThatCannotBeTold) {
  Router<int> router;
  EXPECT_TRUE(router.Add("GET /a/{x}", 1));
  EXPECT_FALSE(router.Add("GET /a/{y}", 2));
  EXPECT_FALSE(router.Add("GET a", 3));
  EXPECT_FALSE(router.Add("GET /{rest...}/b", 4));
  EXPECT_FALSE(router.Add("/{1}/{2}/{3}/{4}/{5}/{6}/{7}/{8}/{9}", 5));
}

std::string Location(const char* method, const char* path, const char* query = nullptr) {
  HttpRequest request;
  request.method = method;
  request.path = path;
  const std::string target = std::string(path) + (query ? "?" + std::string(query) : "");
  request.target = target;
  if (query) request.query = query;
  const auto response = CleanPathRedirect(request);
  if (!response) return "";
  EXPECT_EQ(response->status, 307);
  return response->headers.front().second;
}

TEST(CleanPathRedirect, NamesTheCleanedPathWithTheSameQuery) {
  EXPECT_EQ(Location("GET", "//x"), "/x");
  EXPECT_EQ(Location("GET", "/a/../b/./c//d"), "/b/c/d");
  EXPECT_EQ(Location("GET", "/x/.."), "/");
  EXPECT_EQ(Location("GET", "/./x/"), "/x/");
  EXPECT_EQ(Location("POST", "/api//batch", "a=1&<b>"), "/api/batch?a=1&<b>");
  EXPECT_EQ(Location("GET", "/../../.."), "/");
}

TEST(CleanPathRedirect, LeavesCleanPathsAndConnectAlone) {
  EXPECT_EQ(Location("GET", "/"), "");
  EXPECT_EQ(Location("GET", "/a/b/"), "");
  EXPECT_EQ(Location("GET", "/..a/.b/..."), "");
  EXPECT_EQ(Location("GET", "/%2e%2e/x"), "");
  EXPECT_EQ(Location("CONNECT", "//x"), "");
}

TEST(CleanPathRedirect, EscapesLikeTheReference) {
  EXPECT_EQ(Location("GET", "/a%2f%2fb//c"), "/a%252f%252fb/c");
  EXPECT_EQ(Location("GET", "/\"x\"//y"), "/%2522x%2522/y");
  EXPECT_EQ(Location("GET", "/x(1)//y[1]"), "/x%281%29/y%5B1%5D");
  EXPECT_EQ(Location("GET", "/\\evil.test/%2e%2e"), "/");
}

TEST(CleanPathRedirect, HasABodyForGetAndItsTypeForHead) {
  HttpRequest request;
  request.path = request.target = "//a&b";
  request.method = "GET";
  auto response = CleanPathRedirect(request);
  EXPECT_EQ(response->body, "<a href=\"/a&amp;b\">Temporary Redirect</a>.\n\n");
  EXPECT_EQ(response->content_type, "text/html; charset=utf-8");
  request.method = "HEAD";
  response = CleanPathRedirect(request);
  EXPECT_EQ(response->body, "");
  EXPECT_EQ(response->content_type, "text/html; charset=utf-8");
  request.method = "PUT";
  response = CleanPathRedirect(request);
  EXPECT_EQ(response->body + response->content_type, "");
}

TEST(SubtreeRedirect, AddsTheSlashAndKeepsTheQuery) {
  HttpRequest request;
  request.method = "GET";
  request.path = "/_";
  request.target = "/_?a=1";
  request.query = "a=1";
  EXPECT_EQ(SubtreeRedirect(request).headers.front().second, "/_/?a=1");
}

}  // namespace
}  // namespace wombat

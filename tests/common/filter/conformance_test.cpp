// The table of spec 03 §14, row by row, against real SQLite.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <ostream>

#include "common/filter/macros.h"
#include "tests/common/filter/world.h"

namespace wombat::filter_test {
namespace {

struct Row {
  int number;
  const char* expression;
  const char* matches;  // ids in ascending order
};

std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.number << ": " << row.expression; }

constexpr const char* kAll = "a b c d";

constexpr Row kRules[] = {
    {1, "title = 'Red fox'", "a"},
    {2, "title != 'Red fox'", "b c d"},
    {3, "title = ''", "d"},
    {3, "title = null", "d"},
    {4, "title != null", "a b c"},
    {5, "title = kind", "d"},
    {6, "title != kind", "a b c"},
    {7, "'' = null", kAll},
    {8, "null = 0", ""},
    {9, "0 = false", kAll},
    {10, "TRUE = true", kAll},
    {11, "'a' = 'A'", ""},
    {12, "total = 0", "b"},
    {13, "total = ''", ""},
    {14, "total = '10'", "a"},
    {15, "title > 5", "a b c"},
    {16, "active = true", "a c"},
    {17, "active != true", "b d"},
    {18, "active = 'true'", ""},
    {19, "title ~ 'FOX'", "a"},
    {20, "title ~ 'red%'", "a"},
    {21, R"(title ~ "50\\%")", "b"},
    {22, "title ~ 'snake_'", "c"},
    {23, "title ~ '%_case'", "c"},
    {24, "title !~ 'o'", "c d"},
    {25, "title ~ ''", kAll},
    {26, "title !~ null", ""},
    {27, "total ~ 5", "c"},
    {28, "'a news item' ~ kind", "a b d"},
    {29, "title:lower = 'red fox'", "a"},
    {30, "title:length = 1", ""},
    {31, "tags ~ 'x'", "a b"},
    {32, "tags = 'x'", ""},
    {32, "tags = ''", ""},
    {33, "tags:length = 0", "c"},
    {34, "tags:length > 1", "a d"},
    {35, "kind:length = 0", "b d"},
    {36, "tags:each = 'x'", "b"},
    {37, "tags:each ?= 'x'", "a b"},
    {38, "tags:each != 'x'", "c d"},
    {39, "tags:each ?!= 'x'", "a c d"},
    {40, "tags:each != ''", "a b d"},
    {41, "tags:each = ''", "c"},
    {42, "docs:each ?~ '%.png'", "a"},
    {43, "kind:each = 'news'", "a"},
    {44, "meta = null", "b c"},
    {45, "meta = ''", "d"},
    {46, "meta.n = 1", "a"},
    {47, "meta.n = '1'", ""},
    {47, "meta.s = 1", ""},
    {48, "meta.n != 1", "b c d"},
    {49, "meta.f = true", "a"},
    {50, "meta.z = null", kAll},
    {51, "meta.arr.1.k = 'v'", "a"},
    {52, "spot = ''", ""},
    {53, "spot.lon = 0", "b d"},
    {54, "geoDistance(spot.lon, spot.lat, 23.3, 42.7) < 25", "a"},
    {55, "geoDistance(spot.lon, spot.lat, null, 1) < 25", ""},
    {56, "strftime('%Y-%m', published) = '2026-03'", "a"},
    {57, "strftime('%Y', published) = @year", ""},
    {58, "strftime('%Y', published) = ''", "c"},
    {59, "strftime('%Y', published, '+1 day') = '2026'", "a b d"},
    {60, "strftime('%Y', published) != '2026'", "c d"},
    {61, "published > @todayStart", "a"},
    {62, "published < @monthStart && published != ''", "b d"},
    {63, "published = '2026-03-10T08:00:00.000Z'", ""},
    {64, "author.name = 'Ann'", "a"},
    {65, "author.name != 'Ann'", "b c d"},
    {66, "author.name = ''", "c d"},
    {67, "author.id = 'gone'", "d"},
    {68, "author.boss.name = 'Ann'", "b"},
    {69, "parent.parent.id = 'a'", "d"},
    {70, "editors.name = 'Ann'", "d"},
    {71, "editors.name ?= 'Ann'", "a b d"},
    {72, "editors.name != 'Ann'", "c"},
    {73, "editors.name ?!= 'Ann'", kAll},
    {74, "editors.name = ''", "c"},
    {75, "editors.name != ''", "a b"},
    {76, "editors.name:lower = 'ann'", "a d"},
    {77, "editors.id ?= 'p2'", "b"},
    {78, "editors.verified = true", "a d"},
    {79, "editors.name !~ 'bob'", "a d"},
    {80, "notes_via_post.body = 'ok'", "b"},
    {81, "notes_via_post.body ?= 'ok'", "a b"},
    {82, "notes_via_post.body != 'bad'", "b c d"},
    {83, "notes_via_post.id = ''", "c d"},
    {84, "notes_via_post.body ?= 'ok' && notes_via_post.id ?= 'n2'", ""},
    {85, "notes_via_post.body ?= 'bad' && notes_via_post.id ?= 'n2'", "a"},
    {86, "stats_via_post.views > 50", "a"},
    {87, "stats_via_post.views = ''", "c d"},
    {88, "packs_via_items.label = 'gold'", "a"},
    {89, "packs_via_items.label ?= 'gold'", "a b"},
    {90, "@collection.notes.post ?= id", "a b"},
    {91, "@collection.notes.post ?= id && @collection.notes.body ?= 'bad'", "a"},
    {92, "@collection.notes.post ?= id && @collection.notes:n2.body ?= 'bad'", "a b"},
    {93, "@collection.notes.body = 'ok'", ""},
    {94, "@collection.notes.body != 'zzz'", kAll},
    {95, "editors.name = author.name", "c"},
    {96, "editors.name ?= author.name", kAll},
    {97, "id='a' || id='b' && id='z'", "a"},
    {98, "(id='a' || id='b') && id='b'", "b"},
    {99, "// lead\nid = 'a' // tail", "a"},
};

Timestamp NoonOfTheFixture() {
  return Timestamp(std::chrono::sys_days(std::chrono::year(2026) / 3 / 10)) + std::chrono::hours(12);
}

class Rules : public testing::TestWithParam<Row> {
 protected:
  void SetUp() override { filter::TEST_SetMacroClock(&NoonOfTheFixture); }
  void TearDown() override { filter::TEST_SetMacroClock(nullptr); }
};

TEST_P(Rules, MatchTheRecordsOfTheTable) {
  EXPECT_EQ(TheWorld().RuleMatches("posts", GetParam().expression, Guest()), GetParam().matches);
}

INSTANTIATE_TEST_SUITE_P(Conformance, Rules, testing::ValuesIn(kRules));

struct RequestRow {
  int number;
  const char* expression;
  const char* auth;  // "" for a guest
  const char* body;  // JSON
  const char* matches;
};

std::ostream& operator<<(std::ostream& out, const RequestRow& row) {
  return out << row.number << ": " << row.expression;
}

constexpr RequestRow kRequestRules[] = {
    {100, "author = @request.auth.id", "p1", "{}", "a"},
    {100, "author = @request.auth.id", "", "{}", "c"},
    {101, "@request.auth.id != ''", "p1", "{}", kAll},
    {101, "@request.auth.id != ''", "", "{}", ""},
    {102, "@request.auth.role != 'lead'", "p1", "{}", ""},
    {102, "@request.auth.role != 'lead'", "", "{}", kAll},
    {103, "@request.auth.nope = ''", "p1", "{}", kAll},
    {103, "@request.auth.nope = ''", "", "{}", kAll},
    {104, "@request.auth.verified = false", "", "{}", ""},
    {105, "@request.auth.posts_via_author.id ?= id", "p1", "{}", "a"},
    {106, "@request.query.q = 7", "", "{}", ""},
    {106, "@request.query.q = '7'", "", "{}", kAll},
    {107, "@request.query.total = 10", "", "{}", kAll},
    {108, "@request.query.nope:isset = false", "", "{}", kAll},
    {109, "@request.headers.x_key:lower = 'k'", "", "{}", kAll},
    {110, "@request.body.title:changed = false", "", R"({"title":"Red fox"})", "a"},
    {111, "@request.body.active:changed = false", "", R"({"title":"Red fox"})", kAll},
    {112, "@request.body.nul:isset = true", "", R"({"nul":null})", kAll},
    {113, "@request.body.missing = false", "", "{}", ""},
    {113, "@request.body.missing != true", "", "{}", kAll},
    {114, "@request.body.tags = tags", "", R"({"tags":["x","y"]})", "a"},
    {115, "@request.body.tags:each ~ 'x'", "", R"({"tags":["x","y"]})", ""},
    {115, "@request.body.tags:each ?~ 'x'", "", R"({"tags":["x","y"]})", kAll},
    {116, "@request.body.tags:length = 2", "", R"({"tags":["x","y"]})", kAll},
    {117, "@request.body.editors.name:lower = 'ann'", "", R"({"editors":["p1","p3"]})", kAll},
    {118, "@request.body.parent.title = ''", "", "{}", kAll},
};

class RequestRules : public testing::TestWithParam<RequestRow> {};

TEST_P(RequestRules, MatchTheRecordsOfTheTable) {
  RequestInfo request = Guest();
  request.query = {{"q", "7"}, {"total", "10"}};
  request.headers = {{"X-Key", "K"}};
  request.body = *ParseJson(GetParam().body);
  if (*GetParam().auth) request.auth = TheWorld().Person(GetParam().auth);
  EXPECT_EQ(TheWorld().RuleMatches("posts", GetParam().expression, request), GetParam().matches);
}

INSTANTIATE_TEST_SUITE_P(Conformance, RequestRules, testing::ValuesIn(kRequestRules));

struct ClientRow {
  int number;
  const char* collection;
  const char* filter;
  const char* matches;
};

std::ostream& operator<<(std::ostream& out, const ClientRow& row) { return out << row.number << ": " << row.filter; }

constexpr ClientRow kClientFilters[] = {
    {119, "posts", "author.name != 'zzz'", "a c d"}, {120, "posts", "author.id = 'p2'", "b"},
    {121, "posts", "editors.id ?= 'p2'", ""},        {122, "posts", "editors.name = 'Ann' || title ~ 'off'", "b d"},
    {123, "posts", "author.email ~ '@x.io'", "a"},   {124, "people", "email != ''", "p1 p3"},
};

class ClientFilters : public testing::TestWithParam<ClientRow> {};

TEST_P(ClientFilters, SeeOnlyWhatListRulesShow) {
  EXPECT_EQ(TheWorld().FilterMatches(GetParam().collection, GetParam().filter, Guest()), GetParam().matches);
}

INSTANTIATE_TEST_SUITE_P(Conformance, ClientFilters, testing::ValuesIn(kClientFilters));

TEST(Conformance, Row125AClientSortDropsRecordsWhoseRelationIsNotListable) {
  const std::string found = TheWorld().SortedBy("posts", "author.name", false);
  EXPECT_TRUE(found == "c d a" || found == "d c a") << found;
}

constexpr const char* kErrors[] = {
    "people_via_boss.id = ''",
    "notes_via_body.id = ''",
    "missing = 1",
    "author.title = 1",
    "title.x = 1",
    "author.name:foo = 1",
    "rowid = 1",
    "@rowid = 1",
    "collectionName = 'posts'",
    "@request.body.title:each = 'x'",
    "@request.body.missing:changed = false",
    "geoDistance('1',2,3,4) < 5",
    "geoDistance(1,2,3) < 5",
    "strftime(title) = ''",
    "foo(1) = 2",
    "title == 'a'",
    "title = 1.",
    "title = +1",
    "a & b",
    "id ?!@ 1",
    "title",
    "(id = 'a'",
};

class Refused : public testing::TestWithParam<const char*> {};

TEST_P(Refused, IsAnErrorForRulesAndClients) {
  EXPECT_TRUE(TheWorld().RuleMatches("posts", GetParam(), Guest()).starts_with("error: "));
  EXPECT_TRUE(TheWorld().FilterMatches("posts", GetParam(), Guest()).starts_with("error: "));
}

INSTANTIATE_TEST_SUITE_P(Conformance, Refused, testing::ValuesIn(kErrors));

TEST(Conformance, AHiddenFieldOfARelationIsRefusedToAClientButNotToARule) {
  EXPECT_EQ(TheWorld().FilterMatches("posts", "author.secret = 's1'", Guest()),
            R"(error: invalid left operand "author.secret" - non-filterable field "secret")");
  EXPECT_EQ(TheWorld().RuleMatches("posts", "author.secret = 's1'", Guest()), "a");
}

TEST(Conformance, ALockedCollectionIsRefusedToAClientButNotToARule) {
  EXPECT_EQ(TheWorld().FilterMatches("posts", "vault_via_post.code = 'x'", Guest()),
            "error: invalid left operand \"vault_via_post.code\" - \"vault\" fields can be accessed only when "
            "allowHiddenFields is enabled or by superusers");
  EXPECT_EQ(TheWorld().RuleMatches("posts", "vault_via_post.code = 'x'", Guest()), "a");
}

}  // namespace
}  // namespace wombat::filter_test

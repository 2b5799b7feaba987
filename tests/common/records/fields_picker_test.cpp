#include "common/records/fields_picker.h"

#include <gtest/gtest.h>

namespace wombat {
namespace {

constexpr std::string_view kRecord =
    R"({"id":"6unc2skxx8vvi6m","j":{"b":{"x":1,"y":[{"p":1,"q":2},{"p":3}]},"a":[1,2,{"z":1}],"a.b":5,"m":[{"a":1},2]},)"
    R"("n":9007199254740992,"title":"abc def"})";
// With its keys sorted, as everything that was picked from.
constexpr std::string_view kWhole =
    R"({"id":"6unc2skxx8vvi6m","j":{"a":[1,2,{"z":1}],"a.b":5,"b":{"x":1,"y":[{"p":1,"q":2},{"p":3}]},"m":[{"a":1},2]},)"
    R"("n":9007199254740992,"title":"abc def"})";
constexpr std::string_view kNothing = "(nothing)";  // a 200 without a body

struct Case {
  std::string_view fields;
  std::string_view answer;
};

// What the reference answers.
constexpr Case kOfARecord[] = {
    {R"(title)", R"({"title":"abc def"})"},
    {R"(title,n)", R"({"n":9007199254740992,"title":"abc def"})"},
    {R"(title.x)", R"({"title":"abc def"})"},
    {R"(TITLE)", R"({})"},
    {R"(title.)", R"({"title":"abc def"})"},
    {R"(.title)", R"({})"},
    {R"(title..x)", R"({"title":"abc def"})"},
    {R"(j.b.x)", R"({"j":{"b":{"x":1}}})"},
    {R"(j.b)", R"({"j":{"b":{"x":1,"y":[{"p":1,"q":2},{"p":3}]}}})"},
    {R"(j.b,j.b.x)", R"({"j":{"b":{"x":1,"y":[{"p":1,"q":2},{"p":3}]}}})"},
    {R"(j.b.y.p)", R"({"j":{"b":{"y":[{"p":1},{"p":3}]}}})"},
    {R"(j.b.y.0)", R"({"j":{"b":{"y":[{},{}]}}})"},
    {R"(j.a)", R"({"j":{"a":[1,2,{"z":1}]}})"},
    {R"(j.a.z)", R"({"j":{"a":[1,2,{"z":1}]}})"},
    {R"(j.a.b)", R"({"j":{"a":[1,2,{"z":1}],"a.b":5}})"},
    {R"(j.*)", R"({"j":{"a":[1,2,{"z":1}],"a.b":5,"b":{"x":1,"y":[{"p":1,"q":2},{"p":3}]},"m":[{"a":1},2]}})"},
    {R"(*)", kWhole},
    {R"(*,title)", kWhole},
    {R"(*.x)", R"({})"},
    {R"(j.*,title)",
     R"({"j":{"a":[1,2,{"z":1}],"a.b":5,"b":{"x":1,"y":[{"p":1,"q":2},{"p":3}]},"m":[{"a":1},2]},"title":"abc def"})"},
    {R"(j.b.*.p)", R"({"j":{"b":{}}})"},
    {R"(j.m.a)", kNothing},
    {R"(j.m)", R"({"j":{"m":[{"a":1},2]}})"},
    {R"(,)", kWhole},
    {R"(  )", kWhole},
    {R"( title , n )", R"({"n":9007199254740992,"title":"abc def"})"},
    {R"(title:excerpt(3))", R"({"title":"abc"})"},
    {R"(title :excerpt(3))", R"({})"},
    {R"("title")", R"({})"},
    {R"(title")", kNothing},
    {R"(title))", R"({})"},
    {R"(title()", kNothing},
    {R"((title,n))", R"({})"},
    {R"(title\")", R"({})"},
    {R"(title\,n)", R"({"n":9007199254740992})"},
    {R"(j.b.y.*,j.b.*)", R"({"j":{"b":{"x":1,"y":[{"p":1,"q":2},{"p":3}]}}})"},
    {R"(title:excerpt(3),title)", R"({"title":"abc def"})"},
    {R"(title,title:excerpt(3))", R"({"title":"abc"})"},
    {R"(title:excerpt(3):x)", R"({"title":"abc"})"},
    {R"(title: excerpt(3))", R"({"title":"abc"})"},
    {R"(title:excerpt(3,true))", R"({"title":"abc..."})"},
    {R"(title:)", kNothing},
};

constexpr Case kOfAList[] = {
    {R"(id)",
     R"({"items":[{"id":"6unc2skxx8vvi6m"},{"id":"6unc2skxx8vvi6m"}],"page":1,"perPage":30,"totalItems":2,"totalPages":1})"},
    {R"(items)", R"({"items":[{},{}],"page":1,"perPage":30,"totalItems":2,"totalPages":1})"},
    {R"(items.id)", R"({"items":[{},{}],"page":1,"perPage":30,"totalItems":2,"totalPages":1})"},
    {R"(page)", R"({"items":[{},{}],"page":1,"perPage":30,"totalItems":2,"totalPages":1})"},
    {R"(n)",
     R"({"items":[{"n":9007199254740992},{"n":9007199254740992}],"page":1,"perPage":30,"totalItems":2,"totalPages":1})"},
    {R"(n,x)",
     R"({"items":[{"n":9007199254740992},{"n":9007199254740992}],"page":1,"perPage":30,"totalItems":2,"totalPages":1})"},
};

TEST(PickFields, PicksFromARecordWhatTheReferencePicks) {
  for (const Case& c : kOfARecord) EXPECT_EQ(PickFields(kRecord, c.fields).value_or("(nothing)"), c.answer) << c.fields;
}

TEST(PickFields, PicksFromTheItemsOfAListAndKeepsItsCounters) {
  const std::string list = R"({"items":[)" + std::string(kRecord) + "," + std::string(kRecord) +
                           R"(],"page":1,"perPage":30,"totalItems":2,"totalPages":1})";
  for (const Case& c : kOfAList) EXPECT_EQ(PickFields(list, c.fields).value_or("(nothing)"), c.answer) << c.fields;
}

TEST(PickFields, AppliesAWildcardsModifierToEveryKey) {
  EXPECT_EQ(PickFields(R"({"a":"abcdef","b":"xyz12","c":5})", "*:excerpt(3),b"), R"({"a":"abc","b":"xyz12","c":5})");
}

TEST(PickFields, PicksFromEveryElementOfAnArray) {
  EXPECT_EQ(PickFields(R"([{"body":{"id":"1","x":2},"status":200},{"body":null,"status":204}])", "body.id"),
            R"([{"body":{"id":"1"}},{"body":null}])");
}

TEST(PickFields, ReadsTheArgumentsOfExcerptAsLooselyAsTheReference) {
  const auto excerpt = [](std::string_view arguments) {
    return PickFields(R"({"t":"hello world this is"})", "t:excerpt" + std::string(arguments)).value_or("(nothing)");
  };
  for (const char* five :
       {"(5)", "(+5)", "(5.5)", "(5.)", "(0x5)", "(05)", "(0b101)", "(5,yes)", "(5))", "((5))", " 5 false"}) {
    EXPECT_EQ(excerpt(five), R"({"t":"hello"})") << five;
  }
  for (const char* five : {"(5,t)", "(5,TRUE)", "(5, 1)", " 5 true"})
    EXPECT_EQ(excerpt(five), R"({"t":"hello..."})") << five;
  for (const char* bad :
       {"", "()", "(0)", "(-5)", "(5", "('5')", "(5e0)", "(08)", "(5,true,1)", "(99999999999999999999)"}) {
    EXPECT_EQ(excerpt(bad), "(nothing)") << bad;
  }
}

TEST(PickFields, KeepsTheFinalLineEnd) { EXPECT_EQ(PickFields("{\"a\":1,\"b\":2}\n", "a"), "{\"a\":1}\n"); }

}  // namespace
}  // namespace wombat

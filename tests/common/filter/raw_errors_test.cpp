// The raw texts that rule validation shows (spec 03 §1.4, §2, §4, §5, §12), as the reference writes them.
#include <gtest/gtest.h>

#include <ostream>

#include "tests/common/filter/world.h"

namespace wombat::filter_test {
namespace {

struct Row {
  const char* rule;
  const char* error;           // "" when the rule is accepted
};

std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.rule; }

constexpr Row kLexer[] = {
    {"--3 = 1", R"(invalid number "-")"},
    {"- 3 = 1", R"(invalid number "-")"},
    {"1..2 = 1", R"(invalid number "1.")"},
    {"1.2.3 = 1", "unexpected character '.'"},
    {"-1.= 1", R"(invalid number "-1.")"},
    {"-. = 1", R"(invalid number "-.")"},
    {"id = 1_0", R"(expected && or ||, got "_0" (identifier))"},
    {"id = 0x0A", R"(expected && or ||, got "x0A" (identifier))"},
    {".5 = 1", "unexpected character '.'"},
    {"id = +1", "unexpected character '+'"},
    {"id.=1", R"(invalid identifier "id.")"},
    {"id:=1", R"(invalid identifier "id:")"},
    {"_=1", R"(invalid identifier "_")"},
    {"@ =1", R"(invalid identifier "@")"},
    {"#=1", R"(invalid identifier "#")"},
    {"_(1)=1", R"(invalid function name "_")"},
    {"a.(1)=1", R"(invalid function name "a.")"},
    {"'a = 1", R"(invalid quoted text "'a = 1")"},
    {"\"a = 'b", R"(invalid quoted text "\"a = 'b")"},
    {"id = 'a\\x", R"(invalid quoted text "'a\\x")"},
    {"id == 1", R"(invalid sign operator "==")"},
    {"id <> 1", R"(invalid sign operator "<>")"},
    {"id =  & 1", R"(invalid join operator "&")"},
    {"id = 1 &| id=1", R"(invalid join operator "&|")"},
    {"((id = 1", "invalid formatted group - missing 2 closing bracket(s)"},
    {"(id = 1", "invalid formatted group - missing 1 closing bracket(s)"},
    {"(id = '1)", R"(invalid quoted text "'1)")"},
    {"(id = 1))", "unexpected character ')'"},
    {"/* x */ id = 1", "invalid comment"},
    {"id = / 1", "invalid comment"},
    {"id = \xC3\xA9", "unexpected character '\xC3\xA9'"},
    {"id = \xC2\xA0", R"(unexpected character '\u00a0')"},
    {"\xEF\xBB\xBFid = 1", R"(unexpected character '\ufeff')"},
    {"id\r = 1", R"(unexpected character '\r')"},
    {"id \x01 = 1", R"(unexpected character '\x01')"},
    {"id = \\'", R"(unexpected character '\\')"},
    {"id = \"\a \\\\ \xC3\xA9", "invalid quoted text \"\\\"\\a \\\\\\\\ \xC3\xA9\""},
};

constexpr Row kParser[] = {
    {"  ", "empty filter expression"},
    {"// x", "empty filter expression"},
    {"()", "empty filter expression"},
    {"(id = 1) && ()", "empty filter expression"},
    {"id", "invalid or incomplete filter expression"},
    {"id =", "invalid or incomplete filter expression"},
    {"id = 1 &&", "invalid or incomplete filter expression"},
    {"(id = 1 &&)", "invalid or incomplete filter expression"},
    {"&& id=1", R"(expected left operand (identifier, function, text or number), got "&&" (join))"},
    {"= id", R"(expected left operand (identifier, function, text or number), got "=" (sign))"},
    {"id 2", R"(expected a sign operator, got "2" (number))"},
    {"id 'x\"y'", R"(expected a sign operator, got "x\"y" (text))"},
    {"id foo(1)", R"(expected a sign operator, got "foo" (function))"},
    {"id = =", R"(expected right operand (identifier, function text or number), got "=" (sign))"},
    {"id = 'a' id", R"(expected && or ||, got "id" (identifier))"},
    {"id = 'a' 'it\\'s'", R"(expected && or ||, got "it's" (text))"},
    {"(id=1)(id=2)", ""},
    {"nosuch (id=1)", ""},
    {"nosuch = (id=1)", ""},
};

constexpr Row kFunctionTokens[] = {
    {"f(1 2)=1", R"(expected comma after the last argument in function "f")"},
    {"f(1a)=1", R"(expected comma after the last argument in function "f")"},
    {"f(1,,2)=1", R"(unexpected comma in function "f")"},
    {"f(,1)=1", R"(unexpected comma in function "f")"},
    {"f(1,2,)=1", R"(invalid left operand "f" - unknown function "f")"},
    {"geoDistance(1,2,3,4,)=1", ""},
    {"geoDistance(1, // one\n 2,3,4)=1", ""},
    {"f(1 /* */,2)=1", R"(failed to scan comment in function "f": invalid comment)"},
    {"f(1 // x", R"x(invalid or incomplete function "f" (expected ')'))x"},
    {"f(1,", R"x(invalid or incomplete function "f" (expected ')'))x"},
    {"f(*)=1", R"(unsupported argument character '*' in function "f")"},
    {"f((1))=1", R"(unsupported argument character '(' in function "f")"},
    {"f(1.)=1", R"(invalid number argument "1." in function "f": invalid number "1.")"},
    {"f(x.)=1", R"(invalid identifier argument "x." in function "f": invalid identifier "x.")"},
    {"f('a)=1", R"x(invalid text argument "'a)=1" in function "f": invalid quoted text "'a)=1")x"},
    {"f(g.(1))=1", R"(invalid identifier argument "g." in function "f": invalid function name "g.")"},
    {"f(g(*))=1", R"(invalid identifier argument "g" in function "f": unsupported argument character '*' in function "g")"},
    {"f(g(h(1)))=1", R"(invalid left operand "f" - unknown function "f")"},
    {"f(g(h(i(1))))=1",
     R"(invalid identifier argument "g" in function "f": invalid identifier argument "h" in function "g": )"
     R"(invalid identifier argument "i" in function "h": max nested function arguments reached (max: 3))"},
};

constexpr Row kFunctions[] = {
    {"title = foo(1)", R"(invalid right operand "foo" - unknown function "foo")"},
    {"geoDistance(1,2,3) < 5", R"(invalid left operand "geoDistance" - [geoDistance] expected 4 arguments, got 3)"},
    {"geoDistance(1,2,3,'4') < 5",
     R"(invalid left operand "geoDistance" - [geoDistance] argument 3 must be an identifier or number)"},
    {"geoDistance(missing,2,3,4) < 5",
     R"(invalid left operand "geoDistance" - [geoDistance] failed to resolve argument 0: unknown field "missing")"},
    {"strftime() = ''", R"(invalid left operand "strftime" - [strftime] expected at least 1 arguments, got 0)"},
    {"strftime(title) = ''",
     R"(invalid left operand "strftime" - [strftime] expects the first argument to be a format string)"},
    {"strftime('%Y', strftime('%Y')) = ''",
     R"(invalid left operand "strftime" - [strftime] expects the second argument to be of a valid time-value type)"},
    {"strftime('%Y', published, 'utc', title) = ''",
     R"(invalid left operand "strftime" - [strftime] invalid modifier argument 1 - can be only string)"},
    {"strftime('%Y', missing) = ''",
     R"(invalid left operand "strftime" - [strftime] failed to resolve time-value argument: unknown field "missing")"},
    {"strftime('%Y',published,'1','2','3','4','5','6','7','8','9')=''",
     R"x(invalid left operand "strftime" - [strftime] too many arguments (max allowed 10, got 11))x"},
};

constexpr Row kFields[] = {
    {"missing = 123", R"(invalid left operand "missing" - unknown field "missing")"},
    {"'x' = missing", R"(invalid right operand "missing" - unknown field "missing")"},
    {"#a=1", R"(invalid left operand "#a" - failed to resolve field "#a")"},
    {"title:foo = 1", R"(invalid left operand "title:foo" - unknown modifier in "title:foo")"},
    {"title.x = 1", R"(invalid left operand "title.x" - field "title" is not a valid relation)"},
    {"author.missing.x = 1", R"(invalid left operand "author.missing.x" - failed to resolve field "missing")"},
    {"author.name:foo = 1", R"(invalid left operand "author.name:foo" - unknown modifier in "name:foo")"},
    {"author:lower.name = 1", R"(invalid left operand "author:lower.name" - failed to resolve field "author:lower")"},
    {"id:lower:length = 1", R"(invalid left operand "id:lower:length" - unknown field "id:lower:length")"},
    {"notes_via_post = 1", R"(invalid left operand "notes_via_post" - unknown field "notes_via_post")"},
    {"nope_via_post.id = 1",
     R"(invalid left operand "nope_via_post.id" - failed to load back relation field "nope_via_post" collection)"},
    {"notes_via_nope.id = 1", R"(invalid left operand "notes_via_nope.id" - missing back relation field "nope")"},
    {"notes_via_body.id = 1", R"(invalid left operand "notes_via_body.id" - invalid back relation field "body")"},
    {"people_via_boss.id = 1",
     R"(invalid left operand "people_via_boss.id" - invalid collection reference of a back relation field "boss")"},
    {"NOTES_via_post.id = 1", ""},
    {"notes_via_POST.id = 1", R"(invalid left operand "notes_via_POST.id" - missing back relation field "POST")"},
    {"notes_VIA_post.id = 1", R"(invalid left operand "notes_VIA_post.id" - failed to resolve field "notes_VIA_post")"},
    {"parent.parent.parent.parent.parent.parent.title = 1", ""},
    {"parent.parent.parent.parent.parent.parent.parent = 1", ""},
    {"parent.parent.parent.parent.parent.parent.meta.a.b.c = 1", ""},
    {"parent.parent.parent.parent.parent.parent.parent.id = 1",
     R"(invalid left operand "parent.parent.parent.parent.parent.parent.parent.id" - )"
     R"(max nested relations reached for field "parent")"},
    {"parent.parent.parent.parent.parent.parent.missing.x = 1",
     R"(invalid left operand "parent.parent.parent.parent.parent.parent.missing.x" - )"
     R"(max nested relations reached for field "missing")"},
    {"rowid = 1", R"(invalid left operand "rowid" - unknown field "rowid")"},
    {"@rowid = 1", R"(invalid left operand "@rowid" - failed to resolve field "@rowid")"},
    {"@now:lower = 1", R"(invalid left operand "@now:lower" - failed to resolve field "@now:lower")"},
    {"NULL = nUll", ""},
};

constexpr Row kRequest[] = {
    {"@request = 1", R"(invalid left operand "@request" - failed to resolve field "@request")"},
    {"@request.foo.x = 1", R"(invalid left operand "@request.foo.x" - failed to resolve field "@request.foo.x")"},
    {"@request.auth = 1", R"(invalid left operand "@request.auth" - failed to resolve field "@request.auth")"},
    {"@request.auth.x:foo = 1", ""},
    {"@request.auth..x = 1", ""},
    {"@request.body.title:foo = 1", R"(invalid left operand "@request.body.title:foo" - unknown modifier in "title:foo")"},
    {"@request.body.missing:changed = 1",
     R"(invalid left operand "@request.body.missing:changed" - invalid modifier sequence missing:changed)"},
    {"@request.body.missing.x:each = 1",
     R"(invalid left operand "@request.body.missing.x:each" - invalid modifier sequence x:each)"},
    {"@request.body.title:length = 1",
     R"(invalid left operand "@request.body.title:length" - field "title" doesn't support multivalue operations)"},
    {"@request.body.tags:each.x = 1", ""},
    {"@request.body.tags:foo.x = 1", R"(invalid left operand "@request.body.tags:foo.x" - unknown modifier in "tags:foo")"},
    {"@request.body.author:each.name = 1", ""},
    {"@request.body.tags.0:each = 1", R"(invalid left operand "@request.body.tags.0:each" - invalid modifier sequence 0:each)"},
    {"@request.body.title:isset:lower = 1", ""},
    {"@request.query.q:each = 1", R"(invalid left operand "@request.query.q:each" - invalid modifier sequence q:each)"},
    {"@request.headers.x.y:length = 1",
     R"(invalid left operand "@request.headers.x.y:length" - invalid modifier sequence y:length)"},
    {"@request.context:lower = 1",
     R"(invalid left operand "@request.context:lower" - failed to resolve field "@request.context:lower")"},
    {"@request.method.x = 1", R"(invalid left operand "@request.method.x" - failed to resolve field "@request.method.x")"},
    {"@collection.notes = 1", R"(invalid left operand "@collection.notes" - failed to resolve field "@collection.notes")"},
    {"@collection.NOTES.id = 1", ""},
    {"@collection.nope:a.id = 1",
     R"(invalid left operand "@collection.nope:a.id" - failed to load collection "nope:a" from field path "@collection.nope:a.id")"},
    {"@collection.notes:a:b.id = 1",
     R"(invalid left operand "@collection.notes:a:b.id" - failed to resolve field "@collection.notes:a:b.id")"},
    {"@collection.notes.nope = 1", R"(invalid left operand "@collection.notes.nope" - unknown field "nope")"},
    {"@collection.notes..id = 1", R"(invalid left operand "@collection.notes..id" - failed to resolve field "")"},
};

class CheckedRule : public testing::TestWithParam<Row> {};

TEST_P(CheckedRule, SaysWhatTheReferenceSays) {
  const auto checked = CheckRule(TheWorld().schema(), TheWorld().collection("posts"), GetParam().rule);
  EXPECT_EQ(checked ? "" : checked.error().message, GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(Lexer, CheckedRule, testing::ValuesIn(kLexer));
INSTANTIATE_TEST_SUITE_P(Parser, CheckedRule, testing::ValuesIn(kParser));
INSTANTIATE_TEST_SUITE_P(FunctionTokens, CheckedRule, testing::ValuesIn(kFunctionTokens));
INSTANTIATE_TEST_SUITE_P(Functions, CheckedRule, testing::ValuesIn(kFunctions));
INSTANTIATE_TEST_SUITE_P(Fields, CheckedRule, testing::ValuesIn(kFields));
INSTANTIATE_TEST_SUITE_P(Request, CheckedRule, testing::ValuesIn(kRequest));

}  // namespace
}  // namespace wombat::filter_test

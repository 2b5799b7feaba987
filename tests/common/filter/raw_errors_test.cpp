// The raw texts that rule validation shows (spec 03 §1.4, §2, §4, §5, §12), as the reference writes them.
#include <gtest/gtest.h>

#include <ostream>

#include "tests/common/filter/world.h"

namespace wombat::filter_test {
namespace {

struct Row {
  const char* rule;
  const char* error;  // "" when the rule is accepted
};

std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.rule; }

constexpr Row kLexer[] = {
    {"--3 = 1", R"x(invalid number "-")x"},
    {"- 3 = 1", R"x(invalid number "-")x"},
    {"1..2 = 1", R"x(invalid number "1.")x"},
    {"1.2.3 = 1", "unexpected character '.'"},
    {"-1.= 1", R"x(invalid number "-1.")x"},
    {"-. = 1", R"x(invalid number "-.")x"},
    {"id = 1_0", R"x(expected && or ||, got "_0" (identifier))x"},
    {"id = 0x0A", R"x(expected && or ||, got "x0A" (identifier))x"},
    {".5 = 1", "unexpected character '.'"},
    {"id = +1", "unexpected character '+'"},
    {"id.=1", R"x(invalid identifier "id.")x"},
    {"id:=1", R"x(invalid identifier "id:")x"},
    {"_=1", R"x(invalid identifier "_")x"},
    {"@ =1", R"x(invalid identifier "@")x"},
    {"#=1", R"x(invalid identifier "#")x"},
    {"_(1)=1", R"x(invalid function name "_")x"},
    {"a.(1)=1", R"x(invalid function name "a.")x"},
    {"'a = 1", R"x(invalid quoted text "'a = 1")x"},
    {"\"a = 'b", R"x(invalid quoted text "\"a = 'b")x"},
    {"id = 'a\\x", R"x(invalid quoted text "'a\\x")x"},
    {"id == 1", R"x(invalid sign operator "==")x"},
    {"id <> 1", R"x(invalid sign operator "<>")x"},
    {"id =  & 1", R"x(invalid join operator "&")x"},
    {"id = 1 &| id=1", R"x(invalid join operator "&|")x"},
    {"((id = 1", "invalid formatted group - missing 2 closing bracket(s)"},
    {"(id = 1", "invalid formatted group - missing 1 closing bracket(s)"},
    {"(id = '1)", R"x(invalid quoted text "'1)")x"},
    {"(id = 1))", "unexpected character ')'"},
    {"/* x */ id = 1", "invalid comment"},
    {"id = / 1", "invalid comment"},
    {"id = \xC3\xA9", "unexpected character '\xC3\xA9'"},
    {"id = \xC2\xA0", R"x(unexpected character '\u00a0')x"},
    {"\xEF\xBB\xBFid = 1", R"x(unexpected character '\ufeff')x"},
    {"id\r = 1", R"x(unexpected character '\r')x"},
    {"id \x01 = 1", R"x(unexpected character '\x01')x"},
    {"id = \\'", R"x(unexpected character '\\')x"},
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
    {"&& id=1", R"x(expected left operand (identifier, function, text or number), got "&&" (join))x"},
    {"= id", R"x(expected left operand (identifier, function, text or number), got "=" (sign))x"},
    {"id 2", R"x(expected a sign operator, got "2" (number))x"},
    {"id 'x\"y'", R"x(expected a sign operator, got "x\"y" (text))x"},
    {"id foo(1)", R"x(expected a sign operator, got "foo" (function))x"},
    {"id = =", R"x(expected right operand (identifier, function text or number), got "=" (sign))x"},
    {"id = 'a' id", R"x(expected && or ||, got "id" (identifier))x"},
    {"id = 'a' 'it\\'s'", R"x(expected && or ||, got "it's" (text))x"},
    {"(id=1)(id=2)", ""},
    {"nosuch (id=1)", ""},
    {"nosuch = (id=1)", ""},
};

constexpr Row kFunctionTokens[] = {
    {"f(1 2)=1", R"x(expected comma after the last argument in function "f")x"},
    {"f(1a)=1", R"x(expected comma after the last argument in function "f")x"},
    {"f(1,,2)=1", R"x(unexpected comma in function "f")x"},
    {"f(,1)=1", R"x(unexpected comma in function "f")x"},
    {"f(1,2,)=1", R"x(invalid left operand "f" - unknown function "f")x"},
    {"geoDistance(1,2,3,4,)=1", ""},
    {"geoDistance(1, // one\n 2,3,4)=1", ""},
    {"f(1 /* */,2)=1", R"x(failed to scan comment in function "f": invalid comment)x"},
    {"f(1 // x", R"x(invalid or incomplete function "f" (expected ')'))x"},
    {"f(1,", R"x(invalid or incomplete function "f" (expected ')'))x"},
    {"f(*)=1", R"x(unsupported argument character '*' in function "f")x"},
    {"f((1))=1", R"x(unsupported argument character '(' in function "f")x"},
    {"f(1.)=1", R"x(invalid number argument "1." in function "f": invalid number "1.")x"},
    {"f(x.)=1", R"x(invalid identifier argument "x." in function "f": invalid identifier "x.")x"},
    {"f('a)=1", R"x(invalid text argument "'a)=1" in function "f": invalid quoted text "'a)=1")x"},
    {"f(g.(1))=1", R"x(invalid identifier argument "g." in function "f": invalid function name "g.")x"},
    {"f(g(*))=1",
     R"x(invalid identifier argument "g" in function "f": unsupported argument character '*' in function "g")x"},
    {"f(g(h(1)))=1", R"x(invalid left operand "f" - unknown function "f")x"},
    {"f(g(h(i(1))))=1",
     R"x(invalid identifier argument "g" in function "f": invalid identifier argument "h" in function "g": )x"
     R"x(invalid identifier argument "i" in function "h": max nested function arguments reached (max: 3))x"},
};

constexpr Row kFunctions[] = {
    {"title = foo(1)", R"x(invalid right operand "foo" - unknown function "foo")x"},
    {"geoDistance(1,2,3) < 5", R"x(invalid left operand "geoDistance" - [geoDistance] expected 4 arguments, got 3)x"},
    {"geoDistance(1,2,3,'4') < 5",
     R"x(invalid left operand "geoDistance" - [geoDistance] argument 3 must be an identifier or number)x"},
    {"geoDistance(missing,2,3,4) < 5",
     R"x(invalid left operand "geoDistance" - [geoDistance] failed to resolve argument 0: unknown field "missing")x"},
    {"strftime() = ''", R"x(invalid left operand "strftime" - [strftime] expected at least 1 arguments, got 0)x"},
    {"strftime(title) = ''",
     R"x(invalid left operand "strftime" - [strftime] expects the first argument to be a format string)x"},
    {"strftime('%Y', strftime('%Y')) = ''",
     R"x(invalid left operand "strftime" - [strftime] expects the second argument to be of a valid time-value type)x"},
    {"strftime('%Y', published, 'utc', title) = ''",
     R"x(invalid left operand "strftime" - [strftime] invalid modifier argument 1 - can be only string)x"},
    {"strftime('%Y', missing) = ''",
     R"x(invalid left operand "strftime" - [strftime] failed to resolve time-value argument: unknown field "missing")x"},
    {"strftime('%Y',published,'1','2','3','4','5','6','7','8','9')=''",
     R"x(invalid left operand "strftime" - [strftime] too many arguments (max allowed 10, got 11))x"},
};

constexpr Row kFields[] = {
    {"missing = 123", R"x(invalid left operand "missing" - unknown field "missing")x"},
    {"'x' = missing", R"x(invalid right operand "missing" - unknown field "missing")x"},
    {"#a=1", R"x(invalid left operand "#a" - failed to resolve field "#a")x"},
    {"title:foo = 1", R"x(invalid left operand "title:foo" - unknown modifier in "title:foo")x"},
    {"title.x = 1", R"x(invalid left operand "title.x" - field "title" is not a valid relation)x"},
    {"author.missing.x = 1", R"x(invalid left operand "author.missing.x" - failed to resolve field "missing")x"},
    {"author.name:foo = 1", R"x(invalid left operand "author.name:foo" - unknown modifier in "name:foo")x"},
    {"author:lower.name = 1", R"x(invalid left operand "author:lower.name" - failed to resolve field "author:lower")x"},
    {"id:lower:length = 1", R"x(invalid left operand "id:lower:length" - unknown field "id:lower:length")x"},
    {"notes_via_post = 1", R"x(invalid left operand "notes_via_post" - unknown field "notes_via_post")x"},
    {"nope_via_post.id = 1",
     R"x(invalid left operand "nope_via_post.id" - failed to load back relation field "nope_via_post" collection)x"},
    {"notes_via_nope.id = 1", R"x(invalid left operand "notes_via_nope.id" - missing back relation field "nope")x"},
    {"notes_via_body.id = 1", R"x(invalid left operand "notes_via_body.id" - invalid back relation field "body")x"},
    {"people_via_boss.id = 1",
     R"x(invalid left operand "people_via_boss.id" - invalid collection reference of a back relation field "boss")x"},
    {"NOTES_via_post.id = 1", ""},
    {"notes_via_POST.id = 1", R"x(invalid left operand "notes_via_POST.id" - missing back relation field "POST")x"},
    {"notes_VIA_post.id = 1",
     R"x(invalid left operand "notes_VIA_post.id" - failed to resolve field "notes_VIA_post")x"},
    {"parent.parent.parent.parent.parent.parent.title = 1", ""},
    {"parent.parent.parent.parent.parent.parent.parent = 1", ""},
    {"parent.parent.parent.parent.parent.parent.meta.a.b.c = 1", ""},
    {"parent.parent.parent.parent.parent.parent.parent.id = 1",
     R"x(invalid left operand "parent.parent.parent.parent.parent.parent.parent.id" - )x"
     R"x(max nested relations reached for field "parent")x"},
    {"parent.parent.parent.parent.parent.parent.missing.x = 1",
     R"x(invalid left operand "parent.parent.parent.parent.parent.parent.missing.x" - )x"
     R"x(max nested relations reached for field "missing")x"},
    {"rowid = 1", R"x(invalid left operand "rowid" - unknown field "rowid")x"},
    {"@rowid = 1", R"x(invalid left operand "@rowid" - failed to resolve field "@rowid")x"},
    {"@now:lower = 1", R"x(invalid left operand "@now:lower" - failed to resolve field "@now:lower")x"},
    {"NULL = nUll", ""},
};

constexpr Row kRequest[] = {
    {"@request = 1", R"x(invalid left operand "@request" - failed to resolve field "@request")x"},
    {"@request.foo.x = 1", R"x(invalid left operand "@request.foo.x" - failed to resolve field "@request.foo.x")x"},
    {"@request.auth = 1", R"x(invalid left operand "@request.auth" - failed to resolve field "@request.auth")x"},
    {"@request.auth.x:foo = 1", ""},
    {"@request.auth..x = 1", ""},
    {"@request.body.title:foo = 1",
     R"x(invalid left operand "@request.body.title:foo" - unknown modifier in "title:foo")x"},
    {"@request.body.missing:changed = 1",
     R"x(invalid left operand "@request.body.missing:changed" - invalid modifier sequence missing:changed)x"},
    {"@request.body.missing.x:each = 1",
     R"x(invalid left operand "@request.body.missing.x:each" - invalid modifier sequence x:each)x"},
    {"@request.body.title:length = 1",
     R"x(invalid left operand "@request.body.title:length" - field "title" doesn't support multivalue operations)x"},
    {"@request.body.tags:each.x = 1", ""},
    {"@request.body.tags:foo.x = 1",
     R"x(invalid left operand "@request.body.tags:foo.x" - unknown modifier in "tags:foo")x"},
    {"@request.body.author:each.name = 1", ""},
    {"@request.body.tags.0:each = 1",
     R"x(invalid left operand "@request.body.tags.0:each" - invalid modifier sequence 0:each)x"},
    {"@request.body.title:isset:lower = 1", ""},
    {"@request.query.q:each = 1",
     R"x(invalid left operand "@request.query.q:each" - invalid modifier sequence q:each)x"},
    {"@request.headers.x.y:length = 1",
     R"x(invalid left operand "@request.headers.x.y:length" - invalid modifier sequence y:length)x"},
    {"@request.context:lower = 1",
     R"x(invalid left operand "@request.context:lower" - failed to resolve field "@request.context:lower")x"},
    {"@request.method.x = 1",
     R"x(invalid left operand "@request.method.x" - failed to resolve field "@request.method.x")x"},
    {"@collection.notes = 1",
     R"x(invalid left operand "@collection.notes" - failed to resolve field "@collection.notes")x"},
    {"@collection.NOTES.id = 1", ""},
    {"@collection.nope:a.id = 1",
     R"x(invalid left operand "@collection.nope:a.id" - failed to load collection "nope:a")x"
     R"x( from field path "@collection.nope:a.id")x"},
    {"@collection.notes:a:b.id = 1",
     R"x(invalid left operand "@collection.notes:a:b.id" - failed to resolve field "@collection.notes:a:b.id")x"},
    {"@collection.notes.nope = 1", R"x(invalid left operand "@collection.notes.nope" - unknown field "nope")x"},
    {"@collection.notes..id = 1", R"x(invalid left operand "@collection.notes..id" - failed to resolve field "")x"},
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

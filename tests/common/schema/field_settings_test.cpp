#include "tests/common/schema/field_fixture.h"

namespace wombat::test {
namespace {

std::string Errors(std::string_view type, std::string_view options) {
  return SettingsErrors(*FieldOf(type, options)).Dump();
}

std::string Code(std::string_view type, std::string_view options, std::string_view option) {
  const Json errors = SettingsErrors(*FieldOf(type, options));
  const Json* error = errors.Find(option);
  return error ? error->StringOr("code") : "";
}

TEST(FieldSettings, DefaultsOfMostTypesAreFine) {
  for (const char* type :
       {"text", "number", "bool", "email", "url", "editor", "date", "file", "json", "geoPoint", "password"}) {
    EXPECT_EQ(Errors(type, "{}"), "{}") << type;
  }
}

TEST(FieldSettings, TextLimitsMustFitEachOther) {
  EXPECT_EQ(Errors("text", R"({"min":5,"max":2})"),
            R"({"max":{"code":"validation_min_greater_equal_than_required","message":"Must be no less than 5.",)"
            R"("params":{"threshold":5}}})");
  EXPECT_EQ(Errors("text", R"({"min":5})"), "{}");
  EXPECT_EQ(Errors("text", R"({"min":-1})"),
            R"({"min":{"code":"validation_min_greater_equal_than_required","message":"Must be no less than 0.",)"
            R"("params":{"threshold":0}}})");
  EXPECT_EQ(Errors("text", R"({"max":9007199254740992})"),
            R"({"max":{"code":"validation_max_less_equal_than_required",)"
            R"("message":"Must be no greater than 9007199254740991.","params":{"threshold":9007199254740991}}})");
}

TEST(FieldSettings, ABrokenPatternIsReportedInTheReferencesWords) {
  const auto message = [](const char* pattern) {
    auto field = FieldOf("text");
    EXPECT_TRUE(field->LoadOptions(Json::Object({{"pattern", pattern}})));
    const Json errors = SettingsErrors(*field);
    return errors.Find("pattern") ? errors.Find("pattern")->StringOr("message") : "";
  };
  EXPECT_EQ(message("["), "Error parsing regexp: missing closing ]: `[`.");
  EXPECT_EQ(message("(a"), "Error parsing regexp: missing closing ): `(a`.");
  EXPECT_EQ(message("a)"), "Error parsing regexp: unexpected ): `a)`.");
  EXPECT_EQ(message("a**"), "Error parsing regexp: invalid nested repetition operator: `**`.");
  EXPECT_EQ(message("*a"), "Error parsing regexp: missing argument to repetition operator: `*`.");
  EXPECT_EQ(message("a{1001}"), "Error parsing regexp: invalid repeat count: `{1001}`.");
  EXPECT_EQ(message("(?=a)"), "Error parsing regexp: invalid or unsupported Perl syntax: `(?=`.");
  EXPECT_EQ(message("\\1"), "Error parsing regexp: invalid escape sequence: `\\1`.");
  EXPECT_EQ(message("\\C"), "Error parsing regexp: invalid escape sequence: `\\C`.");
  EXPECT_EQ(message("a\\"), "Error parsing regexp: trailing backslash at end of expression: ``.");
  EXPECT_EQ(message("[z-a]"), "Error parsing regexp: invalid character class range: `z-a`.");
  EXPECT_EQ(message("(?<name>a)"), "");
  EXPECT_EQ(message("[\\]](?i)x\\Q(\\E"), "");
}

TEST(FieldSettings, APrimaryKeyMustLookLikeOne) {
  const Json errors = SettingsErrors(*FieldOf("text", R"({"primaryKey":true,"hidden":true})"));
  EXPECT_EQ(errors.Find("name")->Dump(),
            R"({"code":"validation_in_invalid","message":"The primary key must be named \"id\"."})");
  EXPECT_EQ(errors.Find("hidden")->StringOr("code"), "validation_empty");
  EXPECT_EQ(errors.Find("required")->StringOr("code"), "validation_required");
  EXPECT_EQ(errors.Find("pattern")->StringOr("code"), "validation_required");
  // The fixture's collection has an id field of its own.
  EXPECT_EQ(errors.Find("primaryKey")->StringOr("code"), "validation_unsupported_composite_pk");
}

TEST(FieldSettings, AnAutogeneratePatternIsTried) {
  EXPECT_EQ(Errors("text", R"({"autogeneratePattern":"^a"})"),
            R"({"autogeneratePattern":{"code":"validation_invalid_autogenerate_pattern",)"
            R"("message":"Unsupported pattern operator 9."}})");
  EXPECT_EQ(Errors("text", R"({"autogeneratePattern":"a{3}","max":2})"),
            R"({"autogeneratePattern":{"code":"validation_invalid_autogenerate_pattern_value",)"
            R"("message":"The provided autogenerate pattern could produce invalid field values, ex.: \"aaa\"."}})");
  EXPECT_EQ(Code("text", R"({"autogeneratePattern":"("})", "autogeneratePattern"), "validation_invalid_regex");
  EXPECT_EQ(Errors("text", R"({"autogeneratePattern":"[a-z]{5}","min":5,"max":5,"pattern":"^[a-z]+$"})"), "{}");
}

TEST(FieldSettings, NumberLimitsMustFitTheType) {
  EXPECT_EQ(Code("number", R"({"onlyInt":true,"min":1.5})", "min"), "validation_only_int_constraint");
  EXPECT_EQ(Code("number", R"({"onlyInt":true,"max":1.5})", "max"), "validation_only_int_constraint");
  EXPECT_EQ(Errors("number", R"({"min":5,"max":2})"),
            R"({"max":{"code":"validation_min_number_constraint","message":"Must be greater or equal than 5.",)"
            R"("params":{"min":5}}})");
  EXPECT_EQ(Errors("number", R"({"min":-5,"max":0})"), "{}");
}

TEST(FieldSettings, DomainListsExcludeEachOther) {
  for (const char* type : {"email", "url"}) {
    EXPECT_EQ(Errors(type, R"({"onlyDomains":["a.co"],"exceptDomains":["b.co"]})"),
              R"({"exceptDomains":{"code":"validation_empty","message":"Must be blank."},)"
              R"("onlyDomains":{"code":"validation_empty","message":"Must be blank."}})");
    EXPECT_EQ(Errors(type, R"({"onlyDomains":["a.co","localhost"],"exceptDomains":[]})"),
              R"({"onlyDomains":{"1":{"code":"validation_is_domain","message":"Must be a valid domain."}}})");
  }
}

TEST(FieldSettings, ADomainHasLabelsAndALetteredTopLevel) {
  const auto valid = [](const std::string& domain) {
    return Errors("email", R"({"onlyDomains":[")" + domain + R"("]})") == "{}";
  };
  EXPECT_TRUE(valid("a-b.c1.co"));
  EXPECT_TRUE(valid(std::string(63, 'a') + ".co"));
  for (const char* bad : {"a", "a.c1", "-a.co", "a-.co", "a..co", "a.co.", ".co", "1.2.3.4", "a_b.co", "a.xn--p1ai"}) {
    EXPECT_FALSE(valid(bad)) << bad;
  }
  EXPECT_FALSE(valid(std::string(64, 'a') + ".co"));
}

TEST(FieldSettings, AnAutodateStampsAtLeastOnce) {
  const std::string either =
      R"({"code":"validation_required","message":"Either onCreate or onUpdate must be enabled."})";
  EXPECT_EQ(Errors("autodate", "{}"), R"({"onCreate":)" + either + R"(,"onUpdate":)" + either + "}");
  EXPECT_EQ(Errors("autodate", R"({"onUpdate":true})"), "{}");
}

TEST(FieldSettings, ASystemAutodateStaysAsItIs) {
  auto before = FieldOf("autodate", R"({"onCreate":true,"system":true})");
  auto after = FieldOf("autodate", R"({"onCreate":true,"onUpdate":true,"system":true})");
  const Collection stored = CollectionWith(*before);
  EXPECT_EQ(SettingsErrors(*after, &stored).Dump(),
            R"({"onUpdate":{"code":"validation_values_mismatch","message":"Values don't match."}})");
  after->system = false;
  EXPECT_EQ(SettingsErrors(*after, &stored).Dump(), "{}");
}

TEST(FieldSettings, ASelectOffersItsValues) {
  EXPECT_EQ(Code("select", "{}", "values"), "validation_required");
  EXPECT_EQ(Errors("select", R"({"values":["a","b"],"maxSelect":3})"),
            R"({"maxSelect":{"code":"validation_max_less_equal_than_required","message":"Must be no greater than 2.",)"
            R"("params":{"threshold":2}}})");
  EXPECT_EQ(Errors("select", R"({"values":["a","a",""],"maxSelect":3})"), "{}");
  EXPECT_EQ(Code("select", R"({"values":["a"],"maxSelect":-1})", "maxSelect"),
            "validation_min_greater_equal_than_required");
}

CollectionPtr Target(CollectionType type = CollectionType::kBase) {
  Collection target = CollectionWith(*FieldOf("text"), "target", "others");
  target.type = type;
  return std::make_shared<const Collection>(std::move(target));
}

std::string RelationCode(std::string_view options, const Collection* stored = nullptr,
                         CollectionType type = CollectionType::kBase) {
  const Json errors = SettingsErrors(*FieldOf("relation", options), stored, {Target(type)});
  return errors.Find("collectionId") ? errors.Find("collectionId")->StringOr("code") : "";
}

TEST(FieldSettings, ARelationNamesItsCollectionById) {
  EXPECT_EQ(RelationCode("{}"), "validation_required");
  EXPECT_EQ(RelationCode(R"({"collectionId":"target"})"), "");
  EXPECT_EQ(RelationCode(R"({"collectionId":"others"})"), "validation_field_relation_missing_collection");
  EXPECT_EQ(RelationCode(R"({"collectionId":"target"})", nullptr, CollectionType::kView),
            "validation_relation_field_non_view_base_collection");
}

TEST(FieldSettings, ARelationKeepsItsCollection) {
  const Collection stored = CollectionWith(*FieldOf("relation", R"({"collectionId":"before"})"));
  EXPECT_EQ(RelationCode(R"({"collectionId":"target"})", &stored), "validation_field_relation_change");
}

TEST(FieldSettings, ARelationWithAMinimumNeedsAMaximum) {
  const auto errors = [](std::string_view options) {
    return SettingsErrors(*FieldOf("relation", options), nullptr, {Target()}).Dump();
  };
  EXPECT_EQ(errors(R"({"collectionId":"target","minSelect":2})"),
            R"({"maxSelect":{"code":"validation_required","message":"Cannot be blank."}})");
  EXPECT_EQ(errors(R"({"collectionId":"target","minSelect":2,"maxSelect":1})"),
            R"({"maxSelect":{"code":"validation_min_greater_equal_than_required","message":"Must be no less than 2.",)"
            R"("params":{"threshold":2}}})");
  EXPECT_EQ(errors(R"({"collectionId":"target","minSelect":2,"maxSelect":2})"), "{}");
}

TEST(FieldSettings, ThumbSizesHaveAShape) {
  EXPECT_EQ(Errors("file", R"({"thumbs":["100x100","0x5","5x0t","1x2f"]})"), "{}");
  EXPECT_EQ(Errors("file", R"({"thumbs":["0x0","10x","1x2z"]})"),
            R"({"thumbs":{"0":{"code":"validation_not_in_invalid","message":"Must not be in list."},)"
            R"("1":{"code":"validation_match_invalid","message":"Must be in a valid format."},)"
            R"("2":{"code":"validation_match_invalid","message":"Must be in a valid format."}}})");
}

TEST(FieldSettings, PasswordOptionsHaveLimits) {
  EXPECT_EQ(Code("password", R"({"min":72})", "min"), "validation_max_less_equal_than_required");
  EXPECT_EQ(Code("password", R"({"min":8,"max":7})", "max"), "validation_min_greater_equal_than_required");
  EXPECT_EQ(Code("password", R"({"cost":3})", "cost"), "validation_min_greater_equal_than_required");
  EXPECT_EQ(Code("password", R"({"cost":32})", "cost"), "validation_max_less_equal_than_required");
  EXPECT_EQ(Code("password", R"({"pattern":"("})", "pattern"), "validation_invalid_regex");
}

TEST(FieldSettings, SizesMustNotBeNegative) {
  for (const char* type : {"editor", "json", "file"}) {
    EXPECT_EQ(Code(type, R"({"maxSize":-1})", "maxSize"), "validation_min_greater_equal_than_required") << type;
  }
}

}  // namespace
}  // namespace wombat::test

#include "tests/common/schema/field_fixture.h"

namespace wombat::test {
namespace {

TEST(FieldValidation, TextLengthCountsCharacters) {
  auto field = FieldOf("text", R"({"min":2,"max":3})");
  EXPECT_EQ(
      Refusal(*field, "\u00e9"),
      R"({"code":"validation_min_text_constraint","message":"Must be at least 2 character(s).","params":{"min":2}})");
  EXPECT_EQ(Refusal(*field, "\u00e9\u00e9"), "");
  EXPECT_EQ(Refusal(*field, "\U0001F600\U0001F600\U0001F600"), "");
  EXPECT_EQ(Refusal(*field, "abcd"),
            R"({"code":"validation_max_text_constraint","message":"Must be no more than 3 character(s).",)"
            R"("params":{"max":3}})");
  EXPECT_EQ(Refusal(*field, ""), "");
}

TEST(FieldValidation, TextIsAtMostFiveThousandCharactersUnlessToldOtherwise) {
  EXPECT_EQ(Refusal(*FieldOf("text"), std::string(5000, 'x')), "");
  EXPECT_EQ(RefusalCode(*FieldOf("text"), std::string(5001, 'x')), "validation_max_text_constraint");
  EXPECT_EQ(Refusal(*FieldOf("text", R"({"max":6000})"), std::string(6000, 'x')), "");
}

TEST(FieldValidation, APatternIsSearchedAnywhereInTheText) {
  auto field = FieldOf("text", R"({"pattern":"[0-9]+"})");
  EXPECT_EQ(Refusal(*field, "a1b"), "");
  EXPECT_EQ(Refusal(*field, "abc"), R"({"code":"validation_invalid_format","message":"Invalid value format."})");
  EXPECT_EQ(Refusal(*field, ""), "");
}

TEST(FieldValidation, RequiredMeansNotTheZeroValue) {
  const std::string blank = R"({"code":"validation_required","message":"Cannot be blank."})";
  const auto refused = [](std::string_view type, const Json& submitted) {
    return Refusal(*FieldOf(type, R"({"required":true,"values":["a"]})"), submitted);
  };
  for (std::string_view type : {"text", "email", "url", "editor", "date", "select", "relation", "file", "password"}) {
    EXPECT_EQ(refused(type, ""), blank) << type;
  }
  EXPECT_EQ(refused("number", 0), blank);
  EXPECT_EQ(refused("number", 0.1), "");
  EXPECT_EQ(refused("bool", false), blank);
  EXPECT_EQ(refused("bool", true), "");
  EXPECT_EQ(refused("geoPoint", Parsed(R"({"lon":0,"lat":0})")), blank);
  EXPECT_EQ(refused("geoPoint", Parsed(R"({"lon":0,"lat":1})")), "");
  for (const char* json : {"null", R"("")", "[]", "{}", R"("[]")"}) EXPECT_EQ(refused("json", Parsed(json)), blank);
  EXPECT_EQ(refused("json", Parsed("false")), "");
}

TEST(FieldValidation, ARecordKeyCannotChange) {
  auto field = FieldOf("text", R"({"name":"id","primaryKey":true,"required":true,"pattern":"^[a-z0-9]+$","max":3})");
  FieldContext context(*field);
  context.editable().SetRaw(0, "abcdef");
  context.editable().TakeAsOriginal();
  context.editable().MarkSaved();
  EXPECT_EQ(WireError(*field->Validate("abcdef", context)), "");
  EXPECT_EQ(WireError(*field->Validate("abc", context)),
            R"({"code":"validation_pk_change","message":"The record primary key cannot be changed."})");
}

TEST(FieldValidation, AKeyOfAnOwnPatternIsCheckedForCharactersNamesAndTwins) {
  auto field = FieldOf("text", R"({"name":"id","primaryKey":true,"required":true,"pattern":"^.+$"})");
  FieldContext context(*field);
  context.existing = {"taken"};
  const auto refused = [&](const char* id) { return WireError(*field->Validate(id, context)); };
  EXPECT_EQ(refused("TAKEN"),
            R"({"code":"validation_pk_invalid","message":"The record primary key is invalid or already exists."})");
  EXPECT_EQ(refused("a b/c"),
            R"({"code":"validation_forbidden_pk_character","message":"'/' is not a valid primary key character.",)"
            R"("params":{"ch":"/"}})");
  EXPECT_EQ(refused("com1"),
            R"({"code":"validation_reserved_pk","message":"The primary key 'COM1' is reserved and cannot be used.",)"
            R"("params":{"reserved":"COM1"}})");
  EXPECT_EQ(refused("Fine-1"), "");
}

TEST(FieldValidation, ZeroEscapesTheLimitsOfANumber) {
  auto field = FieldOf("number", R"({"min":2,"max":5.5})");
  EXPECT_EQ(Refusal(*field, 0), "");
  EXPECT_EQ(Refusal(*field, 1),
            R"({"code":"validation_min_number_constraint","message":"Must be greater or equal than 2.",)"
            R"("params":{"min":2}})");
  EXPECT_EQ(Refusal(*field, 5.6),
            R"({"code":"validation_max_number_constraint","message":"Must be less or equal than 5.5.",)"
            R"("params":{"max":5.5}})");
}

TEST(FieldValidation, LargeLimitsArePrintedScientificallyInTheMessageOnly) {
  auto field = FieldOf("number", R"({"min":1000000,"max":12345678})");
  EXPECT_EQ(Refusal(*field, 5),
            R"({"code":"validation_min_number_constraint","message":"Must be greater or equal than 1e+06.",)"
            R"("params":{"min":1000000}})");
  EXPECT_EQ(Refusal(*field, 1e9),
            R"({"code":"validation_max_number_constraint","message":"Must be less or equal than 1.2345678e+07.",)"
            R"("params":{"max":12345678}})");
}

TEST(FieldValidation, NumbersMustBeFiniteAndMayHaveToBeWhole) {
  EXPECT_EQ(Refusal(*FieldOf("number"), "NaN"),
            R"({"code":"validation_not_a_number","message":"The submitted number is not properly formatted."})");
  EXPECT_EQ(RefusalCode(*FieldOf("number"), "-inf"), "validation_not_a_number");
  auto field = FieldOf("number", R"({"onlyInt":true})");
  EXPECT_EQ(Refusal(*field, 1.5),
            R"({"code":"validation_only_int_constraint","message":"Decimal numbers are not allowed."})");
  EXPECT_EQ(RefusalCode(*field, 1e19), "validation_only_int_constraint");
  EXPECT_EQ(Refusal(*field, 1e18), "");
}

TEST(FieldValidation, AnEmailDomainIsComparedExactly) {
  auto only = FieldOf("email", R"({"onlyDomains":["a.co"]})");
  EXPECT_EQ(Refusal(*only, "x@a.co"), "");
  EXPECT_EQ(Refusal(*only, "x@A.co"),
            R"({"code":"validation_email_domain_not_allowed","message":"Email domain is not allowed."})");
  EXPECT_EQ(RefusalCode(*FieldOf("email", R"({"exceptDomains":["a.co"]})"), "x@a.co"),
            "validation_email_domain_not_allowed");
  EXPECT_EQ(Refusal(*only, "nope"), R"({"code":"validation_is_email","message":"Must be a valid email address."})");
}

TEST(FieldValidation, AUrlHostIsComparedWithItsPort) {
  auto only = FieldOf("url", R"({"onlyDomains":["a.co","a.co:80"]})");
  EXPECT_EQ(Refusal(*only, "https://a.co:80/x"), "");
  EXPECT_EQ(Refusal(*only, "http://a.co:81"),
            R"({"code":"validation_url_domain_not_allowed","message":"Url domain is not allowed."})");
  EXPECT_EQ(RefusalCode(*only, "a.co"), "validation_url_domain_not_allowed");
  EXPECT_EQ(Refusal(*FieldOf("url", R"({"exceptDomains":["a.co"]})"), "a.co"), "");
  EXPECT_EQ(Refusal(*only, "nope"), R"({"code":"validation_invalid_url","message":"Must be a valid url."})");
}

TEST(FieldValidation, EditorSizeCountsBytes) {
  auto field = FieldOf("editor", R"({"maxSize":3})");
  EXPECT_EQ(Refusal(*field, "abc"), "");
  EXPECT_EQ(Refusal(*field, "\u00e9\u00e9"),
            R"({"code":"validation_content_size_limit","message":"The maximum allowed content size is 3 bytes.",)"
            R"("params":{"maxSize":3}})");
}

TEST(FieldValidation, DateLimitsShowTheInstantInTwoForms) {
  auto field = FieldOf("date", R"({"min":"2024-01-02","max":"2024-01-03 00:00:00.120Z"})");
  EXPECT_EQ(Refusal(*field, "2024-01-01 23:59:59.999Z"),
            R"({"code":"validation_min_greater_equal_than_required",)"
            R"("message":"Must be no less than 2024-01-02 00:00:00 +0000 UTC.",)"
            R"("params":{"threshold":"2024-01-02T00:00:00Z"}})");
  EXPECT_EQ(Refusal(*field, "2024-01-04"), R"({"code":"validation_max_less_equal_than_required",)"
                                           R"("message":"Must be no greater than 2024-01-03 00:00:00.12 +0000 UTC.",)"
                                           R"("params":{"threshold":"2024-01-03T00:00:00.12Z"}})");
  EXPECT_EQ(Refusal(*field, "2024-01-02"), "");
  EXPECT_EQ(Refusal(*field, 1706933106), "");  // a number is no date, and no date is fine
}

TEST(FieldValidation, SelectCountsBeforeItLooksAtValues) {
  auto field = FieldOf("select", R"({"values":["a","b"],"maxSelect":2})");
  EXPECT_EQ(Refusal(*field, Parsed(R"(["a","b"])")), "");
  EXPECT_EQ(Refusal(*field, Parsed(R"(["a","x","y"])")),
            R"({"code":"validation_too_many_values","message":"Select no more than 2.","params":{"maxSelect":2}})");
  EXPECT_EQ(Refusal(*field, Parsed(R"(["a","x"])")),
            R"({"code":"validation_invalid_value","message":"Invalid value x.","params":{"value":"x"}})");
  EXPECT_EQ(Refusal(*FieldOf("select", R"({"values":["a","b"]})"), Parsed(R"(["b","a"])")), "");
}

CollectionPtr Target(CollectionType type = CollectionType::kBase) {
  Collection target = CollectionWith(*FieldOf("text"), "target", "others");
  target.type = type;
  return std::make_shared<const Collection>(std::move(target));
}

TEST(FieldValidation, RelatedRecordsMustExist) {
  auto field = FieldOf("relation", R"({"collectionId":"target","minSelect":2,"maxSelect":3})");
  FieldContext context(*field, {Target()});
  context.existing = {"r1", "r2"};
  const auto refused = [&](std::string_view json) { return WireError(*field->Validate(Parsed(json), context)); };
  EXPECT_EQ(refused("[]"), "");
  EXPECT_EQ(refused(R"(["r1","r2"])"), "");
  EXPECT_EQ(refused(R"(["r1"])"),
            R"({"code":"validation_not_enough_values","message":"Select at least 2.","params":{"minSelect":2}})");
  EXPECT_EQ(refused(R"(["r1","r2","r3","r4"])"),
            R"({"code":"validation_too_many_values","message":"Select no more than 3.","params":{"maxSelect":3}})");
  EXPECT_EQ(refused(R"(["r1","nope"])"), R"({"code":"validation_missing_rel_records",)"
                                         R"("message":"Failed to find all relation records with the provided ids."})");
}

TEST(FieldValidation, ARelationNeedsItsCollection) {
  auto field = FieldOf("relation", R"({"collectionId":"gone"})");
  EXPECT_EQ(Refusal(*field, "r1"), R"({"code":"validation_missing_rel_collection",)"
                                   R"("message":"Relation connection is missing or cannot be accessed."})");
}

TEST(FieldValidation, JsonIsLimitedAndMustBeJson) {
  auto field = FieldOf("json", R"({"maxSize":5})");
  EXPECT_EQ(Refusal(*field, "abcd"),
            R"({"code":"validation_json_size_limit","message":"The maximum allowed JSON size is 5 bytes.",)"
            R"("params":{"maxSize":5}})");
  EXPECT_EQ(Refusal(*field, "abc"), "");
  EXPECT_EQ(Refusal(*FieldOf("json"), "\a"),
            R"({"code":"validation_invalid_json","message":"Must be a valid json value."})");
}

TEST(FieldValidation, AGeoPointLiesOnEarth) {
  auto field = FieldOf("geoPoint");
  EXPECT_EQ(Refusal(*field, Parsed(R"({"lon":180,"lat":90})")), "");
  EXPECT_EQ(Refusal(*field, Parsed(R"({"lon":-181,"lat":91})")),
            R"({"code":"validation_invalid_latitude","message":"Latitude must be between -90 and 90 degrees."})");
  EXPECT_EQ(Refusal(*field, Parsed(R"({"lon":180.1,"lat":0})")),
            R"({"code":"validation_invalid_longitude","message":"Longitude must be between -180 and 180 degrees."})");
}

// What validation says after `plain` was set as the password.
std::string PasswordRefusal(const Field& field, const std::string& plain, bool hashing_failed = false) {
  FieldContext context(field);
  const int index = context.field_index();
  context.editable().SetPlainPassword(index, plain);
  if (hashing_failed) context.editable().MarkPasswordFailed(index);
  return WireError(*field.Validate("$2a$10$hash", context));
}

TEST(FieldValidation, APasswordIsCheckedInItsPlainForm) {
  auto field = FieldOf("password", R"({"min":3,"max":5,"pattern":"^[a-z]+$"})");
  EXPECT_EQ(PasswordRefusal(*field, "abc"), "");
  EXPECT_EQ(PasswordRefusal(*field, "ab"),
            R"({"code":"validation_min_text_constraint","message":"Must be at least 3 character(s)."})");
  EXPECT_EQ(PasswordRefusal(*field, "abcdef"),
            R"({"code":"validation_max_text_constraint","message":"Must be less than 5 character(s)."})");
  EXPECT_EQ(PasswordRefusal(*field, "ABC"),
            R"({"code":"validation_invalid_format","message":"Invalid value format."})");
  EXPECT_EQ(PasswordRefusal(*field, std::string(73, 'x'), true),
            R"({"code":"validation_invalid_value","message":"Invalid value."})");
  EXPECT_EQ(Refusal(*field, "$2a$10$hash"), "");  // no new plain text: nothing to check
}

TEST(FieldValidation, APasswordHasAtMostSeventyOneCharacters) {
  EXPECT_EQ(PasswordRefusal(*FieldOf("password"), std::string(71, 'x')), "");
  EXPECT_EQ(PasswordRefusal(*FieldOf("password"), std::string(72, 'x')),
            R"({"code":"validation_max_text_constraint","message":"Must be less than 71 character(s)."})");
}

TEST(FieldValidation, FileNamesMustBeStoredAlready) {
  auto field = FieldOf("file", R"({"maxSelect":2})");
  FieldContext context(*field);
  context.editable().SetRaw(context.field_index(), Parsed(R"(["a.png","b.png","c.png"])"));
  context.editable().TakeAsOriginal();
  const auto refused = [&](std::string_view json) { return WireError(*field->Validate(Parsed(json), context)); };
  EXPECT_EQ(refused(R"(["a.png","b.png"])"), "");
  EXPECT_EQ(refused(R"(["a.png","x","y"])"),
            R"({"code":"validation_invalid_file","message":"Invalid new files: [x y].",)"
            R"("params":{"invalidFiles":["x","y"]}})");
  EXPECT_EQ(refused(R"(["a.png","b.png","c.png"])"),
            R"({"code":"validation_too_many_files","message":"The maximum allowed files is 2.",)"
            R"("params":{"maxSelect":2}})");
}

TEST(FieldValidation, AutodatesAreNeverRefused) {
  auto field = FieldOf("autodate", R"({"onUpdate":true})");
  EXPECT_EQ(Refusal(*field, ""), "");
  EXPECT_FALSE(field->StampsOnCreate());
  EXPECT_TRUE(field->StampsOnUpdate());
}

}  // namespace
}  // namespace wombat::test

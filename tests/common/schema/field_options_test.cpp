#include "tests/common/schema/field_fixture.h"

namespace wombat::test {
namespace {

// The keys that a type adds to the common ones, with their defaults.
Json OwnOptions(std::string_view type) {
  Json options = MakeField(type)->OptionsJson();
  for (const char* common : {"hidden", "id", "name", "presentable", "system", "type", "help", "required"}) {
    options.Erase(common);
  }
  return options;
}

TEST(FieldOptions, EveryTypeWritesItsOwnKeysWithTheirDefaults) {
  EXPECT_EQ(OwnOptions("text").Dump(), R"({"autogeneratePattern":"","max":0,"min":0,"pattern":"","primaryKey":false})");
  EXPECT_EQ(OwnOptions("number").Dump(), R"({"max":null,"min":null,"onlyInt":false})");
  EXPECT_EQ(OwnOptions("bool").Dump(), "{}");
  EXPECT_EQ(OwnOptions("email").Dump(), R"({"exceptDomains":null,"onlyDomains":null})");
  EXPECT_EQ(OwnOptions("url").Dump(), R"({"exceptDomains":null,"onlyDomains":null})");
  EXPECT_EQ(OwnOptions("editor").Dump(), R"({"convertURLs":false,"maxSize":0})");
  EXPECT_EQ(OwnOptions("date").Dump(), R"({"max":"","min":""})");
  EXPECT_EQ(OwnOptions("autodate").Dump(), R"({"onCreate":false,"onUpdate":false})");
  EXPECT_EQ(OwnOptions("select").Dump(), R"({"maxSelect":0,"values":null})");
  EXPECT_EQ(OwnOptions("file").Dump(),
            R"({"maxSelect":0,"maxSize":0,"mimeTypes":null,"protected":false,"thumbs":null})");
  EXPECT_EQ(OwnOptions("relation").Dump(), R"({"cascadeDelete":false,"collectionId":"","maxSelect":0,"minSelect":0})");
  EXPECT_EQ(OwnOptions("json").Dump(), R"({"maxSize":0})");
  EXPECT_EQ(OwnOptions("geoPoint").Dump(), "{}");
  EXPECT_EQ(OwnOptions("password").Dump(), R"({"cost":0,"max":0,"min":0,"pattern":""})");
}

TEST(FieldOptions, CommonKeysAreWrittenSortedAmongTheOthers) {
  EXPECT_EQ(FieldOf("bool")->OptionsJson().Dump(),
            R"({"help":"","hidden":false,"id":"fid","name":"f","presentable":false,"required":false,"system":false,)"
            R"("type":"bool"})");
}

TEST(FieldOptions, AnAutodateHasNeitherHelpNorRequired) {
  auto field = FieldOf("autodate", R"({"onCreate":true,"help":"x","required":true})");
  EXPECT_EQ(field->OptionsJson().Dump(),
            R"({"hidden":false,"id":"fid","name":"f","onCreate":true,"onUpdate":false,"presentable":false,)"
            R"("system":false,"type":"autodate"})");
  EXPECT_FALSE(field->required);
}

TEST(FieldOptions, OptionsComeBackAsTheyWereLoaded) {
  for (std::string_view type : FieldTypes()) {
    Json options = MakeField(type)->OptionsJson();
    options["id"] = "i1";
    options["name"] = "other";
    options["hidden"] = true;
    auto field = FieldFromJson(options);
    ASSERT_TRUE(field.has_value()) << type;
    EXPECT_EQ((*field)->OptionsJson().Dump(), options.Dump());
    EXPECT_EQ((*field)->Clone()->OptionsJson().Dump(), options.Dump());
  }
}

TEST(FieldOptions, KeysMatchInAnyLetterCase) {
  auto field = FieldOf("text", R"({"MAX":5,"AutoGeneratePattern":"[a-z]{3}","REQUIRED":true})");
  EXPECT_EQ(field->OptionsJson().NumberOr("max"), 5);
  EXPECT_EQ(field->OptionsJson().StringOr("autogeneratePattern"), "[a-z]{3}");
  EXPECT_TRUE(field->required);
  EXPECT_EQ(field->unknown_options.Dump(), "{}");
}

TEST(FieldOptions, NullKeepsWhatWasThere) {
  auto field = FieldOf("select", R"({"values":["a"],"maxSelect":2})");
  ASSERT_TRUE(field->LoadOptions(Parsed(R"({"values":null,"maxSelect":null,"name":null})")));
  EXPECT_EQ(field->OptionsJson().Find("values")->Dump(), R"(["a"])");
  EXPECT_EQ(field->name, "f");
}

TEST(FieldOptions, AnEmptyListAndNoListAreToldApart) {
  EXPECT_EQ(FieldOf("select", R"({"values":[]})")->OptionsJson().Find("values")->Dump(), "[]");
  EXPECT_EQ(FieldOf("select")->OptionsJson().Find("values")->Dump(), "null");
  EXPECT_EQ(FieldOf("select", R"({"values":["a",null]})")->OptionsJson().Find("values")->Dump(), R"(["a",""])");
}

TEST(FieldOptions, AWrongJsonTypeFails) {
  const auto fails = [](std::string_view type, std::string_view options) {
    return !MakeField(type)->LoadOptions(Parsed(options)).has_value();
  };
  EXPECT_TRUE(fails("text", R"({"max":"5"})"));
  EXPECT_TRUE(fails("text", R"({"max":5.5})"));
  EXPECT_TRUE(fails("text", R"({"max":1e30})"));
  EXPECT_TRUE(fails("text", R"({"pattern":5})"));
  EXPECT_TRUE(fails("text", R"({"primaryKey":"true"})"));
  EXPECT_TRUE(fails("text", R"({"name":1})"));
  EXPECT_TRUE(fails("text", R"({"required":1})"));
  EXPECT_TRUE(fails("number", R"({"min":"1"})"));
  EXPECT_TRUE(fails("select", R"({"values":"a"})"));
  EXPECT_TRUE(fails("select", R"({"values":["a",1]})"));
  EXPECT_TRUE(fails("date", R"({"min":5})"));
  EXPECT_TRUE(fails("bool", "[]"));
}

TEST(FieldOptions, UnknownKeysAreKept) {
  auto field = FieldOf("number", R"({"futureOption":{"a":[1]}})");
  EXPECT_EQ(field->OptionsJson().Find("futureOption")->Dump(), R"({"a":[1]})");
  EXPECT_EQ(field->Clone()->OptionsJson().Find("futureOption")->Dump(), R"({"a":[1]})");
}

TEST(FieldOptions, DateLimitsAreNormalised) {
  auto field = FieldOf("date", R"({"min":"2024-01-02","max":"junk"})");
  EXPECT_EQ(field->OptionsJson().StringOr("min"), "2024-01-02 00:00:00.000Z");
  EXPECT_EQ(field->OptionsJson().StringOr("max", "?"), "");
}

TEST(FieldOptions, ATypeMustBeKnown) {
  EXPECT_EQ(MakeField("nope"), nullptr);
  for (const char* object : {R"({"name":"x"})", R"({"name":"x","type":"nope"})", R"({"name":"x","type":null})"}) {
    const auto field = FieldFromJson(Parsed(object));
    ASSERT_FALSE(field.has_value());
    EXPECT_EQ(field.error().message, "missing or unknown field type in " + std::string(object));
  }
  EXPECT_FALSE(FieldFromJson(Parsed(R"({"type":5})")).has_value());
  EXPECT_FALSE(FieldFromJson(Json("text")).has_value());
}

TEST(FieldOptions, ColumnsAreDefinedAsTheReferenceDefinesThem) {
  EXPECT_EQ(FieldOf("text")->ColumnDefinition(), "TEXT DEFAULT '' NOT NULL");
  EXPECT_EQ(FieldOf("text", R"({"primaryKey":true})")->ColumnDefinition(),
            "TEXT PRIMARY KEY DEFAULT ('r'||lower(hex(randomblob(7)))) NOT NULL");
  EXPECT_EQ(FieldOf("number")->ColumnDefinition(), "NUMERIC DEFAULT 0 NOT NULL");
  EXPECT_EQ(FieldOf("bool")->ColumnDefinition(), "BOOLEAN DEFAULT FALSE NOT NULL");
  EXPECT_EQ(FieldOf("json")->ColumnDefinition(), "JSON DEFAULT NULL");
  EXPECT_EQ(FieldOf("geoPoint")->ColumnDefinition(), R"(JSON DEFAULT '{"lon":0,"lat":0}' NOT NULL)");
  for (const char* type : {"select", "file", "relation"}) {
    EXPECT_EQ(FieldOf(type, R"({"maxSelect":1})")->ColumnDefinition(), "TEXT DEFAULT '' NOT NULL");
    EXPECT_EQ(FieldOf(type, R"({"maxSelect":2})")->ColumnDefinition(), "JSON DEFAULT '[]' NOT NULL");
  }
}

}  // namespace
}  // namespace wombat::test

#include "common/base/json_text.h"
#include "tests/common/schema/field_fixture.h"

namespace wombat::test {
namespace {

struct NamedField {
  std::string name;
  std::unique_ptr<Field> field;
};

std::vector<NamedField> AllFields() {
  std::vector<NamedField> fields;
  for (std::string_view type : FieldTypes()) fields.push_back({std::string(type), FieldOf(type)});
  for (const char* type : {"select", "file", "relation"}) {
    fields.push_back({std::string(type) + " multiple", FieldOf(type, R"({"maxSelect":9})")});
  }
  return fields;
}

const std::vector<std::string>& Expressions() {
  static const std::vector<std::string> expressions = {"NULL",
                                                       "''",
                                                       "'plain'",
                                                       "'<a href=\"x\">&</a>'",
                                                       "0",
                                                       "1",
                                                       "2",
                                                       "-5",
                                                       "9007199254740993",
                                                       "9223372036854775807",
                                                       "1.5",
                                                       "1000000.5",
                                                       "1e20",
                                                       "1e300",
                                                       "0.00001",
                                                       "x'ff41'",
                                                       "x'5b315d'",
                                                       "'true'",
                                                       "'null'",
                                                       "'1e3'",
                                                       "'[1,2]'",
                                                       "'[]'",
                                                       "'[\"a\"]'",
                                                       "'[\"a\",\"b\",\"a\"]'",
                                                       "'[\"a\",\"\"]'",
                                                       "' [ \"a\" ] '",
                                                       "'[\"a\",1]'",
                                                       "'[\"<x>\"]'",
                                                       "'[\"\u00fc\",\"\u2028\"]'",
                                                       "'[\"a\\u0041\"]'",
                                                       "'[\"a\",]'",
                                                       "'[,]'",
                                                       "'[\"a\"\"b\"]'",
                                                       "'[\"a\" ]'",
                                                       "'['",
                                                       "']'",
                                                       "'[null]'",
                                                       "'[[\"a\"]]'",
                                                       "CAST(x'5b22ff225d' AS TEXT)",
                                                       "CAST(x'5b22ff222c22fe225d' AS TEXT)",
                                                       "CAST(x'ff' AS TEXT)",
                                                       "'{\"lon\":1.5,\"lat\":-2}'",
                                                       "'{\"lat\":1}'",
                                                       "'{\"b\":1, \"a\" : 2}'",
                                                       "'2024-01-02 03:04:05.678Z'",
                                                       "'2024-01-31 23:59:59.999Z'",
                                                       "'2024-02-30 00:00:00.000Z'",
                                                       "'2024-01-02'",
                                                       "'0001-01-01 00:00:00.000Z'",
                                                       "'0000-01-01 00:00:00.000Z'",
                                                       "'2024-01-02 24:00:00.000Z'",
                                                       "'2024-13-02 03:04:05.678Z'",
                                                       "'2024-01-02T03:04:05.9999+02:00'",
                                                       "'nan'",
                                                       "'\\'",
                                                       "char(1)",
                                                       "char(7)",
                                                       "char(8232)"};
  return expressions;
}

TEST(FieldCells, ACellPrintsLikeItsValue) {
  Cells cells;
  for (const NamedField& type : AllFields()) {
    for (const std::string& expression : Expressions()) {
      std::string direct;
      if (!type.field->AppendCellJson(direct, cells.Of(expression))) continue;  // an unreadable geoPoint
      const Json value = type.field->FromCell(cells.Of(expression));
      EXPECT_EQ(direct, Printed(*type.field, value)) << type.name << " " << expression;
      EXPECT_TRUE(IsValidJson(direct)) << type.name << " " << expression;
    }
  }
}

TEST(FieldCells, ManyStoredItemsPrintLikeTheirValue) {
  Cells cells;
  auto field = FieldOf("select", R"({"maxSelect":999})");
  std::string array = "[";
  for (int i = 0; i < 100; ++i) array += (i ? ",\"i" : "\"i") + std::to_string(i) + "\"";
  array += "]";
  EXPECT_EQ(PrintedCell(*field, cells.Of("'" + array + "'")), array);
}

TEST(FieldCells, WhatAFieldWritesItReadsBack) {
  Cells cells;
  const auto round_trip = [&](const Field& field, std::string_view json) {
    const Json value = field.Cast(Parsed(json));
    EXPECT_EQ(field.FromCell(cells.Written(field, value)).Dump(), value.Dump()) << field.type() << " " << json;
  };
  round_trip(*FieldOf("text"), R"("a\u0000b<>é")");
  round_trip(*FieldOf("number"), "1.5");
  round_trip(*FieldOf("number"), "-9007199254740991");
  round_trip(*FieldOf("bool"), "true");
  round_trip(*FieldOf("date"), R"("2024-01-02 03:04:05.678Z")");
  round_trip(*FieldOf("select", R"({"maxSelect":3})"), R"(["a","<\"b\">"])");
  round_trip(*FieldOf("select"), R"("a")");
  round_trip(*FieldOf("json"), R"({"b":[1,null],"a":"<"})");
  round_trip(*FieldOf("json"), "null");
  round_trip(*FieldOf("json"), R"("text")");
  round_trip(*FieldOf("geoPoint"), R"({"lon":-12.25,"lat":1e-7})");
}

TEST(FieldCells, TextReadsAnyStorageClass) {
  Cells cells;
  auto field = FieldOf("text");
  EXPECT_EQ(PrintedCell(*field, cells.Of("NULL")), R"("")");
  EXPECT_EQ(PrintedCell(*field, cells.Of("12")), R"("12")");
  EXPECT_EQ(PrintedCell(*field, cells.Of("1000000.5")), R"("1.0000005e+06")");
  EXPECT_EQ(PrintedCell(*field, cells.Of("x'ff41'")), R"("\ufffdA")");
}

TEST(FieldCells, NumbersReadLeniently) {
  Cells cells;
  auto field = FieldOf("number");
  EXPECT_EQ(PrintedCell(*field, cells.Of("'0x1p4'")), "16");
  EXPECT_EQ(PrintedCell(*field, cells.Of("'abc'")), "0");
  EXPECT_EQ(PrintedCell(*field, cells.Of("x'3132'")), "12");
  EXPECT_EQ(PrintedCell(*field, cells.Of("NULL")), "0");
  EXPECT_EQ(PrintedCell(*field, cells.Of("9223372036854775807")), "9223372036854776000");
  EXPECT_EQ(PrintedCell(*field, cells.Of("9007199254740991")), "9007199254740991");
}

TEST(FieldCells, OnlyOneIsATrueInteger) {
  Cells cells;
  auto field = FieldOf("bool");
  EXPECT_EQ(PrintedCell(*field, cells.Of("1")), "true");
  EXPECT_EQ(PrintedCell(*field, cells.Of("2")), "false");
  EXPECT_EQ(PrintedCell(*field, cells.Of("'true'")), "true");
  EXPECT_EQ(PrintedCell(*field, cells.Of("x'31'")), "true");
  EXPECT_EQ(PrintedCell(*field, cells.Of("1.5")), "false");
}

TEST(FieldCells, DatesOfOtherLayoutsAreShownInOurs) {
  Cells cells;
  auto field = FieldOf("date");
  EXPECT_EQ(PrintedCell(*field, cells.Of("'2024-01-02T03:04:05.9999+02:00'")), R"("2024-01-02 01:04:05.999Z")");
  EXPECT_EQ(PrintedCell(*field, cells.Of("'2024-01-31 23:59:59.999Z'")), R"("2024-01-31 23:59:59.999Z")");
  EXPECT_EQ(PrintedCell(*field, cells.Of("'2024-02-30 00:00:00.000Z'")), R"("")");
  EXPECT_EQ(PrintedCell(*field, cells.Of("'0001-01-01 00:00:00.000Z'")), R"("")");
  EXPECT_EQ(PrintedCell(*field, cells.Of("5")), R"("")");
}

TEST(FieldCells, ListsReadLeniently) {
  Cells cells;
  auto many = FieldOf("select", R"({"maxSelect":3})");
  EXPECT_EQ(PrintedCell(*many, cells.Of("''")), "[]");
  EXPECT_EQ(PrintedCell(*many, cells.Of("'a'")), R"(["a"])");
  EXPECT_EQ(PrintedCell(*many, cells.Of("'[\"a\",\"b\",\"a\",\"\"]'")), R"(["a","b"])");
  EXPECT_EQ(PrintedCell(*many, cells.Of("'[\"a\",1]'")), R"(["a","[\"a\",1]"])");
  EXPECT_EQ(PrintedCell(*many, cells.Of("'{}'")), R"(["{}"])");
  EXPECT_EQ(PrintedCell(*many, cells.Stored("JSON DEFAULT '[]' NOT NULL", "'1000000.5'")), R"(["1.0000005e+06"])");
  auto one = FieldOf("select");
  EXPECT_EQ(PrintedCell(*one, cells.Of("'[\"a\",\"b\"]'")), R"("b")");
  EXPECT_EQ(PrintedCell(*one, cells.Of("'[]'")), R"("")");
  EXPECT_EQ(PrintedCell(*one, cells.Of("'x'")), R"("x")");
}

TEST(FieldCells, NumericAffinityChangesStoredJsonNumbers) {
  Cells cells;
  auto field = FieldOf("json");
  const auto stored = [&](const char* text) { return PrintedCell(*field, cells.Written(*field, Json(text))); };
  EXPECT_EQ(stored("1.50"), "1.5");
  EXPECT_EQ(stored("1e3"), "1000");
  EXPECT_EQ(stored("12345678901234567890"), "1.2345678901234567e+19");
  EXPECT_EQ(stored("1000000.5"), "1.0000005e+06");
  EXPECT_EQ(stored("[1.0,1e2]"), "[1.0,1e2]");
}

TEST(FieldCells, AJsonCellThatIsNoJsonIsAString) {
  Cells cells;
  auto field = FieldOf("json");
  EXPECT_EQ(PrintedCell(*field, cells.Of("''")), R"("")");
  EXPECT_EQ(PrintedCell(*field, cells.Of("'abc'")), R"("abc")");
  EXPECT_EQ(PrintedCell(*field, cells.Of("' [1]'")), R"(" [1]")");
  EXPECT_EQ(PrintedCell(*field, cells.Of("'null'")), "null");
  EXPECT_EQ(PrintedCell(*field, cells.Of("NULL")), "null");
  EXPECT_EQ(PrintedCell(*field, cells.Of("1e300*1e300")), R"("+Inf")");
}

TEST(FieldCells, AStrangeGeoPointMakesTheRecordUnreadable) {
  Cells cells;
  auto field = FieldOf("geoPoint");
  const auto readable = [&](const std::string& expression) {
    std::string out;
    return field->AppendCellJson(out, cells.Of(expression));
  };
  for (const char* bad : {"5", "'junk'", "'[1,2]'", "'\"x\"'", "'{\"lon\":\"x\"}'", "'{\"lon\":1}x'"}) {
    EXPECT_FALSE(readable(bad)) << bad;
  }
  EXPECT_EQ(PrintedCell(*field, cells.Of("''")), R"({"lon":0,"lat":0})");
  EXPECT_EQ(PrintedCell(*field, cells.Of("'null'")), R"({"lon":0,"lat":0})");
  EXPECT_EQ(PrintedCell(*field, cells.Of("'{\"LAT\":2,\"lon\":null,\"x\":{}}'")), R"({"lon":0,"lat":2})");
  EXPECT_EQ(PrintedCell(*field, cells.Of("'{\"lon\":1e21,\"lat\":1e-7}'")), R"({"lon":1e+21,"lat":1e-7})");
}

TEST(FieldCells, APasswordIsNeverShown) {
  Cells cells;
  auto field = FieldOf("password");
  EXPECT_EQ(PrintedCell(*field, cells.Of("'$2a$10$hash'")), R"("")");
  EXPECT_EQ(Printed(*field, Json("$2a$10$hash")), R"("")");
  EXPECT_EQ(field->FromCell(cells.Of("'$2a$10$hash'")).Dump(), R"("$2a$10$hash")");
}

}  // namespace
}  // namespace wombat::test

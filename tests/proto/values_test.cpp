#include "proto/values.h"

#include <capnp/message.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace wombat {
namespace {

SqlValues SqlRoundTrip(const SqlValues& values) {
  capnp::MallocMessageBuilder builder;
  auto check = builder.initRoot<proto::RuleCheck>();
  WriteSqlValues(check.initValues(unsigned(values.size())), values);
  return ReadSqlValues(check.asReader().getValues());
}

// A collection with one text field for each value: the message does not look at types.
CollectionPtr CollectionOf(std::size_t fields) {
  std::string json = "[";
  for (std::size_t i = 0; i < fields; i++)
    json += std::string(i ? "," : "") + "{\"id\":\"f" + std::to_string(i) + "\",\"name\":\"f" + std::to_string(i) +
            "\",\"type\":\"text\"}";
  auto collection = CollectionFromStored("pbc_1", false, "base", "things", json + "]", "[]", "{}");
  EXPECT_TRUE(collection) << collection.error().message;
  collection->Prepare();
  return std::make_shared<const Collection>(std::move(*collection));
}

Json FieldRoundTrip(const Json& value) {
  CollectionPtr collection = CollectionOf(1);
  Record record(collection), read(collection);
  record.SetRaw(0, value);
  capnp::MallocMessageBuilder builder;
  auto stored = builder.initRoot<proto::StoredRecord>();
  WriteRecordValues(stored.initValues(1), record);
  EXPECT_TRUE(ReadRecordValues(stored.asReader().getValues(), read));
  return read.value(0);
}

TEST(SqlValues, KeepNull) { EXPECT_EQ(SqlRoundTrip({std::monostate()}), SqlValues{std::monostate()}); }

TEST(SqlValues, KeepTheWholeRangeOfIntegers) {
  SqlValues values{std::int64_t(0), std::int64_t(-1), std::numeric_limits<std::int64_t>::min(),
                   std::numeric_limits<std::int64_t>::max()};
  EXPECT_EQ(SqlRoundTrip(values), values);
}

TEST(SqlValues, KeepRealsToTheLastBit) {
  SqlValues values{0.1, -1e308, 5e-324, std::numeric_limits<double>::infinity()};
  EXPECT_EQ(SqlRoundTrip(values), values);
}

TEST(SqlValues, KeepTextWithZeroBytesAndAnyLetters) {
  SqlValues values{std::string(), std::string("a\0b", 3), std::string("żółw 🐢")};
  EXPECT_EQ(SqlRoundTrip(values), values);
}

TEST(SqlValues, KeepBlobsApartFromText) {
  SqlValues values{Blob{std::string("\0\xff\x80", 3)}, std::string("text"), Blob{}};
  EXPECT_EQ(SqlRoundTrip(values), values);
}

TEST(FieldValues, KeepNull) { EXPECT_TRUE(FieldRoundTrip(Json::Null()).is_null()); }

TEST(FieldValues, KeepBooleans) {
  EXPECT_EQ(FieldRoundTrip(true), Json(true));
  EXPECT_EQ(FieldRoundTrip(false), Json(false));
}

TEST(FieldValues, KeepNumbersToTheLastBit) {
  for (double number : {0.0, -0.1, 9007199254740993.0, 1e308, 5e-324}) EXPECT_EQ(FieldRoundTrip(number), Json(number));
}

TEST(FieldValues, KeepTextWithZeroBytes) {
  const std::string text("a\0b", 3);
  EXPECT_EQ(FieldRoundTrip(text), Json(text));
  EXPECT_EQ(FieldRoundTrip(""), Json(""));
}

TEST(FieldValues, KeepListsInTheirOrder) {
  EXPECT_EQ(FieldRoundTrip(std::vector<std::string>{"b", "a", ""}), Json(std::vector<std::string>{"b", "a", ""}));
  EXPECT_EQ(FieldRoundTrip(Json::List()), Json::List());
}

TEST(FieldValues, KeepPoints) {
  const Json point = Json::Object({{"lon", -179.5}, {"lat", 89.25}});
  EXPECT_EQ(FieldRoundTrip(point), point);
}

TEST(FieldValues, TravelInTheOrderOfTheFields) {
  CollectionPtr collection = CollectionOf(3);
  Record record(collection), read(collection);
  record.SetRaw(0, "a");
  record.SetRaw(1, 2);
  record.SetRaw(2, true);
  capnp::MallocMessageBuilder builder;
  auto stored = builder.initRoot<proto::StoredRecord>();
  WriteRecordValues(stored.initValues(3), record);
  ASSERT_TRUE(ReadRecordValues(stored.asReader().getValues(), read));
  EXPECT_EQ(read.value(0), Json("a"));
  EXPECT_EQ(read.value(1), Json(2));
  EXPECT_EQ(read.value(2), Json(true));
}

TEST(FieldValues, AreNotTakenWhenTheirNumberIsNotThatOfTheFields) {
  capnp::MallocMessageBuilder builder;
  auto stored = builder.initRoot<proto::StoredRecord>();
  WriteRecordValues(stored.initValues(2), Record(CollectionOf(2)));
  for (std::size_t fields : {1u, 3u}) {
    Record record(CollectionOf(fields));
    EXPECT_FALSE(ReadRecordValues(stored.asReader().getValues(), record)) << fields;
  }
}

ApiError RefusalRoundTrip(const ApiError& error) {
  capnp::MallocMessageBuilder builder;
  auto refusal = builder.initRoot<proto::Refusal>();
  WriteRefusal(refusal, error);
  return ReadRefusal(refusal.asReader());
}

TEST(Refusals, KeepStatusMessageFieldErrorsAndDetails) {
  ApiError error{400, "Failed to create record.", Json::Object(), "UNIQUE constraint failed"};
  AddFieldError(error.data, "title", FieldError::Required());
  ApiError read = RefusalRoundTrip(error);
  EXPECT_EQ(read.status, 400);
  EXPECT_EQ(read.message, "Failed to create record.");
  EXPECT_EQ(read.data, error.data);
  EXPECT_EQ(read.log_details, "UNIQUE constraint failed");
}

TEST(Refusals, WithoutFieldErrorsHaveAnEmptyObject) {
  ApiError read = RefusalRoundTrip({404, {}, Json::Object(), {}});
  EXPECT_EQ(read.status, 404);
  EXPECT_EQ(read.message, "");
  EXPECT_EQ(read.data, Json::Object());
}

TEST(Refusals, WhoseDataIsNoJsonObjectHaveAnEmptyOne) {
  for (const char* data : {"", "[1]", "{", "null"}) {
    capnp::MallocMessageBuilder builder;
    auto refusal = builder.initRoot<proto::Refusal>();
    refusal.setDataJson(data);
    EXPECT_EQ(ReadRefusal(refusal.asReader()).data, Json::Object()) << data;
  }
}

}  // namespace
}  // namespace wombat

#include "common/base/result.h"

#include <gtest/gtest.h>

namespace wombat {
namespace {

TEST(NormalizeMessage, BeginsUpperCaseAndEndsWithAMark) {
  EXPECT_EQ(NormalizeMessage("  cannot be blank "), "Cannot be blank.");
  EXPECT_EQ(NormalizeMessage("really?"), "Really?");
  EXPECT_EQ(NormalizeMessage("Done!"), "Done!");
  EXPECT_EQ(NormalizeMessage(""), "");
}

TEST(DefaultMessage, NamesTheUsualStatuses) {
  EXPECT_EQ(DefaultMessage(404), "The requested resource wasn't found.");
  EXPECT_EQ(DefaultMessage(400), DefaultMessage(500));
  EXPECT_EQ(DefaultMessage(409), "Conflict.");
}

TEST(AddFieldError, WritesCodeMessageAndParameters) {
  Json data = Json::Object();
  AddFieldError(data, "title",
                {"validation_min", "must be at least {{.min}} of {{.list}}",
                 Json::Object({{"min", 5}, {"list", Json(Json::Array{"a", "b"})}})});
  EXPECT_EQ(data.Dump(), R"({"title":{"code":"validation_min","message":"Must be at least 5 of [a b].",)"
                         R"("params":{"list":["a","b"],"min":5}}})");
}

TEST(AddFieldError, LeavesParametersOutWhenThereAreNone) {
  Json data = Json::Object();
  AddFieldError(data, "title", FieldError::Required());
  EXPECT_EQ(data.Dump(), R"({"title":{"code":"validation_required","message":"Cannot be blank."}})");
}

TEST(AddFieldError, DescendsADottedPath) {
  Json data = Json::Object();
  AddFieldError(data, "fields.2.name", FieldError::InvalidValue());
  EXPECT_EQ(data.Find("fields")->Find("2")->Find("name")->StringOr("code"), "validation_invalid_value");
}

TEST(AddFieldError, KeepsTheErrorThatIsAlreadyThere) {
  Json data = Json::Object();
  AddFieldError(data, "a", FieldError::Required());
  AddFieldError(data, "a", FieldError::InvalidValue());
  AddFieldError(data, "a.b", FieldError::InvalidValue());
  EXPECT_EQ(data.Dump(), R"({"a":{"code":"validation_required","message":"Cannot be blank."}})");
}

TEST(AddFieldError, NeverReadsPlaceholdersOutOfAParameter) {
  Json data = Json::Object();
  AddFieldError(data, "a", {"code", "Value {{.v}} {{.x}}", Json::Object({{"v", "{{.x}}"}, {"x", 1}})});
  EXPECT_EQ(data.Find("a")->StringOr("message"), "Value {{.x}} 1.");
}

}  // namespace
}  // namespace wombat

#include "tests/common/schema/collection_fixture.h"

namespace wombat {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SchemaTest : public CollectionTest {};

TEST_F(SchemaTest, HoldsTheCollectionsInRowidOrder) {
  std::vector<std::string> names;
  for (const CollectionPtr& collection : schema().collections()) names.push_back(collection->name);
  EXPECT_THAT(names, ElementsAre("_mfas", "_otps", "_externalAuths", "_authOrigins", "_superusers", "users"));
}

TEST_F(SchemaTest, FindsByExactIdAndByNameInAnyCase) {
  EXPECT_EQ(schema().Find("USERS"), schema().Find("_pb_users_auth_"));
  EXPECT_NE(schema().Find("users"), nullptr);
  EXPECT_EQ(schema().Find("_PB_USERS_AUTH_"), nullptr);
  EXPECT_EQ(schema().Find("nobody"), nullptr);
  EXPECT_EQ(schema().FindById("users"), nullptr);
  EXPECT_EQ(schema().FindShared("_SUPERUSERS").get(), schema().superusers());
}

TEST_F(SchemaTest, RulesKeepNullAndBlankApart) {
  EXPECT_EQ(schema().Find("users")->create_rule, "");
  EXPECT_EQ(schema().Find("_superusers")->create_rule, std::nullopt);
}

TEST_F(SchemaTest, CollectionsArePrepared) {
  const Collection& users = *schema().Find("users");
  EXPECT_EQ(users.output.size(), users.fields.size() + 3);
  EXPECT_EQ(users.fields[std::size_t(users.email_field)]->name, "email");
}

TEST_F(SchemaTest, WhatWasComputedBeforeAChangeIsComputedAnew) {
  Collection changed(*schema().Find("users"));
  changed.name = "people";
  changed.fields.pop_back();
  const Schema other({std::make_shared<const Collection>(std::move(changed))});
  const Collection& people = *other.Find("people");
  EXPECT_EQ(people.output.size(), people.fields.size() + 3);
  EXPECT_THAT(people.select_columns, HasSubstr("`people`.`id`"));
}

TEST_F(SchemaTest, AViewThatExistsIsLoadedAndListed) {
  Run("CREATE VIEW `people` AS SELECT * FROM (select id, name from users)");
  Run(R"j(INSERT INTO _collections (id, type, name, fields, options, listRule) VALUES ('v', 'view', 'people',
      '[{"type":"text","name":"id","id":"i","primaryKey":true,"required":true,"system":true},{"type":"text","name":"name","id":"_clone_1234"}]',
      '{"viewQuery":"select id, name from users"}', ''))j");
  Reload();
  const Collection* view = schema().Find("people");
  ASSERT_NE(view, nullptr);
  EXPECT_TRUE(view->is_view());
  EXPECT_EQ(view->view_query, "select id, name from users");
  EXPECT_THAT(CollectionToJson(*view), HasSubstr("\"system\":false,\"viewQuery\":\"select id, name from users\"}"));
}

TEST_F(SchemaTest, ARowThatCannotBeUnderstoodFailsTheWholeLoad) {
  Run(R"j(INSERT INTO _collections (id, name, fields) VALUES ('x', 'broken', '[{"type":"foo"}]'))j");
  const auto loaded = LoadSchema(db(), 1);
  ASSERT_FALSE(loaded.has_value());
  EXPECT_THAT(loaded.error().message, HasSubstr("missing or unknown field type in"));
}

TEST_F(SchemaTest, SystemFlagsMayBeWords) {
  Run("INSERT INTO _collections (id, name, system) VALUES ('x', 'worded', 'true')");
  Reload();
  EXPECT_TRUE(schema().Find("worded")->system);
}

}  // namespace
}  // namespace wombat

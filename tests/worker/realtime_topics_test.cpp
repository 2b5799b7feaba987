#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/realtime/topics.h"

namespace wombat {
namespace {

using ::testing::IsEmpty;

std::string Query(std::string_view subscription, std::string_view name) {
  return std::string(ParseTopicOptions(subscription).Query(name));
}

TEST(RealtimeTopics, ATopicIsComparedWithoutItsOptions) {
  EXPECT_EQ(TopicBase("posts/*?options=%7B%7D"), "posts/*");
  EXPECT_EQ(TopicBase("posts"), "posts");
  EXPECT_EQ(TopicCollection("posts/abc?x=1"), "posts");
  EXPECT_EQ(TopicCollection("posts?x=1"), "posts");
  EXPECT_EQ(TopicCollection("@oauth2"), "@oauth2");
}

TEST(RealtimeTopics, OptionsAreReadFromTheQuery) {
  EXPECT_EQ(Query("a/*?options=%7B%22query%22%3A%7B%22filter%22%3A%22x%3D1+y%22%7D%7D", "filter"), "x=1 y");
  EXPECT_EQ(Query("a/*?x=1&options={\"query\":{\"filter\":\"b\"}}", "filter"), "b");
  EXPECT_EQ(ParseTopicOptions("a?options={\"headers\":{\"X-Token\":\"t\"}}").RequestOf(nullptr).FindHeader("x_token") ==
                nullptr,
            false);
}

TEST(RealtimeTopics, ValuesBecomeTexts) {
  const std::string topic =
      R"(a?options={"query":{"n":123,"f":1.5,"yes":true,"no":false,"null":null,"list":[1],"object":{}}})";
  EXPECT_EQ(Query(topic, "n"), "123");
  EXPECT_EQ(Query(topic, "f"), "1.5");
  EXPECT_EQ(Query(topic, "yes"), "true");
  EXPECT_EQ(Query(topic, "no"), "false");
  EXPECT_EQ(Query(topic, "null"), "");
  EXPECT_EQ(Query(topic, "list"), "");
  EXPECT_EQ(Query(topic, "object"), "");
}

TEST(RealtimeTopics, WhatCannotBeReadIsNoOption) {
  for (std::string_view topic :
       {"a?options=", "a?options=nope", "a?options=[1]", "a?options={\"query\":5}",
        "a%zz?options={\"query\":{\"q\":\"1\"}}", "1a:b?options={\"query\":{\"q\":\"1\"}}",
        "a\x01?options={\"query\":{\"q\":\"1\"}}", "a", "", "?", "a#?options={\"query\":{\"q\":\"1\"}}"})
    EXPECT_THAT(ParseTopicOptions(topic).query, IsEmpty()) << topic;
}

TEST(RealtimeTopics, RulesSeeAGetRequestOfTheirOwnContext) {
  const RequestInfo request = ParseTopicOptions("a").RequestOf(nullptr);
  EXPECT_EQ(request.context, "realtime");
  EXPECT_EQ(request.method, "GET");
}

}  // namespace
}  // namespace wombat

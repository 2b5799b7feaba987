#include "common/app/hook.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wombat {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct TestEvent : HookEvent<TestEvent> {
  std::vector<std::string> seen;
};
using TestHook = Hook<TestEvent>;

std::function<HookResult(TestEvent&)> Says(std::string word) {
  return [word](TestEvent& event) -> HookResult {
    event.seen.push_back(word);
    return event.Next();
  };
}

HookResult Trigger(const TestHook& hook, TestEvent& event, std::span<const std::string_view> tags = {},
                   std::span<const TestHook::Builtin> builtins = {}) {
  return hook.Trigger(
      event, tags,
      [](TestEvent& e) -> HookResult {
        e.seen.push_back("action");
        return {};
      },
      builtins);
}

TEST(Hook, RunsTheActionWhenNothingIsBound) {
  TestHook hook;
  TestEvent event;
  EXPECT_TRUE(Trigger(hook, event));
  EXPECT_THAT(event.seen, ElementsAre("action"));
}

TEST(Hook, RunsHandlersInTheOrderOfTheirPriority) {
  TestHook hook;
  hook.Bind({"late", 5, Says("late"), {}});
  hook.Bind({"early", -5, Says("early"), {}});
  hook.Bind({"middle", 0, Says("middle"), {}});
  TestEvent event;
  ASSERT_TRUE(Trigger(hook, event));
  EXPECT_THAT(event.seen, ElementsAre("early", "middle", "late", "action"));
}

TEST(Hook, KeepsTheOrderOfBindingAtEqualPriority) {
  TestHook hook;
  for (const char* word : {"first", "second", "third"}) hook.BindFunc(Says(word));
  TestEvent event;
  ASSERT_TRUE(Trigger(hook, event));
  EXPECT_THAT(event.seen, ElementsAre("first", "second", "third", "action"));
}

TEST(Hook, ReplacesAHandlerOfTheSameIdInItsPlace) {
  TestHook hook;
  hook.Bind({"a", 0, Says("a"), {}});
  hook.Bind({"b", 0, Says("b"), {}});
  hook.Bind({"a", 0, Says("other a"), {}});
  TestEvent event;
  ASSERT_TRUE(Trigger(hook, event));
  EXPECT_EQ(hook.length(), 2u);
  EXPECT_THAT(event.seen, ElementsAre("other a", "b", "action"));
}

TEST(Hook, SortsAgainAfterAReplacedHandlerGotAnotherPriority) {
  TestHook hook;
  hook.Bind({"a", 0, Says("a"), {}});
  hook.Bind({"b", 0, Says("b"), {}});
  hook.Bind({"a", 1, Says("a"), {}});
  TestEvent event;
  ASSERT_TRUE(Trigger(hook, event));
  EXPECT_THAT(event.seen, ElementsAre("b", "a", "action"));
}

TEST(Hook, GivesAHandlerWithoutAnIdARandomOneOfTwentyCharacters) {
  TestHook hook;
  std::string first = hook.BindFunc(Says("a")), second = hook.BindFunc(Says("b"));
  EXPECT_EQ(first.size(), 20u);
  EXPECT_EQ(second.size(), 20u);
  EXPECT_NE(first, second);
}

TEST(Hook, StopsSilentlyWhereAHandlerDoesNotCallNext) {
  TestHook hook;
  hook.BindFunc(Says("outer"));
  hook.BindFunc([](TestEvent&) { return HookResult{}; });
  hook.BindFunc(Says("inner"));
  TestEvent event;
  EXPECT_TRUE(Trigger(hook, event));
  EXPECT_THAT(event.seen, ElementsAre("outer"));
}

TEST(Hook, ContinuesPastTheHandlerThatStoppedWhenAnOuterOneCallsNextAgain) {
  TestHook hook;
  hook.BindFunc([](TestEvent& event) {
    (void)event.Next();
    return event.Next();
  });
  hook.BindFunc([](TestEvent& event) {
    event.seen.push_back("stops");
    return HookResult{};
  });
  hook.BindFunc(Says("inner"));
  TestEvent event;
  ASSERT_TRUE(Trigger(hook, event));
  EXPECT_THAT(event.seen, ElementsAre("stops", "inner", "action"));
}

TEST(Hook, DoesNothingOnASecondNextOfACompletedChain) {
  TestHook hook;
  hook.BindFunc([](TestEvent& event) {
    (void)event.Next();
    return event.Next();
  });
  TestEvent event;
  EXPECT_TRUE(Trigger(hook, event));
  EXPECT_THAT(event.seen, ElementsAre("action"));
}

TEST(Hook, RunsWhatFollowsNextInReverseOrder) {
  TestHook hook;
  for (const char* word : {"a", "b"})
    hook.BindFunc([word](TestEvent& event) {
      HookResult result = event.Next();
      event.seen.push_back(std::string("after ") + word);
      return result;
    });
  TestEvent event;
  ASSERT_TRUE(Trigger(hook, event));
  EXPECT_THAT(event.seen, ElementsAre("action", "after b", "after a"));
}

TEST(Hook, ReturnsAHandlersErrorAndRunsNothingInner) {
  TestHook hook;
  hook.BindFunc([](TestEvent&) -> HookResult { return Refuse(418, "no coffee"); });
  hook.BindFunc(Says("inner"));
  TestEvent event;
  auto result = Trigger(hook, event);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().status, 418);
  EXPECT_THAT(event.seen, IsEmpty());
}

TEST(Hook, ReturnsAnErrorThatFollowsNextAlthoughTheActionRan) {
  TestHook hook;
  hook.BindFunc([](TestEvent& event) -> HookResult {
    (void)event.Next();
    return Refuse(400, "too late");
  });
  TestEvent event;
  auto result = Trigger(hook, event);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "too late");
  EXPECT_THAT(event.seen, ElementsAre("action"));
}

TEST(Hook, LetsAHandlerSwallowAnInnerError) {
  TestHook hook;
  hook.BindFunc([](TestEvent& event) {
    (void)event.Next();
    return HookResult{};
  });
  hook.BindFunc([](TestEvent&) -> HookResult { return Refuse(400); });
  TestEvent event;
  EXPECT_TRUE(Trigger(hook, event));
}

TEST(Hook, RunsATaggedHandlerOnlyForAnEventWithOneOfItsTags) {
  TestHook hook;
  hook.BindFunc(Says("posts or notes"), {"posts", "notes"});
  hook.BindFunc(Says("users"), {"users"});
  hook.BindFunc(Says("all"));
  const std::string_view tags[] = {"notes", "pbc_1"};
  TestEvent event;
  ASSERT_TRUE(Trigger(hook, event, tags));
  EXPECT_THAT(event.seen, ElementsAre("posts or notes", "all", "action"));
}

TEST(Hook, ComparesTagsExactly) {
  TestHook hook;
  hook.BindFunc(Says("Posts"), {"Posts"});
  const std::string_view tags[] = {"posts"};
  TestEvent event;
  ASSERT_TRUE(Trigger(hook, event, tags));
  EXPECT_THAT(event.seen, ElementsAre("action"));
}

TEST(Hook, RunsNoTaggedHandlerForAnEventWithoutTags) {
  TestHook hook;
  hook.BindFunc(Says("posts"), {"posts"});
  TestEvent event;
  ASSERT_TRUE(Trigger(hook, event));
  EXPECT_THAT(event.seen, ElementsAre("action"));
}

TEST(Hook, KnowsWhetherAnyHandlerIsForAnEventsTags) {
  TestHook hook;
  const std::string_view posts[] = {"posts"}, users[] = {"users"};
  EXPECT_FALSE(hook.HasFor(posts));
  hook.BindFunc(Says("posts"), {"posts"});
  EXPECT_TRUE(hook.HasFor(posts));
  EXPECT_FALSE(hook.HasFor(users));
  hook.BindFunc(Says("all"));
  EXPECT_TRUE(hook.HasFor(users));
}

TEST(Hook, KeepsItsHandlersForATriggerDuringWhichOthersAreBound) {
  TestHook hook;
  hook.BindFunc([&hook](TestEvent& event) {
    hook.Bind({"new", 10, Says("new"), {}});
    return event.Next();
  });
  TestEvent first, second;
  ASSERT_TRUE(Trigger(hook, first));
  ASSERT_TRUE(Trigger(hook, second));
  EXPECT_THAT(first.seen, ElementsAre("action"));
  EXPECT_THAT(second.seen, ElementsAre("new", "action"));
}

TEST(Hook, StillRunsAHandlerThatWasUnboundDuringTheTrigger) {
  TestHook hook;
  hook.BindFunc([&hook](TestEvent& event) {
    hook.UnbindAll();
    return event.Next();
  });
  hook.BindFunc(Says("unbound"));
  TestEvent event;
  ASSERT_TRUE(Trigger(hook, event));
  EXPECT_THAT(event.seen, ElementsAre("unbound", "action"));
  EXPECT_TRUE(hook.empty());
}

TEST(Hook, UnbindsByIdAndIgnoresAnUnknownOne) {
  TestHook hook;
  hook.Bind({"a", 0, Says("a"), {}});
  hook.Bind({"b", 0, Says("b"), {}});
  hook.Unbind("a");
  hook.Unbind("nobody");
  TestEvent event;
  ASSERT_TRUE(Trigger(hook, event));
  EXPECT_THAT(event.seen, ElementsAre("b", "action"));
}

TEST(Hook, PutsABuiltinBeforeTheHandlersOfItsPriority) {
  TestHook hook;
  hook.Bind({"early", -100, Says("early"), {}});
  hook.Bind({"same", -99, Says("same"), {}});
  hook.Bind({"user", 0, Says("user"), {}});
  hook.Bind({"last", 100, Says("last"), {}});
  const TestHook::Builtin builtins[] = {{-99, Says("builtin -99")}, {99, Says("builtin 99")}};
  TestEvent event;
  ASSERT_TRUE(Trigger(hook, event, {}, builtins));
  EXPECT_THAT(event.seen, ElementsAre("early", "builtin -99", "same", "user", "builtin 99", "last", "action"));
}

TEST(Hook, RunsBuiltinsWithoutAnyHandler) {
  TestHook hook;
  const TestHook::Builtin builtins[] = {{99, Says("builtin")}};
  TestEvent event;
  ASSERT_TRUE(Trigger(hook, event, {}, builtins));
  EXPECT_THAT(event.seen, ElementsAre("builtin", "action"));
}

TEST(Hook, ResumesTheOuterChainAfterTheSameEventWasTriggeredInsideIt) {
  TestHook outer, inner;
  inner.BindFunc(Says("inner"));
  outer.BindFunc([&inner](TestEvent& event) {
    (void)Trigger(inner, event);
    event.seen.push_back("back");
    return event.Next();
  });
  outer.BindFunc(Says("outer"));
  TestEvent event;
  ASSERT_TRUE(Trigger(outer, event));
  EXPECT_THAT(event.seen, ElementsAre("inner", "action", "back", "outer", "action"));
}

TEST(Hook, DoesNothingOnNextOfAnEventThatIsNotTriggered) {
  TestEvent event;
  EXPECT_TRUE(event.Next());
}

}  // namespace
}  // namespace wombat

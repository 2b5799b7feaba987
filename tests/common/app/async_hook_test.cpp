#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/app/hook.h"

namespace wombat {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct TestEvent : AsyncHookEvent<TestEvent> {
  std::vector<std::string> seen;
};
using TestHook = AsyncHook<TestEvent>;
using Handler = std::function<Task<HookResult>(TestEvent&)>;

// Somebody outside decides when the coroutine goes on.
struct Gate {
  struct Passing {
    Gate* gate;
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> handle) { gate->waiting = handle; }
    void await_resume() const {}
  };
  std::coroutine_handle<> waiting;
  Passing Pass() { return {this}; }
  void Open() { std::exchange(waiting, {}).resume(); }
};

Handler Says(std::string word) {
  return [word](TestEvent& event) -> Task<HookResult> {
    event.seen.push_back(word);
    co_return co_await event.Next();
  };
}

Task<HookResult> Action(TestEvent& event) {
  event.seen.push_back("action");
  co_return HookResult{};
}

// What a trigger came to, once it has finished.
struct Triggered {
  std::optional<HookResult> result;

  Triggered(const TestHook& hook, TestEvent& event, std::vector<std::string_view> tags = {}, Handler action = Action) {
    Start(Await(hook, event, std::move(tags), std::move(action), &result));
  }

 private:
  static Task<void> Await(const TestHook& hook, TestEvent& event, std::vector<std::string_view> tags, Handler action,
                          std::optional<HookResult>* out) {
    *out = co_await hook.Trigger(event, std::move(tags), std::move(action));
  }
};

TEST(AsyncHook, RunsTheActionWhenNothingIsBound) {
  TestHook hook;
  TestEvent event;
  Triggered run(hook, event);
  ASSERT_TRUE(run.result && *run.result);
  EXPECT_THAT(event.seen, ElementsAre("action"));
}

TEST(AsyncHook, RunsHandlersByPriorityAndThenInTheOrderOfBinding) {
  TestHook hook;
  hook.Bind({"late", 1, Says("late"), {}});
  hook.Bind({"first", 0, Says("first"), {}});
  hook.Bind({"second", 0, Says("second"), {}});
  TestEvent event;
  Triggered run(hook, event);
  EXPECT_THAT(event.seen, ElementsAre("first", "second", "late", "action"));
}

TEST(AsyncHook, StopsSilentlyWhereAHandlerDoesNotAwaitNext) {
  TestHook hook;
  hook.BindFunc([](TestEvent&) -> Task<HookResult> { co_return HookResult{}; });
  hook.BindFunc(Says("inner"));
  TestEvent event;
  Triggered run(hook, event);
  ASSERT_TRUE(run.result && *run.result);
  EXPECT_THAT(event.seen, IsEmpty());
}

TEST(AsyncHook, ContinuesPastTheHandlerThatStoppedOnASecondNext) {
  TestHook hook;
  hook.BindFunc([](TestEvent& event) -> Task<HookResult> {
    (void)co_await event.Next();
    co_return co_await event.Next();
  });
  hook.BindFunc([](TestEvent& event) -> Task<HookResult> {
    event.seen.push_back("stops");
    co_return HookResult{};
  });
  hook.BindFunc(Says("inner"));
  TestEvent event;
  Triggered run(hook, event);
  EXPECT_THAT(event.seen, ElementsAre("stops", "inner", "action"));
}

TEST(AsyncHook, DoesNothingOnASecondNextOfACompletedChain) {
  TestHook hook;
  hook.BindFunc([](TestEvent& event) -> Task<HookResult> {
    (void)co_await event.Next();
    co_return co_await event.Next();
  });
  TestEvent event;
  Triggered run(hook, event);
  ASSERT_TRUE(run.result && *run.result);
  EXPECT_THAT(event.seen, ElementsAre("action"));
}

TEST(AsyncHook, MakesAHandlersErrorTheResult) {
  TestHook hook;
  hook.BindFunc([](TestEvent& event) -> Task<HookResult> {
    (void)co_await event.Next();
    co_return Refuse(409, "after");
  });
  TestEvent event;
  Triggered run(hook, event);
  ASSERT_TRUE(run.result && !*run.result);
  EXPECT_EQ(run.result->error().status, 409);
  EXPECT_THAT(event.seen, ElementsAre("action"));
}

TEST(AsyncHook, RunsATaggedHandlerOnlyForItsTags) {
  TestHook hook;
  hook.BindFunc(Says("posts"), {"posts"});
  hook.BindFunc(Says("users"), {"users"});
  TestEvent event;
  Triggered run(hook, event, {"users", "_pb_users_auth_"});
  EXPECT_THAT(event.seen, ElementsAre("users", "action"));
}

TEST(AsyncHook, WaitsInNextForAnActionThatWaits) {
  TestHook hook;
  hook.BindFunc([](TestEvent& event) -> Task<HookResult> {
    event.seen.push_back("before");
    HookResult result = co_await event.Next();
    event.seen.push_back("after");
    co_return result;
  });
  Gate gate;
  TestEvent event;
  Triggered run(hook, event, {}, [&gate](TestEvent& e) -> Task<HookResult> {
    co_await gate.Pass();
    e.seen.push_back("action");
    co_return HookResult{};
  });
  EXPECT_FALSE(run.result);
  EXPECT_THAT(event.seen, ElementsAre("before"));
  gate.Open();
  ASSERT_TRUE(run.result && *run.result);
  EXPECT_THAT(event.seen, ElementsAre("before", "action", "after"));
}

TEST(AsyncHook, GoesOnWithTheNextHandlerAfterOneThatWaited) {
  TestHook hook;
  Gate gate;
  hook.BindFunc([&gate](TestEvent& event) -> Task<HookResult> {
    co_await gate.Pass();
    co_return co_await event.Next();
  });
  hook.BindFunc(Says("inner"));
  TestEvent event;
  Triggered run(hook, event);
  EXPECT_THAT(event.seen, IsEmpty());
  gate.Open();
  EXPECT_THAT(event.seen, ElementsAre("inner", "action"));
}

TEST(AsyncHook, KeepsItsHandlersWhileATriggerWaits) {
  TestHook hook;
  Gate gate;
  hook.BindFunc([&gate](TestEvent& event) -> Task<HookResult> {
    co_await gate.Pass();
    co_return co_await event.Next();
  });
  hook.BindFunc(Says("inner"));
  TestEvent event;
  Triggered run(hook, event);
  hook.UnbindAll();
  hook.BindFunc(Says("new"));
  gate.Open();
  EXPECT_THAT(event.seen, ElementsAre("inner", "action"));
}

TEST(AsyncHook, LetsTwoTriggersWaitAtTheSameTime) {
  TestHook hook;
  Gate first_gate, second_gate;
  hook.BindFunc(Says("handler"));
  TestEvent first, second;
  auto waiting_for = [](Gate& gate) -> Handler {
    return [&gate](TestEvent& event) -> Task<HookResult> {
      co_await gate.Pass();
      event.seen.push_back("action");
      co_return HookResult{};
    };
  };
  Triggered first_run(hook, first, {}, waiting_for(first_gate)), second_run(hook, second, {}, waiting_for(second_gate));
  second_gate.Open();
  EXPECT_TRUE(second_run.result);
  EXPECT_FALSE(first_run.result);
  first_gate.Open();
  EXPECT_TRUE(first_run.result);
  EXPECT_THAT(first.seen, ElementsAre("handler", "action"));
}

TEST(AsyncHook, ResumesTheOuterChainAfterTheSameEventWasTriggeredInsideIt) {
  TestHook outer, inner;
  inner.BindFunc(Says("inner"));
  outer.BindFunc([&inner](TestEvent& event) -> Task<HookResult> {
    (void)co_await inner.Trigger(event, {}, Action);
    event.seen.push_back("back");
    co_return co_await event.Next();
  });
  outer.BindFunc(Says("outer"));
  TestEvent event;
  Triggered run(outer, event);
  EXPECT_THAT(event.seen, ElementsAre("inner", "action", "back", "outer", "action"));
}

}  // namespace
}  // namespace wombat

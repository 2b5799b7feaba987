#include "common/app/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace wombat {
namespace {

struct Gate {
  std::coroutine_handle<> waiting;
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle) { waiting = handle; }
  void await_resume() const {}
};

Task<int> Sum(int a, int b) { co_return a + b; }

TEST(Task, DoesNotRunBeforeItIsAwaited) {
  bool ran = false;
  auto make = [](bool* flag) -> Task<void> {
    *flag = true;
    co_return;
  };
  {
    Task<void> task = make(&ran);
    EXPECT_FALSE(ran);
  }
  EXPECT_FALSE(ran);
  Start(make(&ran));
  EXPECT_TRUE(ran);
}

TEST(Task, HandsItsValueToTheAwaiter) {
  int result = 0;
  auto await = [](int* out) -> Task<void> {
    int first = co_await Sum(1, 2);
    *out = co_await Sum(first, 4);
  };
  Start(await(&result));
  EXPECT_EQ(result, 7);
}

TEST(Task, MovesAValueThatCannotBeCopied) {
  auto make = []() -> Task<std::unique_ptr<int>> { co_return std::make_unique<int>(5); };
  int result = 0;
  auto await = [](auto source, int* out) -> Task<void> {
    std::unique_ptr<int> value = co_await source();
    *out = *value;
  };
  Start(await(make, &result));
  EXPECT_EQ(result, 5);
}

TEST(Task, ResumesItsAwaiterOnlyWhenItHasFinished) {
  Gate gate;
  bool done = false;
  auto inner = [](Gate* at) -> Task<std::string> {
    co_await *at;
    co_return "done";
  };
  auto outer = [](auto source, Gate* at, bool* flag) -> Task<void> {
    std::string text = co_await source(at);
    *flag = text == "done";
  };
  Start(outer(inner, &gate, &done));
  EXPECT_FALSE(done);
  gate.waiting.resume();
  EXPECT_TRUE(done);
}

TEST(Task, FreesWhatItHoldsWhenItIsDestroyedUnawaited) {
  auto held = std::make_shared<int>(1);
  auto make = [](std::shared_ptr<int> value) -> Task<int> { co_return *value; };
  {
    Task<int> task = make(held);
    EXPECT_EQ(held.use_count(), 2);
  }
  EXPECT_EQ(held.use_count(), 1);
}

TEST(Task, FreesADetachedFrameWhenItHasFinished) {
  Gate gate;
  auto held = std::make_shared<int>(1);
  auto make = [](std::shared_ptr<int> value, Gate* at) -> Task<void> {
    co_await *at;
    ++*value;
  };
  Start(make(held, &gate));
  EXPECT_GT(held.use_count(), 1);
  gate.waiting.resume();
  EXPECT_EQ(*held, 2);
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace wombat

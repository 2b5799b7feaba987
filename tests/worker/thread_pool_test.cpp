#include "worker/thread_pool.h"

#include <gtest/gtest.h>

#include <future>

#include "tests/worker/worker_fixture.h"
#include "worker/read.h"

namespace wombat {
namespace {

template <class T>
Task<void> Await(ThreadPool& pool, std::function<T(PoolThread&)> job, std::optional<std::optional<T>>* out,
                 std::thread::id* resumed_on = nullptr) {
  *out = co_await pool.Run<T>(std::move(job));
  if (resumed_on) *resumed_on = std::this_thread::get_id();
}
using IntResult = std::optional<std::optional<int>>;

TEST(ThreadPool, RunsAJobOnAnotherThreadAndResumesOnTheLoops) {
  TestLoop loop;
  ThreadPool pool(loop.get(), 2, 10, "unused");
  IntResult result;
  std::thread::id ran_on, resumed_on;
  Start(Await<int>(pool, [&](PoolThread&) {
    ran_on = std::this_thread::get_id();
    return 7;
  }, &result, &resumed_on));
  ASSERT_TRUE(loop.RunUntil([&] { return result.has_value(); }));
  EXPECT_EQ(result->value(), 7);
  EXPECT_NE(ran_on, std::this_thread::get_id());
  EXPECT_EQ(resumed_on, std::this_thread::get_id());
}

TEST(ThreadPool, RunsManyJobs) {
  TestLoop loop;
  ThreadPool pool(loop.get(), 4, 1000, "unused");
  std::vector<IntResult> results(500);
  for (int i = 0; i < 500; i++) Start(Await<int>(pool, [i](PoolThread&) { return i; }, &results[std::size_t(i)]));
  ASSERT_TRUE(loop.RunUntil([&] {
    return std::all_of(results.begin(), results.end(), [](const IntResult& result) { return result.has_value(); });
  }));
  for (int i = 0; i < 500; i++) EXPECT_EQ(results[std::size_t(i)]->value(), i);
}

TEST(ThreadPool, RunsNoMoreAtOnceThanItsThreads) {
  TestLoop loop;
  ThreadPool pool(loop.get(), 2, 100, "unused");
  std::atomic<int> running = 0, most = 0;
  std::vector<IntResult> results(20);
  for (auto& result : results)
    Start(Await<int>(pool, [&](PoolThread&) {
      int now = ++running;
      for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {}
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      return --running;
    }, &result));
  ASSERT_TRUE(loop.RunUntil([&] {
    return std::all_of(results.begin(), results.end(), [](const IntResult& result) { return result.has_value(); });
  }));
  EXPECT_EQ(most.load(), 2);
}

TEST(ThreadPool, StartsOneThreadAtLeastAndMoreOnlyWhileOthersLeaveRoom) {
  TestLoop loop;
  std::atomic<int> most = 0;
  ThreadPool pool(loop.get(), 4, 100, "unused",
                  {.may_work = [](int working) { return working < 2; }, .working = [&](int working) {
                     if (working > most) most = working;
                   }});
  std::vector<IntResult> results(30);
  for (auto& result : results)
    Start(Await<int>(pool, [](PoolThread&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      return 1;
    }, &result));
  ASSERT_TRUE(loop.RunUntil([&] {
    return std::all_of(results.begin(), results.end(), [](const IntResult& result) { return result.has_value(); });
  }));
  EXPECT_EQ(most.load(), 2);
}

TEST(ThreadPool, WorksEvenWhereOthersLeaveNoRoomAtAll) {
  TestLoop loop;
  ThreadPool pool(loop.get(), 4, 100, "unused", {.may_work = [](int) { return false; }});
  std::vector<IntResult> results(10);
  for (auto& result : results) Start(Await<int>(pool, [](PoolThread&) { return 1; }, &result));
  ASSERT_TRUE(loop.RunUntil([&] {
    return std::all_of(results.begin(), results.end(), [](const IntResult& result) { return result.has_value(); });
  }));
}

TEST(ThreadPool, RefusesWhatIsMoreThanMayWait) {
  TestLoop loop;
  ThreadPool pool(loop.get(), 1, 2, "unused");
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  std::atomic<bool> started = false;
  std::vector<IntResult> results(4);
  auto waits = [&](PoolThread&) {
    started = true;
    released.wait();
    return 1;
  };
  Start(Await<int>(pool, waits, &results[0]));
  ASSERT_TRUE(loop.RunUntil([&] { return started.load(); }));
  for (int i = 1; i < 4; i++) Start(Await<int>(pool, waits, &results[std::size_t(i)]));
  EXPECT_EQ(pool.waiting(), 2u);
  ASSERT_TRUE(results[3].has_value());
  EXPECT_FALSE(results[3]->has_value());
  release.set_value();
  EXPECT_TRUE(loop.RunUntil([&] { return results[1] && results[2]; }));
}

TEST(ThreadPool, GivesEachThreadAReaderOfItsOwn) {
  TemporaryDirectory directory;
  std::filesystem::create_directories(directory.path());
  directory.Execute("data.db", "CREATE TABLE t (n); INSERT INTO t VALUES (42)");
  TestLoop loop;
  ThreadPool pool(loop.get(), 1, 10, directory.file("data.db"));
  std::vector<std::optional<std::optional<Connection*>>> readers(2);
  std::int64_t value = 0;
  for (auto& reader : readers) {
    Start(Await<Connection*>(pool, [&](PoolThread& thread) {
      auto opened = thread.Reader();
      if (!opened) return static_cast<Connection*>(nullptr);
      value = std::get<std::int64_t>((*opened)->QueryValue("SELECT n FROM t").value_or(std::int64_t(0)));
      return *opened;
    }, &reader));
  }
  ASSERT_TRUE(loop.RunUntil([&] { return readers[0] && readers[1]; }));
  EXPECT_EQ(value, 42);
  EXPECT_NE(readers[0]->value(), nullptr);
  EXPECT_EQ(readers[0]->value(), readers[1]->value());
}

TEST(ThreadPool, RefusesJobsOnceItIsStopped) {
  TestLoop loop;
  ThreadPool pool(loop.get(), 1, 10, "unused");
  pool.Stop();
  IntResult result;
  Start(Await<int>(pool, [](PoolThread&) { return 1; }, &result));
  ASSERT_TRUE(result.has_value());
  EXPECT_FALSE(result->has_value());
}

// ---- Read(): the loop first, the pool when it takes longer
class ReadTest : public WorkerTest {
 protected:
  ReadTest() {
    config_.data_dir = directory_.path().string();
    config_.page = page_;
    config_.writer_socket = directory_.file("nobody.sock");
    config_.query_timeout = std::chrono::seconds(1);
    runtime_ = std::make_unique<Runtime>(config_, app_, loop_.get(), std::move(reader_));
  }
  ~ReadTest() override {
    runtime_->query_pool.Stop();
    runtime_->hash_pool.Stop();
    runtime_.reset();
  }
  // Counts to `last` in SQL, and remembers the threads that it was asked on.
  Result<std::int64_t> Count(Connection& reader, std::int64_t last) {
    threads_.push_back(std::this_thread::get_id());
    SqlValues values{last};
    auto counted = reader.QueryValue(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT COUNT(*) FROM n", values);
    if (!counted) return std::unexpected(counted.error());
    return std::get<std::int64_t>(*counted);
  }
  Result<std::int64_t> ReadCount(std::int64_t last) {
    std::optional<Result<std::int64_t>> result;
    auto await = [](ReadTest* self, std::int64_t to, std::optional<Result<std::int64_t>>* out) -> Task<void> {
      std::function<Result<std::int64_t>(Connection&)> read = [self, to](Connection& reader) { return self->Count(reader, to); };
      *out = co_await Read<std::int64_t>(*self->runtime_, read);
    };
    Start(await(this, last, &result));
    EXPECT_TRUE(loop_.RunUntil([&] { return result.has_value(); }));
    return *result;
  }

  TestLoop loop_;
  WorkerConfig config_;
  std::unique_ptr<Runtime> runtime_;
  std::vector<std::thread::id> threads_;
};

TEST_F(ReadTest, RunsAQuickQueryOnTheLoop) {
  auto counted = ReadCount(10);
  ASSERT_TRUE(counted);
  EXPECT_EQ(*counted, 10);
  EXPECT_EQ(threads_, std::vector<std::thread::id>{std::this_thread::get_id()});
}

TEST_F(ReadTest, RunsASlowQueryAgainOnThePool) {
  auto counted = ReadCount(300'000);
  ASSERT_TRUE(counted) << counted.error().message;
  EXPECT_EQ(*counted, 300'000);
  ASSERT_EQ(threads_.size(), 2u);
  EXPECT_EQ(threads_[0], std::this_thread::get_id());
  EXPECT_NE(threads_[1], std::this_thread::get_id());
}

TEST_F(ReadTest, EndsAQueryAtTheTimeLimit) {
  auto start = std::chrono::steady_clock::now();
  auto counted = ReadCount(1'000'000'000'000);
  ASSERT_FALSE(counted);
  EXPECT_EQ(counted.error().kind, Error::Kind::kInterrupted);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

TEST_F(ReadTest, LeavesTheLoopsConnectionWithoutALimit) {
  ASSERT_TRUE(ReadCount(10));
  EXPECT_TRUE(Count(*runtime_->reader, 300'000));
}

TEST_F(ReadTest, HandsOtherErrorsOverWithoutTryingAgain) {
  int calls = 0;
  std::optional<Result<int>> result;
  auto await = [](Runtime& runtime, int* count, std::optional<Result<int>>* out) -> Task<void> {
    std::function<Result<int>(Connection&)> read = [count](Connection&) -> Result<int> {
      ++*count;
      return Fail("broken");
    };
    *out = co_await Read<int>(runtime, read);
  };
  Start(await(*runtime_, &calls, &result));
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->error().message, "broken");
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace wombat

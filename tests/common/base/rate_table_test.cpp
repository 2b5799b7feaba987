#include "common/base/rate_table.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "common/base/shared_page.h"

namespace wombat {
namespace {

class RateTableTest : public ::testing::Test {
 protected:
  RateTable& table_ = CreateSharedPage()->rate_limits;
};

std::uint64_t Key(int client) { return RateTable::KeyOf(1, "counter", "client " + std::to_string(client)); }

TEST_F(RateTableTest, LetsAsManyRequestsThroughAsTheLimitSays) {
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(table_.Take(Key(1), {5, 10}, 1000)) << i;
  EXPECT_FALSE(table_.Take(Key(1), {5, 10}, 1000));
  EXPECT_FALSE(table_.Take(Key(1), {5, 10}, 1009));
}

TEST_F(RateTableTest, OpensANewWindowOnceTheOldOneHasLastedItsTime) {
  EXPECT_TRUE(table_.Take(Key(1), {1, 10}, 1000));
  EXPECT_FALSE(table_.Take(Key(1), {1, 10}, 1009));
  EXPECT_TRUE(table_.Take(Key(1), {1, 10}, 1010));
  EXPECT_FALSE(table_.Take(Key(1), {1, 10}, 1019));
}

TEST_F(RateTableTest, CountsEachClientForItself) {
  EXPECT_TRUE(table_.Take(Key(1), {1, 10}, 1000));
  EXPECT_TRUE(table_.Take(Key(2), {1, 10}, 1000));
  EXPECT_FALSE(table_.Take(Key(1), {1, 10}, 1000));
  EXPECT_FALSE(table_.Take(Key(2), {1, 10}, 1000));
}

TEST_F(RateTableTest, LetsNothingThroughWhereTheLimitIsZero) { EXPECT_FALSE(table_.Take(Key(1), {0, 10}, 1000)); }

TEST_F(RateTableTest, KeepsTheLimitThatAClientBeganWith) {
  EXPECT_TRUE(table_.Take(Key(1), {2, 10}, 1000));
  EXPECT_TRUE(table_.Take(Key(1), {50, 10}, 1000));
  EXPECT_FALSE(table_.Take(Key(1), {50, 10}, 1000));
}

TEST_F(RateTableTest, StartsAnewWithEveryGenerationOfTheSettings) {
  EXPECT_NE(RateTable::KeyOf(1, "a", "b"), RateTable::KeyOf(2, "a", "b"));
  EXPECT_NE(RateTable::KeyOf(1, "a", "bc"), RateTable::KeyOf(1, "ab", "c"));
}

TEST_F(RateTableTest, GoesOnWhenMoreClientsComeThanItCanHold) {
  const int clients = int(RateTable::kGroups * RateTable::kSlotsPerGroup) * 2;
  for (int client = 0; client < clients; ++client) ASSERT_TRUE(table_.Take(Key(client), {1, 3600}, 1000)) << client;
  ASSERT_TRUE(table_.Take(Key(clients), {1, 3600}, 1000));
  EXPECT_FALSE(table_.Take(Key(clients), {1, 3600}, 1000));
}

TEST_F(RateTableTest, LetsExactlyTheLimitThroughHoweverManyThreadsAskAtOnce) {
  constexpr int kThreads = 8, kClients = 50, kRequests = 100;
  constexpr std::uint32_t kLimit = 37;
  std::atomic<int> passed{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back([&] {
      for (int request = 0; request < kRequests; ++request)
        for (int client = 0; client < kClients; ++client)
          if (table_.Take(Key(client), {kLimit, 3600}, 1000)) passed++;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(passed.load(), kClients * int(kLimit));
}

TEST_F(RateTableTest, LetsExactlyTheLimitThroughWhenWindowsEndWhileManyAsk) {
  constexpr int kThreads = 4;
  constexpr std::uint32_t kLimit = 100, kWindows = 20;
  std::atomic<int> passed{0};
  for (std::uint32_t window = 0; window < kWindows; ++window) {
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i)
      threads.emplace_back([&] {
        for (std::uint32_t request = 0; request < kLimit; ++request)
          if (table_.Take(Key(1), {kLimit, 10}, 1000 + window * 10)) passed++;
      });
    for (auto& thread : threads) thread.join();
  }
  EXPECT_EQ(passed.load(), int(kLimit * kWindows));
}

TEST_F(RateTableTest, TellsWhetherAWindowIsSpentWithoutTakingFromIt) {
  EXPECT_FALSE(table_.IsSpent(Key(1), 1000));
  EXPECT_TRUE(table_.Take(Key(1), {1, 10}, 1000));
  EXPECT_TRUE(table_.IsSpent(Key(1), 1009));
  EXPECT_FALSE(table_.IsSpent(Key(1), 1010));
  EXPECT_FALSE(table_.IsSpent(Key(2), 1000));
}

TEST_F(RateTableTest, BeginsAnewWithAForgottenWindow) {
  EXPECT_TRUE(table_.Take(Key(1), {1, 10}, 1000));
  table_.Forget(Key(2));
  EXPECT_TRUE(table_.IsSpent(Key(1), 1001));
  table_.Forget(Key(1));
  EXPECT_FALSE(table_.IsSpent(Key(1), 1001));
  EXPECT_TRUE(table_.Take(Key(1), {1, 10}, 1001));
  EXPECT_FALSE(table_.Take(Key(1), {1, 10}, 1001));
}

TEST_F(RateTableTest, IsNotLockedByAProcessThatWasKilledInside) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::pthread_mutex_lock(&table_.TEST_LockOf(Key(1)));
    ::kill(::getpid(), SIGKILL);
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(table_.Take(Key(1), {1, 10}, 1000));
  EXPECT_FALSE(table_.Take(Key(1), {1, 10}, 1000));
}

TEST_F(RateTableTest, LetsARequestPassWhereTheLockCannotBeHad) {
  ::pthread_mutex_t& lock = table_.TEST_LockOf(Key(1));
  ASSERT_EQ(::pthread_mutex_lock(&lock), 0);
  bool passed = false;
  std::thread([&] { passed = table_.Take(Key(1), {0, 10}, 1000); }).join();
  ::pthread_mutex_unlock(&lock);
  EXPECT_TRUE(passed);
}

}  // namespace
}  // namespace wombat

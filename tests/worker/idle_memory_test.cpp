#include "worker/idle_memory.h"

#include <gtest/gtest.h>

namespace wombat {
namespace {

TEST(IdleMemory, IsGivenBackOnceAfterEachLoad) {
  IdleMemory memory;
  EXPECT_FALSE(memory.Tick(1'000'000)) << "busy since the start";
  EXPECT_FALSE(memory.Tick(1'900'000)) << "still busy";
  EXPECT_TRUE(memory.Tick(1'901'000));
  EXPECT_FALSE(memory.Tick(1'902'000)) << "given back already";
  EXPECT_FALSE(memory.Tick(2'500'000)) << "busy again";
  EXPECT_TRUE(memory.Tick(2'501'000));
}

TEST(IdleMemory, IsLeftAloneWhereThereWasNoLoad) {
  IdleMemory memory;
  for (std::int64_t second = 1; second < 100; second++) EXPECT_EQ(memory.Tick(second * 1'000), false) << second;
}

}  // namespace
}  // namespace wombat

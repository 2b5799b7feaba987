#include "common/base/shared_page.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace wombat {
namespace {

TEST(SharedPage, WhatAChildWritesTheParentSees) {
  SharedPage* page = CreateSharedPage();
  ASSERT_NE(page, nullptr);
  EXPECT_EQ(page->schema_generation.load(), 1u);
  EXPECT_EQ(page->ready.load(), 0u);
  const pid_t child = ::fork();
  if (child == 0) {
    page->schema_generation++;
    page->AuthCounter("pbc_1") = 5;
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(page->schema_generation.load(), 2u);
  EXPECT_EQ(page->AuthCounter("pbc_1").load(), 5u);
}

TEST(SharedPage, TheCountersOfDifferentCollectionsAreSpread) {
  SharedPage* page = CreateSharedPage();
  std::size_t used = 0;
  for (int i = 0; i < 100; i++) page->AuthCounter("collection" + std::to_string(i))++;
  for (auto& counter : page->auth_changes) used += counter.load() != 0;
  EXPECT_GT(used, 80u);
}

}  // namespace
}  // namespace wombat

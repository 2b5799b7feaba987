#include "common/base/short_notes.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace wombat {
namespace {

// As in the shared page: zeros, and nothing else.
std::unique_ptr<ShortNotes> Empty() { return std::make_unique<ShortNotes>(); }

TEST(ShortNotes, AreTakenOnce) {
  auto notes = Empty();
  notes->Leave("code", "Ann Lee", 1000);
  EXPECT_EQ(notes->Take("other", 1000), "");
  EXPECT_EQ(notes->Take("code", 1000), "Ann Lee");
  EXPECT_EQ(notes->Take("code", 1000), "");
}

TEST(ShortNotes, AreForgottenAfterAMinute) {
  auto notes = Empty();
  notes->Leave("code", "Ann", 1000);
  EXPECT_EQ(notes->Take("code", 1000 + ShortNotes::kLifetimeMs), "");
  notes->Leave("code", "Ann", 1000);
  EXPECT_EQ(notes->Take("code", 999 + ShortNotes::kLifetimeMs), "Ann");
}

TEST(ShortNotes, ReplaceWhatTheirKeyHad) {
  auto notes = Empty();
  notes->Leave("code", "Ann", 1000);
  notes->Leave("code", "Bob", 1001);
  EXPECT_EQ(notes->Take("code", 1002), "Bob");
  EXPECT_EQ(notes->Take("code", 1002), "");
}

TEST(ShortNotes, HoldTextsUpToTheirSize) {
  auto notes = Empty();
  const std::string longest(ShortNotes::kMaxTextBytes, 'x');
  notes->Leave("code", longest, 1);
  EXPECT_EQ(notes->Take("code", 1), longest);
  notes->Leave("code", longest + "x", 1);
  EXPECT_EQ(notes->Take("code", 1), "");
}

TEST(ShortNotes, ForgetTheOldestWhereThereIsNoRoom) {
  auto notes = Empty();
  constexpr int kMany = int(ShortNotes::kGroups * ShortNotes::kSlotsPerGroup) * 4;
  for (int i = 0; i < kMany; i++) notes->Leave("code" + std::to_string(i), std::to_string(i), i);
  EXPECT_EQ(notes->Take("code" + std::to_string(kMany - 1), kMany), std::to_string(kMany - 1));
  EXPECT_EQ(notes->Take("code0", kMany), "");
}

TEST(ShortNotes, AreNeverMixedUpByThoseWhoWriteAtOnce) {
  auto notes = Empty();
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (int writer = 0; writer < 4; writer++)
    threads.emplace_back([&, writer] {
      const std::string text(100, char('a' + writer));
      for (int i = 0; i < 20'000; i++) {
        notes->Leave("same", text, 1);
        const std::string found = notes->Take("same", 1);
        if (found.empty()) continue;
        taken++;
        EXPECT_EQ(found, std::string(100, found[0]));
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_GT(taken, 0);
}

}  // namespace
}  // namespace wombat

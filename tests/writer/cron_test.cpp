#include "writer/jobs/cron.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

namespace wombat {
namespace {

using ::testing::ElementsAre;

Timestamp At(int hour, int minute, int second = 0) {
  using namespace std::chrono;
  return sys_days(2026y / 11 / 23) + hours(hour) + minutes(minute) + seconds(second);
}

std::vector<std::string> Ids(const CronJobs& jobs) {
  std::vector<std::string> ids;
  for (const auto& job : jobs.List()) ids.push_back(job.id);
  return ids;
}

TEST(CronJobs, AreListedByIdAndThoseOfTheProductLastAsTheyWereAdded) {
  CronJobs jobs;
  for (const char* id : {"__pbB__", "zebra", "__pbA__", "ant"}) ASSERT_TRUE(jobs.Add(id, "* * * * *", [] {}));
  EXPECT_THAT(Ids(jobs), ElementsAre("ant", "zebra", "__pbB__", "__pbA__"));
}

TEST(CronJobs, AReplacedJobMovesToTheEnd) {
  CronJobs jobs;
  for (const char* id : {"__pbA__", "__pbB__", "__pbA__"}) ASSERT_TRUE(jobs.Add(id, "* * * * *", [] {}));
  EXPECT_THAT(Ids(jobs), ElementsAre("__pbB__", "__pbA__"));
}

TEST(CronJobs, AMacroIsListedAsWhatItStandsFor) {
  CronJobs jobs;
  ASSERT_TRUE(jobs.Add("a", "@hourly", [] {}));
  EXPECT_EQ(jobs.List()[0].expression, "0 * * * *");
}

TEST(CronJobs, AnExpressionThatIsNoneIsRefusedAndTheOldJobStays) {
  CronJobs jobs;
  ASSERT_TRUE(jobs.Add("a", "@hourly", [] {}));
  EXPECT_FALSE(jobs.Add("a", "60 * * * *", [] {}));
  EXPECT_EQ(jobs.List()[0].expression, "0 * * * *");
}

TEST(CronJobs, WhatIsDueRunsOnceInItsMinute) {
  CronJobs jobs;
  std::atomic<int> hourly = 0, daily = 0;
  ASSERT_TRUE(jobs.Add("hourly", "0 * * * *", [&] { hourly++; }));
  ASSERT_TRUE(jobs.Add("daily", "0 0 * * *", [&] { daily++; }));
  for (int second = 58; second < 125; second++) jobs.Tick(At(6, 58 + second / 60, second % 60));
  jobs.Stop();
  EXPECT_EQ(hourly, 1);
  EXPECT_EQ(daily, 0);
}

TEST(CronJobs, TheMinuteInWhichTheServerStartedHadBegunBefore) {
  CronJobs jobs;
  std::atomic<int> runs = 0;
  ASSERT_TRUE(jobs.Add("a", "* * * * *", [&] { runs++; }));
  jobs.Tick(At(7, 0, 30));
  jobs.Tick(At(7, 0, 59));
  jobs.Stop();
  EXPECT_EQ(runs, 0);
}

TEST(CronJobs, MinutesThatWereMissedAreNotMadeUpFor) {
  CronJobs jobs;
  std::atomic<int> runs = 0;
  ASSERT_TRUE(jobs.Add("a", "* * * * *", [&] { runs++; }));
  jobs.Tick(At(7, 0));
  jobs.Tick(At(7, 30));
  jobs.Stop();
  EXPECT_EQ(runs, 1);
}

TEST(CronJobs, AClockThatWasSetBackStartsNothing) {
  CronJobs jobs;
  std::atomic<int> runs = 0;
  ASSERT_TRUE(jobs.Add("a", "* * * * *", [&] { runs++; }));
  jobs.Tick(At(7, 30));
  jobs.Tick(At(7, 0));
  jobs.Stop();
  EXPECT_EQ(runs, 0);
}

TEST(CronJobs, AJobCanBeStartedAtAnyTimeByItsId) {
  CronJobs jobs;
  std::atomic<int> runs = 0;
  ASSERT_TRUE(jobs.Add("a", "@yearly", [&] { runs++; }));
  EXPECT_TRUE(jobs.Start("a"));
  EXPECT_FALSE(jobs.Start("b"));
  jobs.Stop();
  EXPECT_EQ(runs, 1);
}

TEST(CronJobs, AJobThatThrowsEndsOnlyItself) {
  CronJobs jobs;
  std::atomic<int> runs = 0;
  ASSERT_TRUE(jobs.Add("bad", "@yearly", [] { throw std::runtime_error("no"); }));
  ASSERT_TRUE(jobs.Add("good", "@yearly", [&] { runs++; }));
  EXPECT_TRUE(jobs.Start("bad"));
  EXPECT_TRUE(jobs.Start("good"));
  jobs.Stop();
  EXPECT_EQ(runs, 1);
}

TEST(CronJobs, ARemovedJobIsGoneAndOneThatRunsMayRemoveItself) {
  CronJobs jobs;
  std::atomic<int> runs = 0;
  ASSERT_TRUE(jobs.Add("a", "@yearly", [&] {
    jobs.Remove("a");
    runs++;
  }));
  EXPECT_TRUE(jobs.Start("a"));
  jobs.Stop();
  EXPECT_EQ(runs, 1);
  EXPECT_FALSE(jobs.Start("a"));
}

TEST(CronJobs, NothingStartsAfterTheEnd) {
  CronJobs jobs;
  std::atomic<int> runs = 0;
  ASSERT_TRUE(jobs.Add("a", "* * * * *", [&] { runs++; }));
  jobs.Tick(At(7, 0));
  jobs.Stop();
  jobs.Tick(At(7, 1));
  (void)jobs.Start("a");
  jobs.Stop();
  EXPECT_EQ(runs, 0);
}

}  // namespace
}  // namespace wombat

#include "common/base/cron.h"

#include <gtest/gtest.h>

namespace wombat {
namespace {

std::string ErrorOf(std::string_view expression) {
  auto parsed = ParseCron(expression);
  return parsed ? "none" : parsed.error();
}

bool IsDue(std::string_view expression, std::string_view moment) {
  auto schedule = ParseCron(expression);
  EXPECT_TRUE(schedule) << expression;
  return schedule->IsDue(*ParseTimestamp(moment));
}

TEST(Cron, TakesWildcardsRangesStepsAndLists) {
  EXPECT_TRUE(IsDue("* * * * *", "2024-02-29 23:59:00.000Z"));
  EXPECT_TRUE(IsDue("5,10-20/5,40 * * * *", "2024-01-01 00:15:00.000Z"));
  EXPECT_FALSE(IsDue("5,10-20/5,40 * * * *", "2024-01-01 00:12:00.000Z"));
  EXPECT_TRUE(IsDue("*/20 3 * 2 *", "2024-02-01 03:40:59.999Z"));
}

TEST(Cron, AsksForDayOfMonthAndWeekdayTogether) {
  EXPECT_TRUE(IsDue("0 0 1 * 1", "2024-01-01 00:00:00.000Z"));     // a Monday
  EXPECT_FALSE(IsDue("0 0 1 * 1", "2024-02-01 00:00:00.000Z"));    // a Thursday
  EXPECT_FALSE(IsDue("0 0 1 * 1", "2024-01-08 00:00:00.000Z"));    // a Monday
  EXPECT_TRUE(IsDue("0 0 * * 0", "2024-01-07 00:00:00.000Z"));     // a Sunday
}

TEST(Cron, KnowsTheMacros) {
  EXPECT_EQ(ExpandCronMacro("@hourly"), "0 * * * *");
  EXPECT_EQ(ExpandCronMacro("1 2 3 4 5"), "1 2 3 4 5");
  EXPECT_TRUE(IsDue("@daily", "2024-03-03 00:00:00.000Z"));
  EXPECT_EQ(ErrorOf("@Daily").substr(0, 23), "invalid cron expression");
}

TEST(Cron, TellsWhatIsWrong) {
  EXPECT_EQ(ErrorOf("* * * *"), "invalid cron expression - must be a valid macro or to have exactly 5 space separated segments");
  EXPECT_EQ(ErrorOf("*  * * *"), "strconv.Atoi: parsing \"\": invalid syntax");
  EXPECT_EQ(ErrorOf("*/0 * * * *"), "invalid segment step boundary - the step must be between 1 and the 59");
  EXPECT_EQ(ErrorOf("*/2/3 * * * *"), "invalid segment step format - must be in the format */n or 1-30/n");
  EXPECT_EQ(ErrorOf("3/2 * * * *"), "invalid segment step - step > 1 could be used only with the wildcard or range format");
  EXPECT_EQ(ErrorOf("60 * * * *"), "invalid segment value - must be between the min and max of the segment");
  EXPECT_EQ(ErrorOf("* * 0-4 * *"), "invalid segment range minimum - must be between 1 and 31");
  EXPECT_EQ(ErrorOf("* 5-1 * * *"), "invalid segment range maximum - must be between 5 and 23");
  EXPECT_EQ(ErrorOf("1-2-3 * * * *"), "invalid segment range format - the range must have 1 or 2 parts");
  EXPECT_EQ(ErrorOf("a * * * *"), "strconv.Atoi: parsing \"a\": invalid syntax");
  EXPECT_EQ(ErrorOf("-1 * * * *"), "strconv.Atoi: parsing \"\": invalid syntax");
  EXPECT_EQ(ErrorOf("* * * * 7"), "invalid segment value - must be between the min and max of the segment");
  EXPECT_EQ(ErrorOf("3/1 * * * *"), "none");
}

}  // namespace
}  // namespace wombat

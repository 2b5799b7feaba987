#include "common/base/time.h"

#include <gtest/gtest.h>

namespace wombat {
namespace {

TEST(FormatTimestamp, WritesUtcWithThreeDigitsOfFraction) {
  EXPECT_EQ(FormatTimestamp(Timestamp(std::chrono::milliseconds(1704067200007))), "2024-01-01 00:00:00.007Z");
  EXPECT_EQ(FormatTimestamp(Timestamp(std::chrono::milliseconds(-1))), "1969-12-31 23:59:59.999Z");
}

TEST(FormatTimestamp, ClampsYearsThatDoNotFit) {
  EXPECT_EQ(FormatTimestamp(std::chrono::sys_days(std::chrono::year(12000) / 1 / 1)), "9999-12-31 23:59:59.999Z");
}

TEST(NowText, ReadsBackAsTheSameInstant) {
  const std::string now = NowText();
  EXPECT_EQ(NormalizeTimestamp(now), now);
  EXPECT_LT(Now() - *ParseTimestamp(now), std::chrono::seconds(10));
}

struct Layout {
  const char* text;
  const char* normal;
};

class AcceptedLayout : public testing::TestWithParam<Layout> {};

TEST_P(AcceptedLayout, IsReadAsUtc) {
  EXPECT_EQ(NormalizeTimestamp(GetParam().text), GetParam().normal) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(Time, AcceptedLayout,
                         testing::Values(Layout{"2024-03-05 06:07:08.009Z", "2024-03-05 06:07:08.009Z"},
                                         Layout{"2024-03-05", "2024-03-05 00:00:00.000Z"},
                                         Layout{"2024-03-05T06:07:08Z", "2024-03-05 06:07:08.000Z"},
                                         Layout{"2024-03-05T06:07:08.123999+02:30", "2024-03-05 03:37:08.123Z"},
                                         Layout{"2024-03-05T06:07:08", "2024-03-05 06:07:08.000Z"},
                                         Layout{"Tue, 05 Mar 2024 06:07:08 -0100", "2024-03-05 07:07:08.000Z"},
                                         Layout{"Tue, 05 Mar 2024 06:07:08 CET", "2024-03-05 06:07:08.000Z"},
                                         Layout{"05 Mar 24 06:07 +0100", "2024-03-05 05:07:00.000Z"},
                                         Layout{"05 Mar 70 06:07 MST", "1970-03-05 06:07:00.000Z"},
                                         Layout{"Tuesday, 05-Mar-24 06:07:08 GMT", "2024-03-05 06:07:08.000Z"},
                                         Layout{"2024-03-05 06:07:08.5 +0100 CET", "2024-03-05 05:07:08.500Z"},
                                         Layout{"2024-03-05 06:07:08 +0000 UTC", "2024-03-05 06:07:08.000Z"},
                                         Layout{"2024-03-05T06:07:08+0100", "2024-03-05 05:07:08.000Z"},
                                         Layout{"2024-03-05 06:07:08Z", "2024-03-05 06:07:08.000Z"},
                                         Layout{"2024-03-05 06:07:08.1Z", "2024-03-05 06:07:08.100Z"},
                                         Layout{"2024-03-05 06:07:08", "2024-03-05 06:07:08.000Z"},
                                         Layout{"Tue Mar  5 06:07:08 2024", "2024-03-05 06:07:08.000Z"},
                                         Layout{"Tue Mar  5 06:07:08 MST 2024", "2024-03-05 06:07:08.000Z"},
                                         Layout{"Tue Mar 05 06:07:08 -0700 2024", "2024-03-05 13:07:08.000Z"},
                                         Layout{"2024-03-05 06:07:08+01:00", "2024-03-05 05:07:08.000Z"},
                                         Layout{"05 Mar 2024", "2024-03-05 00:00:00.000Z"},
                                         Layout{"2024-03-05 06:07:08 +01:00", "2024-03-05 05:07:08.000Z"},
                                         Layout{"2024-03-05 06:07:08 +0100", "2024-03-05 05:07:08.000Z"},
                                         Layout{"3:04PM", "0000-01-01 15:04:00.000Z"},
                                         Layout{"Mar  5 06:07:08.123456", "0000-03-05 06:07:08.123Z"}));

TEST(ParseTimestamp, RefusesWhatIsNoKnownLayout) {
  for (const char* text : {"", "2024-03-05 06:07", "2024-03-05T06:07", "20240305", "2024", "2024-03", "2024/03/05",
                           "1704067200", " 2024-03-05", "2024-03-05 ", "2024-3-05", "x", "2024-03-05T06:07:08+25:00"}) {
    EXPECT_FALSE(ParseTimestamp(text)) << text;
  }
}

TEST(ParseTimestamp, RefusesImpossibleDatesAndTimes) {
  for (const char* text : {"2024-02-30", "2023-02-29", "2024-13-01", "2024-00-01", "2024-01-00",
                           "2024-01-01 24:00:00.000Z", "2024-01-01 00:60:00", "2024-01-01 00:00:60"}) {
    EXPECT_FALSE(ParseTimestamp(text)) << text;
  }
  EXPECT_TRUE(ParseTimestamp("2024-02-29"));
}

TEST(ParseTimestamp, TakesTheZeroInstantForNone) { EXPECT_EQ(NormalizeTimestamp("0001-01-01 00:00:00.000Z"), ""); }

}  // namespace
}  // namespace wombat

#include "worker/files/thumb_size.h"

#include <gtest/gtest.h>

namespace wombat {
namespace {

using Mode = ThumbSize::Mode;

ThumbPlan Plan(std::string_view size, int width, int height) {
  const auto parsed = ParseThumbSize(size);
  EXPECT_TRUE(parsed) << size;
  return parsed ? PlanThumb(*parsed, width, height) : ThumbPlan();
}

void ExpectSize(std::string_view size, int width, int height, int expected_width, int expected_height) {
  const ThumbPlan plan = Plan(size, width, height);
  EXPECT_EQ(plan.width, expected_width) << size << " of " << width << "x" << height;
  EXPECT_EQ(plan.height, expected_height) << size << " of " << width << "x" << height;
  EXPECT_GE(plan.left, 0);
  EXPECT_GE(plan.top, 0);
  EXPECT_LE(plan.left + plan.width, plan.scaled_width);
  EXPECT_LE(plan.top + plan.height, plan.scaled_height);
}

TEST(ThumbSize, HasAModeBehindItsNumbers) {
  EXPECT_EQ(ParseThumbSize("70x50")->mode, Mode::kCrop);
  EXPECT_EQ(ParseThumbSize("70x50t")->mode, Mode::kCropTop);
  EXPECT_EQ(ParseThumbSize("70x50b")->mode, Mode::kCropBottom);
  EXPECT_EQ(ParseThumbSize("70x50f")->mode, Mode::kFit);
  EXPECT_EQ(ParseThumbSize("010x10")->width, 10);
}

TEST(ThumbSize, IsNothingElse) {
  for (const auto text : {"", "x", "10", "10x", "x10", "0x0", "0x0f", "-1x5", "1x-5", "10x10z", "10x10tt", "99999x1", " 1x1"})
    EXPECT_FALSE(ParseThumbSize(text)) << text;
}

TEST(PlanThumb, CropsToExactlyTheSizeAndScalesUpWhenItMust) {
  ExpectSize("70x50", 300, 300, 70, 50);
  ExpectSize("500x500", 30, 20, 500, 500);
  ExpectSize("10x300", 201, 90, 10, 300);
}

TEST(PlanThumb, TakesTheMiddleTheTopOrTheBottom) {
  const ThumbPlan middle = Plan("100x50", 100, 250), top = Plan("100x50t", 100, 250), bottom = Plan("100x50b", 100, 250);
  EXPECT_EQ(middle.top, 100);
  EXPECT_EQ(top.top, 0);
  EXPECT_EQ(bottom.top, 200);
  EXPECT_EQ(Plan("50x100t", 250, 100).left, 100);
}

TEST(PlanThumb, FitsWithoutScalingUp) {
  ExpectSize("30x30f", 120, 60, 30, 15);
  ExpectSize("70x50f", 300, 300, 50, 50);
  ExpectSize("500x500f", 300, 200, 300, 200);
  ExpectSize("33x77f", 300, 200, 33, 22);
}

TEST(PlanThumb, LetsTheMissingSideFollow) {
  ExpectSize("0x8", 120, 60, 16, 8);
  ExpectSize("70x0", 200, 120, 70, 42);
  ExpectSize("0x1", 20, 1000, 1, 1);
}

}  // namespace
}  // namespace wombat

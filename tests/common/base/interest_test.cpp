#include "common/base/interest.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace wombat {
namespace {

class InterestTest : public ::testing::Test {
 protected:
  std::vector<std::size_t> WorkersFor(std::string_view name, std::string_view id) {
    std::vector<std::size_t> found;
    table_->AnyOf(InterestBit(name), InterestBit(id), [&](std::size_t worker) {
      found.push_back(worker);
      return false;
    });
    return found;
  }
  std::unique_ptr<InterestTable> table_ = std::make_unique<InterestTable>();
};

TEST_F(InterestTest, NobodyIsInterestedAtFirst) {
  EXPECT_FALSE(table_->Any());
  EXPECT_TRUE(WorkersFor("posts", "pbc_1").empty());
}

TEST_F(InterestTest, AWorkerIsFoundByACollectionsNameAndByItsId) {
  table_->Set(3, InterestBit("posts"), true);
  table_->Set(200, InterestBit("pbc_1"), true);
  EXPECT_TRUE(table_->Any());
  EXPECT_EQ(WorkersFor("posts", "pbc_1"), (std::vector<std::size_t>{3, 200}));
  EXPECT_EQ(WorkersFor("posts", "pbc_2"), (std::vector<std::size_t>{3}));
}

TEST_F(InterestTest, AnInterestThatEndsLeavesTheOthers) {
  table_->Set(0, InterestBit("posts"), true);
  table_->Set(0, InterestBit("notes"), true);
  table_->Set(0, InterestBit("posts"), false);
  EXPECT_TRUE(WorkersFor("posts", "x").empty());
  EXPECT_EQ(WorkersFor("notes", "x"), (std::vector<std::size_t>{0}));
  table_->Set(0, InterestBit("notes"), false);
  EXPECT_FALSE(table_->Any());
}

TEST_F(InterestTest, ANewWorkerForgetsWhatTheOneBeforeItLeft) {
  table_->Begin(5, 71);
  table_->Set(5, InterestBit("posts"), true);
  table_->Begin(5, 72);
  EXPECT_FALSE(table_->Any());
  EXPECT_EQ(table_->rows[5].incarnation.load(), 72u);
}

}  // namespace
}  // namespace wombat

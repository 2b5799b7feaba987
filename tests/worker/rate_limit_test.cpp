#include "worker/rate_limit.h"

#include <gtest/gtest.h>

namespace wombat {
namespace {

// "label audience" of each rule, in their order.
class RateLimitRules : public ::testing::Test {
 protected:
  void Rules(std::initializer_list<std::pair<const char*, const char*>> rules) {
    settings_.rate_limits.rules.clear();
    for (const auto& [label, audience] : rules) settings_.rate_limits.rules.push_back({label, audience, 1, 1});
  }
  std::string Find(std::initializer_list<std::string> labels, bool authenticated = false) {
    const std::vector<std::string> list(labels);
    const auto* rule = FindRateLimitRule(settings_, list, authenticated);
    return rule ? rule->label + rule->audience : "none";
  }
  Settings settings_;
};

TEST_F(RateLimitRules, AreFoundByTheFirstLabelThatHasOne) {
  Rules({{"/api/", ""}, {"*:list", ""}, {"GET /api/x", ""}});
  EXPECT_EQ(Find({"demo:list", "*:list", "GET /api/x", "/api/x"}), "*:list");
  EXPECT_EQ(Find({"GET /api/x", "/api/x"}), "GET /api/x");
  EXPECT_EQ(Find({"POST /api/x", "/api/x"}), "/api/");
  EXPECT_EQ(Find({"GET /other", "/other"}), "none");
}

TEST_F(RateLimitRules, ForAFolderApplyToAllBelowItAndToItself) {
  Rules({{"/api/batch/", ""}});
  EXPECT_EQ(Find({"/api/batch"}), "/api/batch/");
  EXPECT_EQ(Find({"/api/batch/x/y"}), "/api/batch/");
  EXPECT_EQ(Find({"/api/batches"}), "none");
}

TEST_F(RateLimitRules, ForFoldersAreTakenInTheirOrder) {
  Rules({{"/api/", ""}, {"/api/collections/", ""}});
  EXPECT_EQ(Find({"/api/collections/x"}), "/api/");
}

TEST_F(RateLimitRules, WithoutASlashApplyToNothingBelow) {
  Rules({{"/api", ""}});
  EXPECT_EQ(Find({"/api/x"}), "none");
  EXPECT_EQ(Find({"/api"}), "/api");
}

TEST_F(RateLimitRules, ApplyToTheirAudience) {
  Rules({{"/a", "@guest"}, {"/a", "@auth"}, {"/b", "@auth"}, {"/", ""}});
  EXPECT_EQ(Find({"/a"}, false), "/a@guest");
  EXPECT_EQ(Find({"/a"}, true), "/a@auth");
  EXPECT_EQ(Find({"/b"}, false), "/");
  EXPECT_EQ(Find({"/b"}, true), "/b@auth");
}

}  // namespace
}  // namespace wombat

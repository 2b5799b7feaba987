#include "worker/api/otp_decoy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace wombat {
namespace {

Collection Members(std::string secret = "a secret that nobody knows") {
  Collection collection;
  collection.id = "members";
  collection.auth.auth_token.secret = std::move(secret);
  collection.auth.otp.duration = 180;
  return collection;
}

TEST(OtpDecoy, AnIdLooksLikeARecordsAndIsAnotherOneEachTime) {
  const Collection members = Members();
  const std::string first = DecoyOtpId(members, "nobody@example.com"), second = DecoyOtpId(members, "nobody@example.com");
  EXPECT_THAT(first, ::testing::MatchesRegex("[a-z0-9]{15}"));
  EXPECT_NE(first, second);
}

TEST(OtpDecoy, EveryIdOfAnAddressLeadsToTheSameBucketInWhateverLetterCase) {
  const Collection members = Members();
  const std::uint32_t bucket = DecoyBucketOf(members, "nobody@example.com");
  for (int i = 0; i < 50; i++) EXPECT_EQ(DecoyBucketOfId(members, DecoyOtpId(members, "Nobody@Example.com")), bucket);
  EXPECT_EQ(DecoyBucketOfId(members, RepeatedDecoyOtpId(members, "nobody@example.com", Now())), bucket);
}

TEST(OtpDecoy, ItsEndTellsNothingWithoutTheSecret) {
  const Collection members = Members();
  std::set<std::string> ends;
  for (int i = 0; i < 50; i++) ends.insert(DecoyOtpId(members, "nobody@example.com").substr(13));
  EXPECT_GT(ends.size(), 40u);
  EXPECT_NE(DecoyBucketOf(members, "nobody@example.com"), DecoyBucketOf(Members("another"), "nobody@example.com"));
}

TEST(OtpDecoy, ARepeatedIdStaysForAPeriodAndIsEachAddresssOwn) {
  const Collection members = Members();
  const Timestamp begin{std::chrono::seconds(180 * 1000)};
  const std::string id = RepeatedDecoyOtpId(members, "nobody@example.com", begin);
  EXPECT_EQ(RepeatedDecoyOtpId(members, "nobody@example.com", begin + std::chrono::seconds(179)), id);
  EXPECT_NE(RepeatedDecoyOtpId(members, "nobody@example.com", begin + std::chrono::seconds(180)), id);
  EXPECT_NE(RepeatedDecoyOtpId(members, "somebody@example.com", begin), id);
}

TEST(OtpDecoy, WhateverWasNeverMadeHereHasABucketToo) {
  const Collection members = Members();
  for (const char* id : {"", "x", "AAAAAAAAAAAAAAA", "\xff\xff", "0123456789abcdef"}) EXPECT_LT(DecoyBucketOfId(members, id), kDecoyBuckets);
}

}  // namespace
}  // namespace wombat

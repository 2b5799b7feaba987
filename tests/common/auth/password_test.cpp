#include "common/auth/password.h"

#include <gtest/gtest.h>

namespace wombat {
namespace {

constexpr int kCheapCost = 4;
// Of "12345678", made by the reference.
const std::string kReferenceHash = "$2a$10$7oddTM4VvqH3mdFeHd/l/OFbTkCidwFtCT6s0wJHOze7zpyhZLUiO";

TEST(HashPassword, MakesAHashThatOnlyItsPasswordVerifies) {
  const auto hash = HashPassword("pässwörd", kCheapCost);
  ASSERT_TRUE(hash);
  EXPECT_TRUE(hash->starts_with("$2a$04$"));
  EXPECT_EQ(hash->size(), 60u);
  EXPECT_TRUE(VerifyPassword("pässwörd", *hash));
  EXPECT_FALSE(VerifyPassword("passwörd", *hash));
}

TEST(HashPassword, SaltsEveryHash) { EXPECT_NE(HashPassword("same", kCheapCost), HashPassword("same", kCheapCost)); }

TEST(HashPassword, TakesCostZeroForTheDefault) { EXPECT_TRUE(HashPassword("x")->starts_with("$2a$10$")); }

TEST(HashPassword, RefusesWhatBcryptCannotTakeWhole) {
  EXPECT_TRUE(HashPassword(std::string(72, 'x'), kCheapCost));
  EXPECT_FALSE(HashPassword(std::string(73, 'x'), kCheapCost));
  EXPECT_FALSE(HashPassword(std::string_view("a\0b", 3), kCheapCost));
  EXPECT_FALSE(HashPassword("x", 3));
  EXPECT_FALSE(HashPassword("x", 32));
}

TEST(UnusablePasswordHash, LooksLikeAnyOtherAndIsNoPasswords) {
  const std::string hash = UnusablePasswordHash(kCheapCost);
  EXPECT_EQ(hash.size(), 60u);
  EXPECT_TRUE(hash.starts_with("$2a$04$"));
  EXPECT_FALSE(VerifyPassword("", hash));
  EXPECT_FALSE(VerifyPassword("12345678", hash));
  EXPECT_NE(UnusablePasswordHash(), UnusablePasswordHash());
}

TEST(VerifyPassword, AcceptsTheReferencesHashUnderEveryNameOfTheAlgorithm) {
  for (const char letter : {'a', 'b', 'y'}) {
    std::string hash = kReferenceHash;
    hash[2] = letter;
    EXPECT_TRUE(VerifyPassword("12345678", hash)) << letter;
    EXPECT_FALSE(VerifyPassword("12345679", hash)) << letter;
  }
}

TEST(VerifyPassword, LooksAtSeventyTwoBytes) {
  const auto hash = HashPassword(std::string(72, 'x'), kCheapCost);
  EXPECT_TRUE(VerifyPassword(std::string(72, 'x') + "more", *hash));
  EXPECT_FALSE(VerifyPassword(std::string(71, 'x'), *hash));
}

TEST(VerifyPassword, TellsPasswordsApartWhereOldImplementationsDidNot) {
  const auto hash = HashPassword(
      "\xFF\xA3"
      "345",
      kCheapCost);
  EXPECT_TRUE(
      VerifyPassword("\xFF\xA3"
                     "345",
                     *hash));
  EXPECT_FALSE(
      VerifyPassword("\xA3"
                     "345",
                     *hash));
}

TEST(VerifyPassword, NeverMatchesAnEmptyOrBrokenHash) {
  for (const char* hash :
       {"", "x", "$2a$10$", "$1$abc$def", "$2x$10$7oddTM4VvqH3mdFeHd/l/OFbTkCidwFtCT6s0wJHOze7zpyhZLUiO"}) {
    EXPECT_FALSE(VerifyPassword("", hash)) << hash;
    EXPECT_FALSE(VerifyPassword("12345678", hash)) << hash;
  }
}

}  // namespace
}  // namespace wombat

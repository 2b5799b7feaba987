#include "worker/api/oauth2_name.h"

#include <gtest/gtest.h>

#include <memory>

namespace wombat {
namespace {

// What is remembered of `user`.
std::string Remembered(const std::string& user, const std::string& code = "code") {
  auto names = std::make_unique<ShortNotes>();
  RememberOAuth2Name(*names, code, user, 1);
  return TakeOAuth2Name(*names, code, 1);
}

TEST(OAuth2Name, IsTheFirstAndTheLastOfWhatAppleTells) {
  EXPECT_EQ(Remembered(R"({"name":{"firstName":"Ann","lastName":"Lee"},"email":"a@x.com"})"), "Ann Lee");
  EXPECT_EQ(Remembered(R"({"name":{"firstName":"Ann"}})"), "Ann");
  EXPECT_EQ(Remembered(R"({"name":{"lastName":" Lee "}})"), "Lee");
}

TEST(OAuth2Name, IsNotThereWhereNothingUsableWasTold) {
  for (const char* user : {"", "x", "[]", "{}", R"({"name":"Ann"})", R"({"name":{"firstName":5}})", R"({"name":{"firstName":" "}})"})
    EXPECT_EQ(Remembered(user), "") << user;
}

TEST(OAuth2Name, IsCutWithoutBreakingALetter) {
  const std::string first = Remembered(R"({"name":{"firstName":")" + std::string(200, 'x') + R"("}})");
  EXPECT_EQ(first, std::string(150, 'x'));
  std::string accents;
  for (int i = 0; i < 100; i++) accents += "é";
  EXPECT_EQ(Remembered(R"({"name":{"firstName":"x)" + accents + R"("}})").size(), 149u);
}

TEST(OAuth2Name, IsNotKeptForACodeThatIsTooLong) {
  const std::string user = R"({"name":{"firstName":"Ann"}})";
  EXPECT_EQ(Remembered(user, std::string(1000 - 15, 'c')), "Ann");
  EXPECT_EQ(Remembered(user, std::string(1000 - 14, 'c')), "");
}

}  // namespace
}  // namespace wombat

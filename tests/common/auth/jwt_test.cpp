#include "common/auth/jwt.h"

#include <gtest/gtest.h>

#include "common/auth/base64.h"

namespace wombat {
namespace {

constexpr std::int64_t kNow = 1'700'000'000;

std::string Token(std::string_view header, std::string_view claims) {
  return EncodeBase64Url(header) + "." + EncodeBase64Url(claims) + ".c2ln";
}

TEST(SignToken, HasTheHeaderAndSignatureOfTheStandard) {
  // Checked against another implementation of HS256.
  EXPECT_EQ(SignToken(Json::Object({{"id", "x"}}), "secret"),
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpZCI6IngifQ.1Y2Q5F8DeqvcY5mDxgIUJyfWLY0rk9zgQPbxjy1rz0k");
}

TEST(SignToken, MakesTokensThatDecodeAndVerify) {
  const Json claims = Json::Object({{"id", "abc"}, {"exp", kNow + 10}, {"refreshable", true}});
  const std::string token = SignToken(claims, "key");
  EXPECT_EQ(DecodeToken(token, kNow), claims);
  EXPECT_TRUE(VerifyTokenSignature(token, "key"));
}

TEST(VerifyTokenSignature, RefusesAnotherKeyAndChangedText) {
  const std::string token = SignToken(Json::Object({{"id", "abc"}}), "key");
  EXPECT_FALSE(VerifyTokenSignature(token, "kez"));
  std::string changed = token;
  changed[token.find('.') + 3] ^= 1;
  EXPECT_FALSE(VerifyTokenSignature(changed, "key"));
  EXPECT_FALSE(VerifyTokenSignature(token.substr(0, token.rfind('.') + 1), "key"));
  EXPECT_FALSE(VerifyTokenSignature("", "key"));
}

TEST(DecodeToken, AcceptsATokenWithoutExpiry) {
  EXPECT_TRUE(DecodeToken(Token(R"({"alg":"HS256"})", R"({"id":"a"})"), kNow));
}

TEST(DecodeToken, RefusesATokenAtItsExpiry) {
  const std::string token = Token(R"({"alg":"HS256"})", R"({"exp":1700000000})");
  EXPECT_FALSE(DecodeToken(token, kNow));
  EXPECT_TRUE(DecodeToken(token, kNow - 1));
}

TEST(DecodeToken, RefusesATokenFromTheFuture) {
  EXPECT_FALSE(DecodeToken(Token(R"({"alg":"HS256"})", R"({"nbf":1700000001})"), kNow));
  EXPECT_FALSE(DecodeToken(Token(R"({"alg":"HS256"})", R"({"iat":1700000001})"), kNow));
  EXPECT_TRUE(DecodeToken(Token(R"({"alg":"HS256"})", R"({"nbf":1700000000,"iat":1700000000})"), kNow));
}

TEST(DecodeToken, RefusesOtherAlgorithms) {
  for (const char* header : {R"({"alg":"none"})", R"({"alg":"HS512"})", R"({"typ":"JWT"})", "[]", "x"}) {
    EXPECT_FALSE(DecodeToken(Token(header, "{}"), kNow)) << header;
  }
}

TEST(DecodeToken, RefusesTextThatIsNoToken) {
  for (const char* text :
       {"", ".", "..", "a.b", "a.b.c.d", "eyJhbGciOiJIUzI1NiJ9.e30", "eyJhbGciOiJIUzI1NiJ9.e30=.c2ln"}) {
    EXPECT_FALSE(DecodeToken(text, kNow)) << text;
  }
}

TEST(DecodeToken, RefusesTimesThatAreNoNumbers) {
  EXPECT_FALSE(DecodeToken(Token(R"({"alg":"HS256"})", R"({"exp":"never"})"), kNow));
}

TEST(Base64Url, EncodesWithoutPaddingAndReadsItBack) {
  EXPECT_EQ(EncodeBase64Url("\xFB\xFF"), "-_8");
  EXPECT_EQ(DecodeBase64Url("-_8"), "\xFB\xFF");
  EXPECT_EQ(DecodeBase64Url(""), "");
  EXPECT_FALSE(DecodeBase64Url("+/8"));
  EXPECT_FALSE(DecodeBase64Url("-_8="));
}

}  // namespace
}  // namespace wombat

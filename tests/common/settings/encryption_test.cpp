#include "common/settings/encryption.h"

#include <gtest/gtest.h>

namespace wombat {
namespace {

constexpr std::string_view kKey = "abcdabcdabcdabcdabcdabcdabcdabcd";

std::string DecryptionError(std::string_view stored, std::string_view key) {
  auto plain = DecryptText(stored, key);
  return plain ? "decrypted" : plain.error().message;
}

TEST(Encryption, TextThatTheReferenceEncryptedIsRead) {
  EXPECT_EQ(DecryptText("8kcEqilvv+YKYcfnSr0aSC54gmnQCsB02SaB8ATlnA==", kKey), "123");
  EXPECT_EQ(DecryptText("AAECAwQFBgcICQoLhdo5xhlL/D4ATI25UggA7Au/cj72wuVxqjMgMNommBFFZhKH2ZdiKYlgIQ==", kKey),
            R"({"meta":{"appName":"Acme"}})");
}

TEST(Encryption, EveryKeySizeOfTheCipherReadsBackWhatItWrote) {
  for (const std::size_t size : {16u, 24u, 32u}) {
    auto sealed = EncryptText("some text", kKey.substr(0, size));
    ASSERT_TRUE(sealed);
    EXPECT_EQ(DecryptText(*sealed, kKey.substr(0, size)), "some text");
  }
}

TEST(Encryption, TheSameTextIsNeverWrittenTheSameWayTwice) {
  EXPECT_NE(EncryptText("some text", kKey).value(), EncryptText("some text", kKey).value());
}

TEST(Encryption, AKeyOfAnotherSizeIsRefusedBeforeTheTextIsLookedAt) {
  EXPECT_EQ(DecryptionError("%%%", "abcd"), "crypto/aes: invalid key size 4");
  EXPECT_FALSE(EncryptText("x", "abcd"));
}

TEST(Encryption, AChangedByteOrATextThatIsTooShortFailsAuthentication) {
  EXPECT_EQ(DecryptionError("9kcEqilvv+YKYcfnSr0aSC54gmnQCsB02SaB8ATlnA==", kKey),
            "cipher: message authentication failed");
  EXPECT_EQ(DecryptionError("AAEC", kKey), "cipher: message authentication failed");
  EXPECT_EQ(DecryptionError("", kKey), "cipher: message authentication failed");
}

TEST(Encryption, TextThatIsNoBase64NamesItsFirstWrongByte) {
  EXPECT_EQ(DecryptionError("%%%", kKey), "illegal base64 data at input byte 0");
  EXPECT_EQ(DecryptionError("AAEC$", kKey), "illegal base64 data at input byte 4");
  EXPECT_EQ(DecryptionError("AAE", kKey), "illegal base64 data at input byte 0");
  EXPECT_EQ(DecryptionError("AAECAA=x", kKey), "illegal base64 data at input byte 7");
  EXPECT_EQ(DecryptionError("AA==AAEC", kKey), "illegal base64 data at input byte 4");
}

TEST(Base64, LineBreaksAndPaddingAreUnderstood) {
  EXPECT_EQ(DecodeBase64("aGVs\nbG8="), "hello");
  EXPECT_EQ(DecodeBase64("aA=="), "h");
  EXPECT_EQ(DecodeBase64(""), "");
}

}  // namespace
}  // namespace wombat

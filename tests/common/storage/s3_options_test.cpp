#include "common/storage/s3_options.h"

#include <gtest/gtest.h>

namespace wombat {
namespace {

S3Options Options(std::string endpoint, bool path_style) { return {std::move(endpoint), "b", "r", "k", "s", path_style}; }

TEST(S3Options, ABucketIsInThePathOrInTheHost) {
  EXPECT_EQ(Options("https://s3.example.com", true).Url("c/r/a b.txt"), "https://s3.example.com/b/c/r/a%20b.txt");
  EXPECT_EQ(Options("http://s3.example.com:9000", false).Url("c/r/a"), "http://b.s3.example.com:9000/c/r/a");
  EXPECT_EQ(Options("https://s3.example.com", true).Url(""), "https://s3.example.com/b/");
}

TEST(S3Options, AnEndpointWithoutASchemeIsSecure) {
  const Json s3 = Json::Object({{"endpoint", "s3.example.com//"}, {"bucket", "b"}, {"region", "r"}, {"forcePathStyle", true}});
  auto options = S3Options::FromSettings(s3);
  ASSERT_TRUE(options);
  EXPECT_EQ(options->endpoint, "https://s3.example.com");
  EXPECT_TRUE(options->path_style);
}

TEST(S3Options, NeedABucketAnEndpointAndARegion) {
  for (const char* missing : {"bucket", "endpoint", "region"}) {
    Json s3 = Json::Object({{"endpoint", "e"}, {"bucket", "b"}, {"region", "r"}});
    s3[missing] = "";
    EXPECT_FALSE(S3Options::FromSettings(s3)) << missing;
  }
}

TEST(S3Options, NamesOfObjectsCannotLeadUpwardsAndTurnBackIntoKeys) {
  EXPECT_EQ(KeyToObjectName("c/../x\x01y"), "c/..__0x2f__x__0x1__y");
  EXPECT_EQ(ObjectNameToKey("c/..__0x2f__x__0x1__y"), "c/../x\x01y");
}

TEST(S3Options, EverythingButPlainCharactersIsPercentEncoded) {
  EXPECT_EQ(EncodeS3Path("a/b c+d~\xC3\xBC"), "a/b%20c%2Bd~%C3%BC");
  EXPECT_EQ(EncodeS3Query("a/b=c&d"), "a%2Fb%3Dc%26d");
  EXPECT_EQ(EncodeS3Metadata("a$&+=:@/;,?!b\r\n"), "a$&+=:@%2F%3B%2C%3F%21b%0D%0A");
}

}  // namespace
}  // namespace wombat

#include "common/storage/mime_sniff.h"

#include <gtest/gtest.h>

#include "tests/common/storage/mime_samples.h"

namespace wombat {
namespace {

TEST(MimeSniff, AnswersLikeTheReferenceForEverySample) {
  for (const auto& sample : kMimeSamples) {
    const auto sniffed = SniffMimeType(sample.content);
    EXPECT_EQ(sniffed.type, sample.type) << testing::PrintToString(std::string(sample.content));
    EXPECT_EQ(sniffed.extension, sample.extension) << testing::PrintToString(std::string(sample.content));
  }
}

TEST(MimeSniff, LooksAtTheStartOnly) {
  EXPECT_EQ(SniffMimeType(std::string(4000, 'x') + std::string("\0\1", 2)).type, "text/plain; charset=utf-8");
  EXPECT_EQ(SniffMimeType(std::string(3000, 'x') + std::string("\0\1", 2)).type, "application/octet-stream");
}

TEST(MimeSniff, TakesJsonThatGoesOnBehindTheStartForJson) {
  EXPECT_EQ(SniffMimeType("{\"a\":\"" + std::string(5000, 'x') + "\"}").type, "application/json");
}

TEST(MimeSniff, LetsNoNestingExhaustTheStack) {
  EXPECT_EQ(SniffMimeType(std::string(3000, '[')).type, "text/plain; charset=utf-8");
  EXPECT_EQ(SniffMimeType(std::string(100'000, '[')).type, "application/json");
}

TEST(MimeType, IsComparedWithoutParametersAndCase) {
  EXPECT_TRUE(IsMimeType("text/plain; charset=utf-8", "text/plain"));
  EXPECT_TRUE(IsMimeType("image/png", "IMAGE/PNG"));
  EXPECT_FALSE(IsMimeType("image/png", "image/jpeg"));
}

TEST(MimeType, IsKnownByItsOtherNames) {
  EXPECT_TRUE(IsMimeType("text/xml; charset=utf-8", "application/xml"));
  EXPECT_TRUE(IsMimeType("audio/wav", "audio/x-wav"));
  EXPECT_FALSE(IsMimeType("audio/wav", ""));
}

}  // namespace
}  // namespace wombat

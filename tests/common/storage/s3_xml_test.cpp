#include "common/storage/s3_xml.h"

#include <gmock/gmock.h>

namespace wombat {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

bool Reads(std::string_view xml) {
  return WalkXml(xml, [](std::string_view, std::string, bool) {});
}

TEST(S3Xml, AListHasKeysFoldersAndPerhapsMore) {
  auto listing = ParseS3Listing(
      "\xEF\xBB\xBF<?xml version=\"1.0\"?>\n<!-- note -->\n<s3:ListBucketResult xmlns:s3=\"http://x/\"><IsTruncated>true</IsTruncated>"
      "<Contents><Key>a&lt;&#65;&#x1F600;&amp;</Key><Size>4</Size></Contents><Contents><Key/></Contents>"
      "<CommonPrefixes><Prefix>c/</Prefix></CommonPrefixes><Prefix>not a folder</Prefix>"
      "<NextContinuationToken>next</NextContinuationToken></s3:ListBucketResult>");
  ASSERT_TRUE(listing);
  EXPECT_THAT(listing->keys, ElementsAre("a<A\xF0\x9F\x98\x80&", ""));
  EXPECT_THAT(listing->folders, ElementsAre("c/"));
  EXPECT_EQ(listing->continuation, "next");
}

TEST(S3Xml, ATokenOfTheLastPageIsNone) {
  EXPECT_EQ(ParseS3Listing("<ListBucketResult><NextContinuationToken>x</NextContinuationToken></ListBucketResult>")->continuation, "");
}

TEST(S3Xml, AnotherDocumentIsNoList) {
  EXPECT_FALSE(ParseS3Listing("<html><body>Welcome</body></html>"));
  EXPECT_FALSE(ParseS3Listing(""));
}

TEST(S3Xml, UnfinishedUploadsAreNamedWithTheirIds) {
  auto uploads = ParseUnfinishedUploads("<ListMultipartUploadsResult><Upload><Key>a</Key><UploadId>1</UploadId></Upload>"
                                        "<Upload><Key>b</Key><UploadId>2</UploadId></Upload></ListMultipartUploadsResult>");
  ASSERT_TRUE(uploads);
  ASSERT_EQ(uploads->size(), 2u);
  EXPECT_EQ((*uploads)[1].key + (*uploads)[1].id, "b2");
}

TEST(S3Xml, AnErrorHasACodeAndAMessage) {
  auto error = ParseS3Error("<Error><Code>NoSuchKey</Code><Message>It is &quot;gone&quot;</Message></Error>");
  EXPECT_EQ(error.code, "NoSuchKey");
  EXPECT_EQ(error.message, "It is \"gone\"");
  EXPECT_EQ(ParseS3Error("<html>Bad gateway").code, "");
}

TEST(S3Xml, NothingThatExpandsOrNestsWithoutEndIsRead) {
  EXPECT_FALSE(Reads("<!DOCTYPE a [<!ENTITY b \"bbbb\">]><a>&b;</a>"));
  EXPECT_FALSE(Reads("<a>&b;</a>"));
  EXPECT_FALSE(Reads("<a>&#0;</a>"));
  EXPECT_FALSE(Reads("<a>&#xD800;</a>"));
  EXPECT_FALSE(Reads("<a>&#1114112;</a>"));
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "<a>";
  EXPECT_FALSE(Reads(deep));
}

TEST(S3Xml, WhatIsCutOffOrCrossedIsNotRead) {
  for (const char* broken : {"<a>", "<a", "</a>", "<a></b>", "<a><b></a></b>", "<a/><b/>", "text", "<a>&am", "<>x</>", "<a/>text"})
    EXPECT_FALSE(Reads(broken)) << broken;
}

TEST(S3Xml, TextIsEscaped) { EXPECT_EQ(EscapeXml("a<b>&\"'\x01"), "a&lt;b&gt;&amp;&quot;&apos;&#1;"); }

}  // namespace
}  // namespace wombat

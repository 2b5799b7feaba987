#include "common/storage/s3_storage.h"

#include <gmock/gmock.h>

#include "common/storage/spool.h"
#include "tests/common/storage/bucket_server.h"
#include "tests/common/storage/temporary_directory.h"

namespace wombat {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Reply = BucketServer::Reply;
using Request = BucketServer::Request;

class S3StorageTest : public ::testing::Test {
 protected:
  void Serve(std::function<Reply(const Request&)> answer) {
    server_ = std::make_unique<BucketServer>(std::move(answer));
    S3Options options{server_->endpoint(), "the-bucket", "eu-west-3", "the key", BucketServer::kSecret, true};
    const S3Timeouts timeouts{std::chrono::milliseconds(2000), std::chrono::milliseconds(300), std::chrono::milliseconds(300)};
    storage_ = std::make_unique<S3Storage>(std::move(options), timeouts, S3Storage::Sizes{1000, 400});
  }
  SpooledContent Spooled(const std::string& text) {
    auto file = NewSpoolFile(folder_.path());
    EXPECT_TRUE(file);
    EXPECT_EQ(::pwrite((*file)->get(), text.data(), text.size(), 0), ssize_t(text.size()));
    return {*file, text.size(), {}};
  }
  std::vector<std::string> Asked() {
    std::vector<std::string> lines;
    for (const auto& request : server_->requests())
      lines.push_back(request.method + " " + request.path + (request.query.empty() ? "" : "?" + request.query));
    return lines;
  }
  std::string ReadAll(StoredObject& object, std::size_t piece = 64) {
    std::string text;
    while (text.size() < object.size) {
      std::string next(piece, '\0');
      auto got = object.remote->Read(text.size(), object.size, next.data(), next.size());
      if (!got) return "(" + got.error().message + ")";
      text.append(next, 0, *got);
    }
    return text;
  }

  TemporaryFolder folder_;
  std::unique_ptr<BucketServer> server_;
  std::unique_ptr<S3Storage> storage_;
};

TEST_F(S3StorageTest, EveryRequestIsSignedWhateverItsKeyHolds) {
  Serve([](const Request& request) -> Reply {
    return {200, request.query.find("list-type") == std::string::npos ? "" : "<ListBucketResult/>"};
  });
  for (const std::string key : {"c/r/plain.png", "c/r/a b+c.txt", "c/r/\xC3\xBCn\xC3\xAF.txt", "c/r/100%~(1)&=?#.txt", "c/../x"}) {
    ASSERT_TRUE(storage_->Write(key, "x", {"text/plain; charset=utf-8", "my file+\xC3\xBC.txt"}));
    ASSERT_TRUE(storage_->Delete(key));
    ASSERT_TRUE(storage_->List(key));
  }
  for (const auto& request : server_->requests()) EXPECT_TRUE(request.signature_holds) << request.method << " " << request.path;
  EXPECT_THAT(Asked(), ::testing::Contains("PUT /the-bucket/c/r/%C3%BCn%C3%AF.txt"));
  EXPECT_THAT(Asked(), ::testing::Contains("PUT /the-bucket/c/r/a%20b%2Bc.txt"));
  EXPECT_THAT(Asked(), ::testing::Contains("PUT /the-bucket/c/..__0x2f__x"));
}

TEST_F(S3StorageTest, AnObjectKeepsItsTypeAndTheClientsName) {
  Serve([](const Request&) -> Reply { return {}; });
  ASSERT_TRUE(storage_->Write("c/r/a.png", "content", {"image/png", "My \xC3\xBCn\xC3\xAF + pic (1).png"}));
  auto request = server_->requests().at(0);
  EXPECT_EQ(request.body, "content");
  EXPECT_EQ(request.headers["content-type"], "image/png");
  EXPECT_EQ(request.headers["x-amz-meta-original-filename"], "My%20%C3%BCn%C3%AF%20+%20pic%20%281%29.png");
  EXPECT_EQ(request.headers["x-amz-content-sha256"], "UNSIGNED-PAYLOAD");
  EXPECT_EQ(request.headers["accept-encoding"], "identity");
}

TEST_F(S3StorageTest, ALargeObjectIsSentInParts) {
  Serve([](const Request& request) -> Reply {
    if (request.query == "uploads=") return {200, "<InitiateMultipartUploadResult><UploadId>an id+</UploadId></InitiateMultipartUploadResult>"};
    if (request.method == "PUT") return {200, "", "ETag: \"" + request.query.substr(11, 1) + "\"\r\n"};
    return {200, "<CompleteMultipartUploadResult/>"};
  });
  const std::string content = std::string(400, 'a') + std::string(400, 'b') + std::string(300, 'c');
  ASSERT_TRUE(storage_->WriteSpooled("c/r/big", Spooled(content), {"text/plain", {}}));
  EXPECT_THAT(Asked(), ElementsAre("POST /the-bucket/c/r/big?uploads=", "PUT /the-bucket/c/r/big?partNumber=1&uploadId=an%20id%2B",
                                   "PUT /the-bucket/c/r/big?partNumber=2&uploadId=an%20id%2B",
                                   "PUT /the-bucket/c/r/big?partNumber=3&uploadId=an%20id%2B",
                                   "POST /the-bucket/c/r/big?uploadId=an%20id%2B"));
  auto requests = server_->requests();
  EXPECT_EQ(requests[1].body + requests[2].body + requests[3].body, content);
  EXPECT_EQ(requests[4].body, "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>&quot;1&quot;</ETag></Part>"
                              "<Part><PartNumber>2</PartNumber><ETag>&quot;2&quot;</ETag></Part>"
                              "<Part><PartNumber>3</PartNumber><ETag>&quot;3&quot;</ETag></Part></CompleteMultipartUpload>");
  for (const auto& request : requests) EXPECT_TRUE(request.signature_holds);
}

TEST_F(S3StorageTest, AMultipartUploadThatFailsIsAborted) {
  Serve([](const Request& request) -> Reply {
    if (request.query == "uploads=") return {200, "<InitiateMultipartUploadResult><UploadId>id</UploadId></InitiateMultipartUploadResult>"};
    if (request.query.starts_with("partNumber=2")) return {400, "<Error><Code>Refused</Code><Message>No more.</Message></Error>"};
    return {200, "", "ETag: \"e\"\r\n"};
  });
  auto written = storage_->WriteSpooled("c/r/big", Spooled(std::string(1100, 'x')), {"text/plain", {}});
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, HasSubstr("[key: c/r/big] 400 Refused: No more."));
  EXPECT_EQ(Asked().back(), "DELETE /the-bucket/c/r/big?uploadId=id");
}

TEST_F(S3StorageTest, AFailureInTheAnswerOfAMultipartUploadIsOne) {
  Serve([](const Request& request) -> Reply {
    if (request.query == "uploads=") return {200, "<InitiateMultipartUploadResult><UploadId>id</UploadId></InitiateMultipartUploadResult>"};
    if (request.method == "POST") return {200, "<Error><Code>InternalError</Code><Message>Try again.</Message></Error>"};
    return {200, "", "ETag: \"e\"\r\n"};
  });
  EXPECT_FALSE(storage_->WriteSpooled("c/r/big", Spooled(std::string(1100, 'x')), {"text/plain", {}}));
}

TEST_F(S3StorageTest, ConnectionsAreKept) {
  Serve([](const Request&) -> Reply { return {}; });
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(storage_->Write("c/r/a", "x", {"text/plain", {}}));
  EXPECT_EQ(server_->requests().back().connection, 1);
}

TEST_F(S3StorageTest, ABrokenConnectionAndAnOverloadedBucketAreTriedOnceMore) {
  int asked = 0;
  Serve([&](const Request&) -> Reply {
    ++asked;
    if (asked == 1) return {503, "<Error><Code>SlowDown</Code></Error>"};
    if (asked == 3) {
      Reply broken;
      broken.drop = true;
      return broken;
    }
    return {200, "0123456789", "Content-Type: text/plain\r\nLast-Modified: Mon, 23 Nov 2026 09:08:28 GMT\r\n"};
  });
  ASSERT_TRUE(storage_->Look("c/r/a"));
  auto object = storage_->Open("c/r/a");
  ASSERT_TRUE(object) << object.error().message;
  EXPECT_EQ(object->content_type, "text/plain");
  EXPECT_EQ(object->modified.tv_sec, 1795424908);
  EXPECT_EQ(ReadAll(*object), "0123456789");
}

TEST_F(S3StorageTest, ADownloadThatBreaksGoesOnWhereItBroke) {
  std::string content;
  for (int i = 0; i < 50000; ++i) content += char('a' + i % 26);
  Serve([&](const Request& request) -> Reply {
    const auto range = request.headers.find("range");
    if (range == request.headers.end()) return {200, content, {}, 30000};
    return {206, content.substr(std::stoul(range->second.substr(6)))};
  });
  auto object = storage_->Open("c/r/a");
  ASSERT_TRUE(object);
  EXPECT_EQ(ReadAll(*object, 1000), content);
  EXPECT_EQ(Asked().size(), 2u);
}

TEST_F(S3StorageTest, OnlyTheRangeThatIsReadIsAskedFor) {
  Serve([](const Request& request) -> Reply {
    if (request.method == "HEAD") return {200, std::string(100, ' '), "Content-Type: text/plain\r\n"};
    return {206, request.headers.at("range") == "bytes=10-14" ? "hello" : "?"};
  });
  auto object = storage_->Look("c/r/a");
  ASSERT_TRUE(object);
  char text[5];
  ASSERT_EQ(object->remote->Read(10, 15, text, sizeof text).value_or(0), 5u);
  EXPECT_EQ(std::string(text, 5), "hello");
}

TEST_F(S3StorageTest, ABucketThatDoesNotAnswerIsGivenUp) {
  Serve([](const Request&) -> Reply { return {200, "", {}, std::string::npos, true}; });
  auto object = storage_->Open("c/r/a");
  ASSERT_FALSE(object);
  EXPECT_THAT(object.error().message, HasSubstr("Get \"" + server_->endpoint() + "/the-bucket/c/r/a\": "));
}

TEST_F(S3StorageTest, WhatIsMissingIsNotFound) {
  Serve([](const Request&) -> Reply { return {404, "<Error><Code>NoSuchKey</Code><Message>Gone.</Message></Error>"}; });
  auto object = storage_->Open("c/r/a");
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().kind, Error::Kind::kNotFound);
  EXPECT_THAT(object.error().message, ::testing::StartsWith("404 NoSuchKey: Gone.\n(RAW: <Error>"));
  EXPECT_FALSE(storage_->Exists("c/r/a").value_or(true));
}

TEST_F(S3StorageTest, AListIsReadPageByPage) {
  Serve([](const Request& request) -> Reply {
    if (request.query.starts_with("continuation-token=to%2Bken%3D&"))
      return {200, "<ListBucketResult><Contents><Key>c/r/a&amp;b</Key></Contents></ListBucketResult>"};
    return {200, "<ListBucketResult><IsTruncated>true</IsTruncated><Contents><Key>c/r/z</Key></Contents>"
                 "<NextContinuationToken>to+ken=</NextContinuationToken></ListBucketResult>"};
  });
  EXPECT_THAT(storage_->List("c/r/").value(), ElementsAre("c/r/a&b", "c/r/z"));
  EXPECT_EQ(Asked()[0], "GET /the-bucket/?list-type=2&max-keys=1000&prefix=c%2Fr%2F");
  for (const auto& request : server_->requests()) EXPECT_TRUE(request.signature_holds);
}

TEST_F(S3StorageTest, APrefixIsDeletedTogetherOrWhereThatIsUnknownOneByOneAndSparesWhatStays) {
  Serve([](const Request& request) -> Reply {
    if (request.method == "GET")
      return {200, "<ListBucketResult><Contents><Key>c/r/a</Key></Contents><Contents><Key>c/r/keep</Key></Contents>"
                   "<Contents><Key>c/r/b&lt;</Key></Contents></ListBucketResult>"};
    return {request.method == "POST" ? 501 : 204, ""};
  });
  ASSERT_TRUE(storage_->DeletePrefix("c/r/", [](std::vector<std::string>& keys) { std::erase(keys, "c/r/keep"); }));
  EXPECT_THAT(Asked(), ElementsAre("GET /the-bucket/?list-type=2&max-keys=1000&prefix=c%2Fr%2F", "POST /the-bucket/?delete=",
                                   "DELETE /the-bucket/c/r/a", "DELETE /the-bucket/c/r/b%3C"));
  EXPECT_EQ(server_->requests()[1].body,
            "<Delete><Quiet>true</Quiet><Object><Key>c/r/a</Key></Object><Object><Key>c/r/b&lt;</Key></Object></Delete>");
}

TEST_F(S3StorageTest, MovingCopiesAndDeletes) {
  Serve([](const Request&) -> Reply { return {}; });
  ASSERT_TRUE(storage_->Move("c/r/a b", "c/s/a b"));
  EXPECT_THAT(Asked(), ElementsAre("PUT /the-bucket/c/s/a%20b", "DELETE /the-bucket/c/r/a%20b"));
  EXPECT_EQ(server_->requests()[0].headers["x-amz-copy-source"], "the-bucket/c/r/a%20b");
}

}  // namespace
}  // namespace wombat

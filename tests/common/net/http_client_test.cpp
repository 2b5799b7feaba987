#include "common/net/http_client.h"

#include <gmock/gmock.h>

#include "tests/common/net/loopback_server.h"

namespace wombat {
namespace {

using testing::HasSubstr;
using testing::Not;

OutgoingRequest To(const std::string& url) {
  OutgoingRequest request;
  request.url = url;
  request.timeout = std::chrono::seconds(5);
  return request;
}

TEST(PublicAddress, IsNoneOfAPrivateOrSpecialNetwork) {
  for (const char* address : {
           "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254",
           "169.254.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.168.0.1", "198.18.0.1",
           "198.19.255.255", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
           "::", "::1", "fe80::1", "fec0::1", "fc00::1", "fd12:3456::1", "ff02::1",
           "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::7f00:1",
           "64:ff9b:1::1", "2002:7f00:0001::1", "2002:0a00:0001::", "",  "localhost", "127.1", "0x7f.0.0.1", "2130706433", "[::1]"})
    EXPECT_FALSE(IsPublicAddress(address)) << address;
}

TEST(PublicAddress, IsAnyOther) {
  for (const char* address : {"1.1.1.1", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1",
                              "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "223.255.255.255",
                              "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "2002:0101:0101::1"})
    EXPECT_TRUE(IsPublicAddress(address)) << address;
}

TEST(HttpClient, SendsARequestAndReadsItsAnswer) {
  LoopbackServer server([](const std::string&) { return LoopbackServer::Answer("hello", "201 Created"); });
  OutgoingRequest request = To(server.Url() + "/a?b=c");
  request.method = "POST";
  request.headers = {"X-Test: yes"};
  request.body = "body";
  auto response = SendHttp(request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->content_type, "text/plain");
  EXPECT_EQ(response->body, "hello");
  EXPECT_THAT(server.requests().at(0), testing::StartsWith("POST /a?b=c HTTP/1.1\r\n"));
  EXPECT_THAT(server.requests().at(0), HasSubstr("\r\nX-Test: yes\r\n"));
  EXPECT_THAT(server.requests().at(0), testing::EndsWith("\r\n\r\nbody"));
}

TEST(HttpClient, RefusesAHeaderThatWouldBecomeTwo) {
  LoopbackServer server([](const std::string&) { return LoopbackServer::Answer(""); });
  OutgoingRequest request = To(server.Url());
  request.headers = {"Authorization: Bearer x\r\nX-Injected: yes"};
  EXPECT_FALSE(SendHttp(request));
  request.headers = {};
  request.url += "/a\nb";
  EXPECT_FALSE(SendHttp(request));
  EXPECT_TRUE(server.requests().empty());
}

TEST(HttpClient, SpeaksNothingButHttp) {
  for (const char* url : {"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "dict://127.0.0.1/", "", "nope"})
    EXPECT_FALSE(SendHttp(To(url))) << url;
}

TEST(HttpClient, EndsAtTheSizeAndTheTimeItWasGiven) {
  LoopbackServer large([](const std::string&) { return LoopbackServer::Answer(std::string(1000, 'x')); });
  OutgoingRequest request = To(large.Url());
  request.max_body = 999;
  EXPECT_FALSE(SendHttp(request));
  request.max_body = 1000;
  EXPECT_TRUE(SendHttp(request));

  LoopbackServer slow([](const std::string&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    return std::string();
  });
  request = To(slow.Url());
  request.timeout = std::chrono::milliseconds(50);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_FALSE(SendHttp(request));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(250));
}

TEST(HttpClient, KeepsItsCredentialsFromAnotherHostThatItIsRedirectedTo) {
  LoopbackServer other([](const std::string&) { return LoopbackServer::Answer("there"); }, "127.0.0.2");
  LoopbackServer first([&](const std::string&) {
    return LoopbackServer::Answer("", "302 Found", "Location: " + other.Url("127.0.0.2") + "/\r\n");
  });
  OutgoingRequest request = To(first.Url());
  request.headers = {"Authorization: Bearer secret"};
  auto response = SendHttp(request);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "there");
  EXPECT_THAT(first.requests().at(0), HasSubstr("Bearer secret"));
  EXPECT_THAT(other.requests().at(0), Not(HasSubstr("secret")));
}

TEST(HttpClientToPublicAddressesOnly, ConnectsToNoOther) {
  LoopbackServer server([](const std::string&) { return LoopbackServer::Answer("inside"); });
  const std::string port = server.Url().substr(server.Url().rfind(':'));
  // Names, and the ways to write an address that a check of the text would miss.
  for (const char* host : {"127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0.0.0.0", "[::ffff:127.0.0.1]",
                           "[::1]", "localhost.", "user:password@127.0.0.1"}) {
    OutgoingRequest request = To("http://" + std::string(host) + port + "/");
    request.public_addresses_only = true;
    EXPECT_FALSE(SendHttp(request)) << host;
  }
  EXPECT_TRUE(server.requests().empty());
}

TEST(HttpClientToPublicAddressesOnly, IsNotRedirectedToAnyOther) {
  LoopbackServer inside([](const std::string&) { return LoopbackServer::Answer("inside"); }, "127.0.0.2");
  LoopbackServer outside([&](const std::string& request) {
    if (request.starts_with("GET /stays")) return LoopbackServer::Answer("outside");
    return LoopbackServer::Answer("", "302 Found", "Location: " + inside.Url("127.0.0.2") + "/\r\n");
  });
  const auto ask = [&](const std::string& path) {
    OutgoingRequest request = To(outside.Url() + path);
    request.public_addresses_only = true;
    request.TEST_public_address = "127.0.0.1";
    return SendHttp(request);
  };
  ASSERT_TRUE(ask("/stays"));
  EXPECT_FALSE(ask("/address"));
  EXPECT_TRUE(inside.requests().empty());
}

TEST(HttpClientToPublicAddressesOnly, UsesNoProxy) {
  LoopbackServer proxy([](const std::string&) { return LoopbackServer::Answer("through the proxy"); });
  ::setenv("http_proxy", proxy.Url().c_str(), 1);
  OutgoingRequest request = To("http://10.255.255.1/");
  request.timeout = std::chrono::milliseconds(500);
  request.public_addresses_only = true;
  request.TEST_public_address = "127.0.0.1";
  EXPECT_FALSE(SendHttp(request));
  EXPECT_TRUE(proxy.requests().empty());
  request.public_addresses_only = false;
  auto response = SendHttp(request);
  ::unsetenv("http_proxy");
  ASSERT_TRUE(response) << "elsewhere the environment's proxy is used";
  EXPECT_EQ(response->body, "through the proxy");
}

}  // namespace
}  // namespace wombat

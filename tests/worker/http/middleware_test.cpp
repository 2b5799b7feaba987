#include <gtest/gtest.h>
#include <netinet/in.h>

#include <algorithm>
#include <string>
#include <vector>

#include "worker/http/client_ip.h"
#include "worker/http/cors.h"
#include "worker/http/error_response.h"
#include "worker/http/response_head.h"
#include "worker/http/security_headers.h"

namespace wombat {
namespace {

HttpRequest With(std::vector<HeaderView> headers, std::string_view method = "GET") {
  HttpRequest request;
  request.method = method;
  request.headers = std::move(headers);
  return request;
}

std::string Head(const HttpResponse& response) {
  std::string head;
  AppendResponseHead(head, response, {});
  return head;
}

std::string AllowedOrigin(const std::vector<std::string>& list, std::string_view origin) {
  HttpResponse response;
  Cors(list).Apply(With({{"Origin", origin}}), response);
  const std::string head = Head(response), name = "Access-Control-Allow-Origin: ";
  const auto at = head.find(name);
  return at == std::string::npos ? "" : head.substr(at + name.size(), head.find("\r\n", at) - at - name.size());
}

TEST(Cors, AllowsWhatTheListAllows) {
  EXPECT_EQ(AllowedOrigin({"*"}, "http://a.test"), "*");
  EXPECT_EQ(AllowedOrigin({"http://a.test"}, "http://a.test"), "http://a.test");
  EXPECT_EQ(AllowedOrigin({"http://a.test"}, "http://A.test"), "");
  EXPECT_EQ(AllowedOrigin({"http://a.test"}, "http://b.test"), "");
  EXPECT_EQ(AllowedOrigin({"https://*.a.test"}, "https://x.y.a.test"), "https://x.y.a.test");
  EXPECT_EQ(AllowedOrigin({"https://*.a.test"}, "https://a.test"), "");
  EXPECT_EQ(AllowedOrigin({"https://*.a.test"}, "https://x.a.test.evil"), "");
  EXPECT_EQ(AllowedOrigin({"http://?.test"}, "http://a.test"), "http://a.test");
  EXPECT_EQ(AllowedOrigin({"http://?.test"}, "http://ab.test"), "");
  EXPECT_EQ(AllowedOrigin({"http*"}, "http:no-host"), "");
  EXPECT_EQ(AllowedOrigin({"http://*"}, "http://" + std::string(300, 'a')), "");
}

TEST(Cors, TakesTheFirstMatchOfTheList) {
  EXPECT_EQ(AllowedOrigin({"http://a.test", "*"}, "http://a.test"), "http://a.test");
  EXPECT_EQ(AllowedOrigin({"*", "http://a.test"}, "http://a.test"), "*");
}

TEST(Cors, AlwaysVariesByOrigin) {
  HttpResponse response;
  Cors({"*"}).Apply(With({}), response);
  EXPECT_NE(Head(response).find("Vary: Origin\r\n"), std::string::npos);
  EXPECT_EQ(Head(response).find("Access-Control"), std::string::npos);
}

TEST(Cors, AnswersEveryOptionsRequest) {
  const Cors cors({"http://a.test"});
  EXPECT_FALSE(cors.Preflight(With({{"Origin", "http://a.test"}}, "POST")));
  for (auto request : {With({}, "OPTIONS"), With({{"Origin", "http://b.test"}}, "OPTIONS")}) {
    const auto answer = cors.Preflight(request);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 204);
    EXPECT_EQ(Head(*answer).find("Access-Control"), std::string::npos);
  }
}

TEST(Cors, TellsAnAllowedOriginWhatItMayDo) {
  const auto answer = Cors({"*"}).Preflight(
      With({{"Origin", "http://a.test"}, {"Access-Control-Request-Headers", "x-one, x-two"}}, "OPTIONS"));
  ASSERT_TRUE(answer);
  const std::string head = Head(*answer);
  for (const char* line : {"Access-Control-Allow-Origin: *", "Vary: Origin", "Vary: Access-Control-Request-Method",
                           "Vary: Access-Control-Request-Headers", "Access-Control-Allow-Headers: x-one, x-two",
                           "Access-Control-Allow-Methods: GET,HEAD,PUT,PATCH,POST,DELETE"})
    EXPECT_NE(head.find(std::string(line) + "\r\n"), std::string::npos) << line;
}

TEST(SecurityHeaders, LeaveWhatAHandlerHasSet) {
  HttpResponse response;
  SetHeader(response, "x-frame-options", "DENY");
  ApplySecurityHeaders(response);
  const std::string head = Head(response);
  EXPECT_NE(head.find("x-frame-options: DENY\r\n"), std::string::npos);
  EXPECT_EQ(head.find("SAMEORIGIN"), std::string::npos);
  EXPECT_NE(head.find("X-Content-Type-Options: nosniff\r\n"), std::string::npos);
  EXPECT_NE(head.find("X-Xss-Protection: 1; mode=block\r\n"), std::string::npos);
}

TEST(ResponseHeaders, CanBeReplacedAndRemovedByName) {
  HttpResponse response;
  ApplySecurityHeaders(response);
  RemoveHeader(response, "X-FRAME-OPTIONS");
  AddHeader(response, "A", "1");
  AddHeader(response, "a", "2");
  SetHeader(response, "A", "3");
  EXPECT_TRUE(HasHeader(response, "a"));
  EXPECT_FALSE(HasHeader(response, "X-Frame-Options"));
  EXPECT_EQ(response.headers.size(), 1u);
  SetHeader(response, "content-type", "text/plain");
  EXPECT_EQ(response.content_type, "text/plain");
}

TEST(ErrorEnvelope, HasItsKeysInOrderAndANormalisedMessage) {
  ApiError error{400, "something bad", Json::Object(), "internal"};
  AddFieldError(error.data, "title", FieldError::Required());
  const auto response = ErrorResponse(error);
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body,
            "{\"data\":{\"title\":{\"code\":\"validation_required\",\"message\":\"Cannot be blank.\"}},"
            "\"message\":\"Something bad.\",\"status\":400}\n");
}

TEST(ErrorEnvelope, TakesTheDefaultMessageOfItsStatus) {
  EXPECT_EQ(ErrorResponse({404, "", Json::Null(), {}}).body,
            "{\"data\":{},\"message\":\"The requested resource wasn't found.\",\"status\":404}\n");
}

sockaddr_storage Peer6(std::initializer_list<std::uint8_t> bytes) {
  sockaddr_storage peer{};
  auto& address = reinterpret_cast<sockaddr_in6&>(peer);
  address.sin6_family = AF_INET6;
  std::copy(bytes.begin(), bytes.end(), address.sin6_addr.s6_addr);
  return peer;
}

TEST(RemoteIp, IsDottedOrFullyExpanded) {
  EXPECT_EQ(FormatRemoteIp(Peer6({0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1})),
            "2001:0db8:0000:0000:0000:0000:0000:0001");
  EXPECT_EQ(FormatRemoteIp(Peer6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 7})), "10.0.0.7");
  EXPECT_EQ(FormatRemoteIp(sockaddr_storage{}), "invalid IP");
}

TEST(RealIp, TakesTheRightMostAddressOfTheLastLine) {
  auto request = With({{"X-Forwarded-For", "1.1.1.1"}, {"x-forwarded-for", "2.2.2.2, 3.3.3.3 , junk"}});
  request.remote_ip = "9.9.9.9";
  const std::vector<std::string> headers = {"X-Missing", "X-Forwarded-For"};
  EXPECT_EQ(RealIp(request, headers, false), "3.3.3.3");
  EXPECT_EQ(RealIp(request, headers, true), "2.2.2.2");
  EXPECT_EQ(RealIp(request, {}, false), "9.9.9.9");
}

TEST(RealIp, GoesOnToTheNextHeaderWhenOneHasNoAddress) {
  auto request = With({{"A", "unknown"}, {"B", "::1"}});
  request.remote_ip = "9.9.9.9";
  EXPECT_EQ(RealIp(request, std::vector<std::string>{"A", "B"}, false), "0000:0000:0000:0000:0000:0000:0000:0001");
  EXPECT_EQ(RealIp(request, std::vector<std::string>{"A"}, false), "9.9.9.9");
}

TEST(IpList, MatchesAddressesAndRanges) {
  const std::vector<std::string> list = {"10.0.0.1", "192.168.4.0/22", "2001:db8::/33", "junk"};
  for (const char* ip : {"10.0.0.1", "192.168.7.255", "2001:db8:7fff::1", "2001:0db8:0000:0000:0000:0000:0000:0001"})
    EXPECT_TRUE(IpListContains(list, ip)) << ip;
  for (const char* ip : {"10.0.0.2", "192.168.8.0", "2001:db8:8000::1", "::ffff:10.0.0.1", "junk", ""})
    EXPECT_FALSE(IpListContains(list, ip)) << ip;
}

TEST(IpList, KnowsWhatAnEntryMayBe) {
  for (const char* entry : {"1.2.3.4", "1.2.3.4/0", "1.2.3.4/32", "::1", "fe80::/10"})
    EXPECT_TRUE(IsIpOrRange(entry)) << entry;
  for (const char* entry : {"", "1.2.3", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/-1", "1.2.3.4/08", "::1/129", "a.test"})
    EXPECT_FALSE(IsIpOrRange(entry)) << entry;
}

}  // namespace
}  // namespace wombat

#include "worker/http/server.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <atomic>
#include <fstream>
#include <memory>
#include <vector>

#include "tests/worker/http/test_server.h"

namespace wombat::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::size_t ResidentKiB() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::stoul(line.substr(6));
  return 0;
}

TEST(Server, AnswersARequest) {
  TestServer server(Describing());
  Client client(server.port());
  client.Send("GET /a/b?c=d HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto answer = client.ReadAnswer();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nDate: "));
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Length: 17\r\n"));
  EXPECT_EQ(Body(answer), "GET /a/b?c=d [0] ");
}

TEST(Server, KeepsTheConnectionForFurtherRequests) {
  TestServer server(Describing());
  Client client(server.port());
  for (int i = 0; i < 100; ++i) {
    client.Send("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(Body(client.ReadAnswer()), "GET /" + std::to_string(i) + "? [0] ");
  }
  EXPECT_EQ(server.connections(), 1u);
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  TestServer server(Describing());
  Client client(server.port());
  std::string requests;
  for (int i = 0; i < 2000; ++i) {
    if (i % 2)
      requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
    else
      requests += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc";
  }
  std::thread sender([&] { client.Send(requests); });
  for (int i = 0; i < 2000; ++i) {
    const std::string expected = (i % 2 ? "GET /" : "POST /") + std::to_string(i) + (i % 2 ? "? [0] " : "? [3] abc");
    ASSERT_EQ(Body(client.ReadAnswer()), expected);
  }
  sender.join();
}

TEST(Server, ReadsARequestThatArrivesByteByByte) {
  TestServer server(Describing());
  Client client(server.port());
  const std::string request = "POST /slow HTTP/1.1\r\nHost: x\r\nX-Folded: a\r\n  b\r\nContent-Length: 5\r\n\r\nhello";
  for (const char c : request) {
    client.Send({&c, 1});
    if (c == '\n') std::this_thread::sleep_for(2ms);
  }
  EXPECT_EQ(Body(client.ReadAnswer()), "POST /slow? [5] hello");
}

TEST(Server, JoinsFoldedHeaderLinesAndTrimsValues) {
  ServerOptions options;
  options.handle = [](HttpRequest& request) -> Task<HttpResponse> {
    HttpResponse response;
    response.body = "<" + std::string(request.Header("x-FOLDED")) + "|" + std::string(request.Header("X-Blank")) + ">";
    co_return std::move(response);
  };
  TestServer server(options);
  Client client(server.port());
  client.Send("GET / HTTP/1.1\r\nHost: x\r\nX-Folded: a \r\n \t b c \r\nX-Blank: \t v \t\r\n\r\n");
  EXPECT_EQ(Body(client.ReadAnswer()), "<a b c|v>");
}

TEST(Server, DecodesChunkedBodiesAndWhatFollowsThem) {
  TestServer server(Describing());
  Client client(server.port());
  client.Send(
      "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: t\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(Body(client.ReadAnswer()), "POST /c? [11] hello world");
  EXPECT_EQ(Body(client.ReadAnswer()), "GET /next? [0] ");
}

TEST(Server, DecodesChunksThatArriveInPieces) {
  TestServer server(Describing());
  Client client(server.port());
  client.Send("POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 50; ++i) {
    client.Send("a");
    std::this_thread::sleep_for(1ms);
    client.Send("\r\n01234");
    client.Send("56789\r\n");
  }
  client.Send("0\r\n\r\n");
  EXPECT_THAT(Body(client.ReadAnswer()), StartsWith("POST /c? [500] 0123456789"));
}

TEST(Server, ReadsALargeBodyAndTheNextRequestBehindIt) {
  TestServer server(Describing());
  Client client(server.port());
  const std::string body(3'000'000, 'x');
  client.Send("POST /l HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n" + body +
              "GET /n HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(Body(client.ReadAnswer()), StartsWith("POST /l? [3000000] xxx"));
  EXPECT_EQ(Body(client.ReadAnswer()), "GET /n? [0] ");
}

TEST(Server, KeepsAHugeBodyInAFileAndShowsAllOfIt) {
  ServerOptions options;
  options.body_limit = [](const HttpRequest&) { return BodyDecision{kNoBodyLimit, std::nullopt}; };
  options.handle = [](HttpRequest& request) -> Task<HttpResponse> {
    HttpResponse response;
    const bool whole =
        request.body.size() == 40'000'000 && request.body.find_first_not_of('y') == std::string_view::npos;
    response.body = whole ? "whole" : "broken";
    co_return std::move(response);
  };
  TestServer server(options);
  Client client(server.port());
  client.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 40000000\r\n\r\n");
  client.Send(std::string(40'000'000, 'y'));
  EXPECT_EQ(Body(client.ReadAnswer(30s)), "whole");
}

TEST(Server, AnswersHeadWithoutTheBodyButWithItsLength) {
  TestServer server(Describing());
  Client client(server.port());
  client.ExpectHeadsOnly();
  client.Send("HEAD /h HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto answer = client.ReadAnswer();
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Length: 13\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
  EXPECT_EQ(client.ReadAll(100ms), "");
}

TEST(Server, SendsNoLengthWithStatus204) {
  ServerOptions options;
  options.handle = [](HttpRequest&) -> Task<HttpResponse> {
    HttpResponse response;
    response.status = 204;
    co_return std::move(response);
  };
  TestServer server(options);
  Client client(server.port());
  client.Send("DELETE / HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto answer = client.ReadAnswer();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 204 No Content\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("Content-Length")));
}

TEST(Server, ClosesAfterHttp10UnlessAskedToKeepTheConnection) {
  TestServer server(Describing());
  Client once(server.port());
  once.Send("GET /a HTTP/1.0\r\n\r\n");
  EXPECT_THAT(once.ReadAnswer(), StartsWith("HTTP/1.0 200 OK\r\n"));
  EXPECT_TRUE(once.ClosedWithin(2s));
  Client kept(server.port());
  kept.Send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(kept.ReadAnswer(), HasSubstr("\r\nConnection: keep-alive\r\n"));
  kept.Send("GET /b HTTP/1.0\r\n\r\n");
  EXPECT_EQ(Body(kept.ReadAnswer()), "GET /b? [0] ");
}

TEST(Server, ClosesWhenTheClientAsksForIt) {
  TestServer server(Describing());
  Client client(server.port());
  client.Send("GET / HTTP/1.1\r\nHost: x\r\nConnection: foo, Close\r\n\r\n");
  EXPECT_THAT(client.ReadAnswer(), HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_TRUE(client.ClosedWithin(2s));
}

TEST(Server, InvitesTheBodyOfAClientThatExpectsIt) {
  TestServer server(Describing());
  Client client(server.port());
  client.Send("POST /e HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("ab");
  EXPECT_EQ(Body(client.ReadAnswer()), "POST /e? [2] ab");
}

TEST(Server, RefusesAnUnknownExpectation) {
  TestServer server(Describing());
  Client client(server.port());
  client.Send("POST /e HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\nContent-Length: 2\r\n\r\n");
  EXPECT_THAT(client.ReadAnswer(), StartsWith("HTTP/1.1 417 Expectation Failed\r\nConnection: close\r\n"));
  EXPECT_TRUE(client.ClosedWithin(3s));
}

struct Malformed {
  const char* request;
  const char* status_line;
};
class MalformedRequests : public ::testing::TestWithParam<Malformed> {};

TEST_P(MalformedRequests, AreAnsweredInPlainTextAndEndTheConnection) {
  TestServer server(Describing());
  Client client(server.port());
  client.Send(GetParam().request);
  const auto answer = client.ReadAll(3s);
  const std::string status(GetParam().status_line);
  EXPECT_EQ(answer,
            "HTTP/1.1 " + status + "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n" + status);
  EXPECT_TRUE(client.closed());
}

INSTANTIATE_TEST_SUITE_P(
    All, MalformedRequests,
    ::testing::Values(
        Malformed{"garbage\r\n\r\n", "400 Bad Request"}, Malformed{"GET /\r\n\r\n", "400 Bad Request"},
        Malformed{"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "400 Bad Request"},
        Malformed{"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", "400 Bad Request"},
        Malformed{"GET / HTTX/1.1\r\nHost: a\r\n\r\n", "400 Bad Request"},
        Malformed{"G(T / HTTP/1.1\r\nHost: a\r\n\r\n", "400 Bad Request"},
        Malformed{"GET api HTTP/1.1\r\nHost: a\r\n\r\n", "400 Bad Request"},
        Malformed{"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", "400 Bad Request"},
        Malformed{"GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n", "400 Bad Request"},
        Malformed{"GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", "400 Bad Request"},
        Malformed{"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "400 Bad Request"},
        Malformed{"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "400 Bad Request"},
        Malformed{"GET / HTTP/1.1\r\n\r\n", "400 Bad Request: missing required Host header"},
        Malformed{"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "400 Bad Request: malformed Host header"},
        Malformed{"GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n", "400 Bad Request: invalid header name"},
        Malformed{"GET / HTTP/1.1\r\nHost: a\r\nnocolon\r\n\r\n", "400 Bad Request"},
        Malformed{"GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", "400 Bad Request"},
        Malformed{"GET / HTTP/1.1\r\nHost: a\r\nX: \x02\r\n\r\n", "400 Bad Request"},
        Malformed{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", "400 Bad Request"},
        Malformed{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "400 Bad Request"},
        Malformed{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n", "400 Bad Request"},
        Malformed{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400 Bad Request"},
        Malformed{"GET / HTTP/2.0\r\nHost: a\r\n\r\n",
                  "505 HTTP Version Not Supported: unsupported protocol version"}));

TEST(Server, SaysWhenATransferEncodingIsNotImplemented) {
  TestServer server(Describing());
  Client client(server.port());
  client.Send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n");
  EXPECT_EQ(client.ReadAll(3s),
            "HTTP/1.1 501 Not Implemented\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
            "Unsupported transfer encoding");
}

TEST(Server, TakesAnyMethodAndAnyMinorVersion) {
  TestServer server(Describing());
  Client client(server.port());
  client.Send("brew /pot HTTP/1.7\r\nHost: x\r\n\r\n");
  EXPECT_EQ(Body(client.ReadAnswer()), "brew /pot? [0] ");
}

TEST(Server, ServesAbsoluteTargetsByTheirPath) {
  TestServer server(Describing());
  Client client(server.port());
  client.Send(
      "GET http://other.test:80/p/q?r HTTP/1.1\r\nHost: x\r\n\r\nGET http://other.test HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(Body(client.ReadAnswer()), "GET /p/q?r [0] ");
  EXPECT_EQ(Body(client.ReadAnswer()), "GET /? [0] ");
}

TEST(Server, AnswersConnectAndTheAsteriskItself) {
  TestServer server(Describing());
  Client client(server.port());
  client.Send("CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\nOPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto connect = client.ReadAnswer();
  EXPECT_THAT(connect, StartsWith("HTTP/1.1 405 Method Not Allowed\r\n"));
  EXPECT_THAT(connect, HasSubstr("\r\nAllow: GET, HEAD\r\n"));
  EXPECT_EQ(Body(connect), "Method Not Allowed\n");
  EXPECT_THAT(client.ReadAnswer(), HasSubstr("\r\nContent-Length: 0\r\n"));
}

TEST(Server, RefusesAHeaderBlockPastItsLimit) {
  TestServer server(Describing());
  Client client(server.port());
  std::string request = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 1200; ++i) request += "X-" + std::to_string(i) + ": " + std::string(1000, 'h') + "\r\n";
  client.Send(request);
  EXPECT_THAT(client.ReadAll(3s), StartsWith("HTTP/1.1 431 Request Header Fields Too Large\r\n"));
}

TEST(Server, TakesAHeaderBlockJustBelowItsLimit) {
  TestServer server(Describing());
  Client client(server.port());
  client.Send("GET /big HTTP/1.1\r\nHost: x\r\nX: " + std::string(1'000'000, 'h') + "\r\n\r\n");
  EXPECT_EQ(Body(client.ReadAnswer()), "GET /big? [0] ");
}

TEST(Server, Answers413ForADeclaredBodyPastTheLimitWithoutReadingIt) {
  auto options = Describing();
  options.body_limit = [](const HttpRequest&) { return BodyDecision{10, std::nullopt}; };
  TestServer server(options);
  Client client(server.port());
  client.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n");
  const auto answer = client.ReadAnswer();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 413 Request Entity Too Large\r\n"));
  EXPECT_EQ(Body(answer), "{\"data\":{},\"message\":\"Request entity too large.\",\"status\":413}\n");
  EXPECT_TRUE(client.ClosedWithin(5s));
}

TEST(Server, TakesABodyOfExactlyTheLimit) {
  auto options = Describing();
  options.body_limit = [](const HttpRequest&) { return BodyDecision{10, std::nullopt}; };
  TestServer server(options);
  Client client(server.port());
  client.Send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789");
  EXPECT_EQ(Body(client.ReadAnswer()), "POST /a? [10] 0123456789");
  client.Send("POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n");
  EXPECT_EQ(Body(client.ReadAnswer()), "POST /b? [10] 0123456789");
}

TEST(Server, HoldsTheLimitForChunkedBodiesToo) {
  auto options = Describing();
  options.body_limit = [](const HttpRequest&) { return BodyDecision{10, std::nullopt}; };
  TestServer server(options);
  Client client(server.port());
  client.Send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n01234567\r\n3\r\nabc\r\n0\r\n\r\n");
  EXPECT_THAT(client.ReadAnswer(), StartsWith("HTTP/1.1 413 "));
}

TEST(Server, LetsAClientThatKeepsSendingReadThe413) {
  auto options = Describing();
  options.body_limit = [](const HttpRequest&) { return BodyDecision{1000, std::nullopt}; };
  TestServer server(options);
  Client client(server.port());
  client.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8000000\r\n\r\n");
  client.Send(std::string(4'000'000, 'z'));
  EXPECT_THAT(client.ReadAnswer(), StartsWith("HTTP/1.1 413 "));
}

TEST(Server, RunsTheHandlerForTooLargeBodiesWhenThereIsOne) {
  auto options = Describing();
  options.body_limit = [](const HttpRequest&) { return BodyDecision{1, std::nullopt}; };
  options.handle_too_large = [](HttpRequest& request) -> Task<HttpResponse> {
    HttpResponse response;
    response.status = 413;
    response.body = "too large for " + std::string(request.path);
    co_return std::move(response);
  };
  TestServer server(options);
  Client client(server.port());
  client.Send("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab");
  EXPECT_EQ(Body(client.ReadAnswer()), "too large for /p");
}

TEST(Server, SendsAnEarlyAnswerAndGoesOnBehindAShortBody) {
  auto options = Describing();
  options.body_limit = [](const HttpRequest& head) {
    BodyDecision decision;
    if (head.path == "/refused") {
      decision.answer.emplace();
      decision.answer->status = 404;
    }
    return decision;
  };
  TestServer server(options);
  Client client(server.port());
  client.Send("POST /refused HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET /n HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.ReadAnswer(), StartsWith("HTTP/1.1 404 "));
  EXPECT_EQ(Body(client.ReadAnswer()), "GET /n? [0] ");
}

TEST(Server, DoesNotInviteABodyThatItRefuses) {
  auto options = Describing();
  options.body_limit = [](const HttpRequest&) { return BodyDecision{1, std::nullopt}; };
  TestServer server(options);
  Client client(server.port());
  client.Send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n");
  EXPECT_THAT(client.ReadAnswer(), StartsWith("HTTP/1.1 413 "));
}

TEST(Server, DoesNotTrustAConnectionWithBothFramingHeaders) {
  TestServer server(Describing());
  Client client(server.port());
  client.Send(
      "POST /t HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
      "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto all = client.ReadAll(3s);
  EXPECT_THAT(all, HasSubstr("POST /t? [0] "));
  EXPECT_THAT(all, Not(HasSubstr("smuggled")));
  EXPECT_TRUE(client.closed());
}

TEST(Server, ReadsNothingWhileAHandlerRuns) {
  Gate gate;
  ServerOptions options;
  options.handle = [&](HttpRequest& request) -> Task<HttpResponse> {
    const std::string before(request.target);
    co_await gate.Wait();
    HttpResponse response;
    response.body = before == request.target ? before : "changed";
    co_return std::move(response);
  };
  TestServer server(options);
  Client client(server.port());
  client.Send("GET /first HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(Eventually([&] { return server.in_flight() == 1; }));
  client.Send("GET /second HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer(100ms), "");
  EXPECT_EQ(server.in_flight(), 1u);
  server.OnLoop([&] { gate.Open(); });
  EXPECT_EQ(Body(client.ReadAnswer()), "/first");
  EXPECT_EQ(Body(client.ReadAnswer()), "/second");
}

TEST(Server, FinishesAHandlerWhoseClientHasVanished) {
  Gate gate;
  std::atomic<bool> finished = false;
  ServerOptions options;
  options.handle = [&](HttpRequest& request) -> Task<HttpResponse> {
    co_await gate.Wait();
    finished = request.path == "/gone";
    HttpResponse response;
    response.body = std::string(10'000'000, 'x');
    co_return std::move(response);
  };
  TestServer server(options);
  {
    Client client(server.port());
    client.Send("GET /gone HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_TRUE(Eventually([&] { return server.in_flight() == 1; }));
  }
  server.OnLoop([&] { gate.Open(); });
  EXPECT_TRUE(finished);
  EXPECT_TRUE(Eventually([&] { return server.connections() == 0 && server.in_flight() == 0; }));
}

TEST(Server, CollectsNoAnswersForASlowReader) {
  ServerOptions options;
  std::atomic<int> handled = 0;
  options.handle = [&](HttpRequest&) -> Task<HttpResponse> {
    ++handled;
    HttpResponse response;
    response.body = std::string(1'000'000, 'x');
    co_return std::move(response);
  };
  TestServer server(options);
  Client client(server.port(), 16'384);
  std::string requests;
  for (int i = 0; i < 100; ++i) requests += "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  client.Send(requests);
  std::this_thread::sleep_for(300ms);
  EXPECT_LT(handled, 20);  // what the kernel's buffers hold, and one more
  for (int i = 0; i < 100; ++i) ASSERT_EQ(Body(client.ReadAnswer()).size(), 1'000'000u);
  EXPECT_EQ(handled, 100);
}

TEST(Server, EndsConnectionsThatDoNotSendTheirHeadInTime) {
  auto options = Describing();
  options.head_timeout = 200ms;
  TestServer server(options);
  Client silent(server.port()), slow(server.port());
  slow.Send("GET / HTTP/1.1\r\nHo");
  EXPECT_TRUE(silent.ClosedWithin(3s));
  EXPECT_TRUE(slow.ClosedWithin(3s));
}

TEST(Server, EndsConnectionsThatDoNotSendTheirBodyInTime) {
  auto options = Describing();
  options.request_timeout = 200ms;
  TestServer server(options);
  Client client(server.port());
  client.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_TRUE(client.ClosedWithin(3s));
  EXPECT_EQ(server.in_flight(), 0u);
}

TEST(Server, EndsConnectionsThatDoNotTakeTheirAnswerInTime) {
  ServerOptions options;
  options.write_timeout = 200ms;
  options.handle = [](HttpRequest&) -> Task<HttpResponse> {
    HttpResponse response;
    response.body = std::string(30'000'000, 'x');
    co_return std::move(response);
  };
  TestServer server(options);
  Client client(server.port(), 16'384);
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(Eventually([&] { return server.connections() == 1; }));
  EXPECT_TRUE(Eventually([&] { return server.connections() == 0; }));
  EXPECT_EQ(server.in_flight(), 0u);
}

TEST(Server, EndsIdleConnectionsAtTheirLimitOnly) {
  auto options = Describing();
  options.head_timeout = 100ms;
  options.idle_timeout = 600ms;
  TestServer server(options);
  Client client(server.port());
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(client.ReadAnswer(), "");
  EXPECT_FALSE(client.ClosedWithin(300ms));
  EXPECT_TRUE(client.ClosedWithin(3s));
}

TEST(Server, RefusesConnectionsPastItsLimitWith503) {
  auto options = Describing();
  options.max_connections = 2;
  TestServer server(options);
  Client first(server.port()), second(server.port());
  ASSERT_TRUE(Eventually([&] { return server.connections() == 2; }));
  Client third(server.port());
  EXPECT_THAT(third.ReadAll(3s), StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
  first.Send("GET /ok HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(Body(first.ReadAnswer()), "GET /ok? [0] ");
}

TEST(Server, KeepsTwoThousandIdleConnectionsCheaply) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  TestServer server(Describing());
  const std::size_t before = ResidentKiB();
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 2000; ++i) {
    clients.push_back(std::make_unique<Client>(server.port()));
    ASSERT_TRUE(clients.back()->connected());
    clients.back()->Send("GET / HTTP/1.1\r\nHost: x\r\nX-Filler: " + std::string(3000, 'f') + "\r\n\r\n");
    ASSERT_NE(clients.back()->ReadAnswer(), "");
  }
  EXPECT_EQ(server.connections(), 2000u);
  const std::size_t grown = ResidentKiB() - before;
#ifdef __SANITIZE_ADDRESS__
  EXPECT_LT(grown, 2000u * 64);  // red zones and quarantined blocks are counted as well
#else
  EXPECT_LT(grown, 2000u * 4);  // the test's own client objects included
#endif
  clients.front()->Send("GET /still HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(Body(clients.front()->ReadAnswer()), "GET /still? [0] ");
}

TEST(Server, DrainsGracefully) {
  Gate gate;
  ServerOptions options;
  options.handle = [&](HttpRequest& request) -> Task<HttpResponse> {
    if (request.path == "/slow") co_await gate.Wait();
    HttpResponse response;
    response.body = "done";
    co_return std::move(response);
  };
  TestServer server(options);
  Client idle(server.port()), busy(server.port());
  idle.Send("GET /fast HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(Body(idle.ReadAnswer()), "done");
  busy.Send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(Eventually([&] { return server.in_flight() == 1; }));
  server.OnLoop([&] {
    server.server().StopAccepting();
    server.server().CloseIdle();
  });
  EXPECT_TRUE(idle.ClosedWithin(2s));
  Client late(server.port());
  EXPECT_FALSE(late.connected());
  server.OnLoop([&] { gate.Open(); });
  EXPECT_THAT(busy.ReadAnswer(), HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_TRUE(busy.ClosedWithin(2s));
  EXPECT_EQ(server.in_flight(), 0u);
}

TEST(Server, ClosingWithARunningHandlerLetsItFinish) {
  Gate gate;
  bool finished = false;
  ServerOptions options;
  options.handle = [&](HttpRequest& request) -> Task<HttpResponse> {
    co_await gate.Wait();
    finished = request.path == "/x";
    co_return HttpResponse{};
  };
  {
    TestServer server(options);
    Client client(server.port());
    client.Send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_TRUE(Eventually([&] { return server.in_flight() == 1; }));
    server.OnLoop([&] { server.server().Close(); });
    EXPECT_TRUE(client.ClosedWithin(2s));
    server.OnLoop([&] { gate.Open(); });
  }
  EXPECT_TRUE(finished);
}

TEST(Server, GivesTheRemoteAddress) {
  ServerOptions options;
  options.handle = [](HttpRequest& request) -> Task<HttpResponse> {
    HttpResponse response;
    response.body = request.remote_ip;
    co_return std::move(response);
  };
  TestServer server(options);
  Client client(server.port());
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(Body(client.ReadAnswer()), "127.0.0.1");
}

TEST(Server, KeepsHeaderValuesOnOneLine) {
  ServerOptions options;
  options.handle = [](HttpRequest&) -> Task<HttpResponse> {
    HttpResponse response;
    response.headers.emplace_back("Location", "/a\r\nSet-Cookie: x");
    co_return std::move(response);
  };
  TestServer server(options);
  Client client(server.port());
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.ReadAnswer(), HasSubstr("\r\nLocation: /a  Set-Cookie: x\r\n"));
}

}  // namespace
}  // namespace wombat::testing

#include "supervisor/listeners.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

namespace wombat {
namespace {

int PortOf(const std::string& address) { return std::stoi(address.substr(address.rfind(':') + 1)); }

UniqueFd ConnectTo(int port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fd.reset();
  return fd;
}

TEST(Listeners, OneSocketAWorkerOnOnePort) {
  auto listeners = ListenForHttp("127.0.0.1:0", 3);
  ASSERT_TRUE(listeners) << listeners.error().message;
  EXPECT_EQ(listeners->sockets.size(), 3u);
  EXPECT_GT(PortOf(listeners->address), 0);
}

TEST(Listeners, ConnectionsAreSpreadAndWaitInASocketThatNobodyReads) {
  auto listeners = ListenForHttp("127.0.0.1:0", 2);
  ASSERT_TRUE(listeners) << listeners.error().message;
  std::vector<UniqueFd> clients;
  for (int i = 0; i < 64; i++) {
    clients.push_back(ConnectTo(PortOf(listeners->address)));
    ASSERT_TRUE(clients.back());
  }
  int waiting[2] = {};
  for (int i = 0; i < 2; i++) {
    const int socket = listeners->sockets[static_cast<std::size_t>(i)].get();
    while (UniqueFd(::accept4(socket, nullptr, nullptr, SOCK_CLOEXEC))) waiting[i]++;
  }
  EXPECT_EQ(waiting[0] + waiting[1], 64);
  EXPECT_GT(waiting[0], 0);
  EXPECT_GT(waiting[1], 0);
}

TEST(Listeners, AnAddressInUseIsRefusedEvenWhenItsOwnerSharesIt) {
  auto first = ListenForHttp("127.0.0.1:0", 2);
  ASSERT_TRUE(first) << first.error().message;
  auto second = ListenForHttp(first->address, 2);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, "listen tcp " + first->address + ": bind: address already in use");
}

TEST(Listeners, AnAddressIsFreeAgainRightAfterItsConnectionsWereClosed) {
  std::string address;
  {
    auto first = ListenForHttp("127.0.0.1:0", 1);
    ASSERT_TRUE(first);
    address = first->address;
    UniqueFd client = ConnectTo(PortOf(address));
    UniqueFd server(::accept4(first->sockets[0].get(), nullptr, nullptr, SOCK_CLOEXEC));
    server.reset();  // the server closes first, so its side is in TIME_WAIT
  }
  EXPECT_TRUE(ListenForHttp(address, 1));
}

TEST(Listeners, AnEmptyHostMeansAllInterfaces) {
  auto listeners = ListenForHttp(":0", 1);
  ASSERT_TRUE(listeners) << listeners.error().message;
  EXPECT_TRUE(ConnectTo(PortOf(listeners->address)));
}

TEST(Listeners, NamesAreResolved) {
  auto listeners = ListenForHttp("localhost:0", 1);
  ASSERT_TRUE(listeners) << listeners.error().message;
  EXPECT_TRUE(ConnectTo(PortOf(listeners->address)));
}

TEST(Listeners, WhatIsNoAddressIsRefusedWithAReason) {
  EXPECT_EQ(ListenForHttp("nope", 1).error().message, "listen tcp: address nope: missing port in address");
  EXPECT_EQ(ListenForHttp("127.0.0.1:bogus", 1).error().message, "listen tcp: lookup tcp/bogus: unknown port");
  EXPECT_EQ(ListenForHttp("::1:80", 1).error().message, "listen tcp: address ::1:80: too many colons in address");
  EXPECT_EQ(ListenForHttp("256.1.1.1:80", 1).error().message, "listen tcp: lookup 256.1.1.1: no such host");
}

TEST(BaseUrl, IsTheAddressAsConfigured) {
  EXPECT_EQ(BaseUrl("127.0.0.1:8090"), "http://127.0.0.1:8090");
  EXPECT_EQ(BaseUrl(":8090"), "http://:8090");
  EXPECT_EQ(BaseUrl(""), "http://127.0.0.1");
  EXPECT_EQ(BaseUrl("0.0.0.0:http"), "http://127.0.0.1");
}

}  // namespace
}  // namespace wombat

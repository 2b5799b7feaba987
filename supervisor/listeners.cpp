#include "supervisor/listeners.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include <charconv>
#include <memory>
#include <optional>

namespace wombat {
namespace {

constexpr int kBacklog = 4096;

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  int family() const { return storage.ss_family; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  void SetPort(in_port_t network_order) {
    if (family() == AF_INET) {
      reinterpret_cast<sockaddr_in*>(&storage)->sin_port = network_order;
    } else {
      reinterpret_cast<sockaddr_in6*>(&storage)->sin6_port = network_order;
    }
  }
};

SocketAddress FromIpv4(in_addr ip) {
  SocketAddress out;
  auto* address = reinterpret_cast<sockaddr_in*>(&out.storage);
  address->sin_family = AF_INET;
  address->sin_addr = ip;
  out.size = sizeof *address;
  return out;
}

SocketAddress FromIpv6(in6_addr ip) {
  SocketAddress out;
  auto* address = reinterpret_cast<sockaddr_in6*>(&out.storage);
  address->sin6_family = AF_INET6;
  address->sin6_addr = ip;
  out.size = sizeof *address;
  return out;
}

std::optional<std::uint16_t> ParsePort(std::string_view text) {
  if (text == "http") return std::uint16_t{80};
  if (text == "https") return std::uint16_t{443};
  std::uint16_t port = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return port;
}

bool HasIpv6() { return bool(UniqueFd(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0))); }

Result<SocketAddress> ResolveHost(const std::string& host) {
  in_addr ipv4{};
  in6_addr ipv6{};
  if (host.empty()) return HasIpv6() ? FromIpv6(in6addr_any) : FromIpv4(in_addr{INADDR_ANY});
  if (::inet_pton(AF_INET, host.c_str(), &ipv4) == 1) return FromIpv4(ipv4);
  if (::inet_pton(AF_INET6, host.c_str(), &ipv6) == 1) return FromIpv6(ipv6);

  addrinfo hints{}, *list = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &list) != 0 || !list) {
    return Fail("listen tcp: lookup " + host + ": no such host");
  }
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, ::freeaddrinfo);
  const addrinfo* chosen = list;
  for (const addrinfo* entry = list; entry; entry = entry->ai_next) {
    if (entry->ai_family != AF_INET) continue;
    chosen = entry;
    break;
  }
  SocketAddress out;
  memcpy(&out.storage, chosen->ai_addr, chosen->ai_addrlen);
  out.size = chosen->ai_addrlen;
  return out;
}

Result<SocketAddress> ParseAddress(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return Fail("listen tcp: address " + text + ": missing port in address");
  std::string host = text.substr(0, colon), port_text = text.substr(colon + 1);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string::npos) {
    return Fail("listen tcp: address " + text + ": too many colons in address");
  }
  const auto port = ParsePort(port_text);
  if (!port) return Fail("listen tcp: lookup tcp/" + port_text + ": unknown port");
  auto address = ResolveHost(host);
  if (address) address->SetPort(htons(*port));
  return address;
}

// A socket that is bound, with the address shared among workers or not. -1 with errno otherwise.
UniqueFd Bind(const SocketAddress& address, bool shared) {
  UniqueFd fd(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return fd;
  const int on = 1, off = 0;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (shared) ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (address.family() == AF_INET6) ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  // Inherited by the accepted connections, which saves each a system call.
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::bind(fd.get(), address.get(), address.size) != 0) return UniqueFd();
  return fd;
}

in_port_t PortOf(int fd) {
  SocketAddress bound;
  bound.size = sizeof bound.storage;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&bound.storage), &bound.size);
  return bound.family() == AF_INET ? reinterpret_cast<sockaddr_in*>(&bound.storage)->sin_port
                                   : reinterpret_cast<sockaddr_in6*>(&bound.storage)->sin6_port;
}

}  // namespace

Result<HttpListeners> ListenForHttp(const std::string& address, int workers) {
  auto where = ParseAddress(address);
  if (!where) return std::unexpected(where.error());
  const auto failed = [&address](const char* step) {
    std::string reason = errno == EADDRINUSE ? "address already in use" : strerror(errno);
    return Fail("listen tcp " + address + ": " + step + ": " + reason);
  };
  // Sockets that share their port could join another server's unnoticed; one that does not share finds it out.
  if (!Bind(*where, false)) return failed("bind");

  HttpListeners out;
  out.address = address;
  for (int i = 0; i < workers; i++) {
    UniqueFd fd = Bind(*where, true);
    if (!fd) return failed("bind");
    if (i == 0) where->SetPort(PortOf(fd.get()));
    if (::listen(fd.get(), kBacklog) != 0) return failed("listen");
    out.sockets.push_back(std::move(fd));
  }
  if (address.ends_with(":0") && workers > 0) {
    out.address = address.substr(0, address.size() - 1) + std::to_string(ntohs(PortOf(out.sockets[0].get())));
  }
  return out;
}

std::string BaseUrl(std::string_view address) {
  if (address.empty() || address.ends_with(":http") || address.ends_with(":https")) return "http://127.0.0.1";
  return "http://" + std::string(address);
}

}  // namespace wombat

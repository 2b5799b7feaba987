#include "bench/realtime/wire.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "bench/load/response.h"

namespace wombat::load {

UniqueFd ConnectTo(std::uint16_t port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return {};
  return fd;
}

bool SendAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

std::string PostRequest(std::string_view path, std::string_view json) {
  std::string request = "POST ";
  request.append(path).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ");
  return request.append(std::to_string(json.size())).append("\r\n\r\n").append(json);
}

int Ask(int fd, std::string_view request) {
  if (!SendAll(fd, request)) return 0;
  ResponseReader reader;
  std::string received;
  char buffer[16 * 1024];
  for (;;) {
    const ssize_t n = ::recv(fd, buffer, sizeof buffer, 0);
    if (n <= 0) return 0;
    received.append(buffer, static_cast<std::size_t>(n));
    switch (reader.Read(received)) {
      case ResponseReader::State::kIncomplete:
        break;
      case ResponseReader::State::kBroken:
        return 0;
      case ResponseReader::State::kComplete:
        return reader.status();
    }
  }
}

}  // namespace wombat::load

#include "bench/load/client.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <deque>

#include "bench/load/response.h"
#include "common/base/unique_fd.h"

namespace wombat::load {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kReadSize = 64 * 1024;
constexpr std::size_t kShownErrorBytes = 400;

struct Connection {
  UniqueFd fd;
  std::string_view unsent;  // what is left of the request
  std::string received;
  ResponseReader reader;
  Clock::time_point sent_at;
  bool busy = false, waits_to_send = false;
};

class Client {
 public:
  Client(const Plan& plan, Outcome& out) : plan_(plan), out_(out), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

  bool Run();

 private:
  bool Connect(Connection& connection);
  bool SendNext(Connection& connection);  // false: nothing is left to send
  void Flush(Connection& connection);
  void Receive(Connection& connection);
  void Finish(Connection& connection);
  void Break(Connection& connection, const char* reason);
  bool NextRequest(std::string_view& request);
  void Watch(Connection& connection, std::uint32_t events, int operation);

  const Plan& plan_;
  Outcome& out_;
  UniqueFd epoll_;
  std::deque<Connection> connections_;
  std::size_t next_ = 0, busy_ = 0;
  std::uint64_t random_ = 88172645463325252u;
  Clock::time_point end_;
  char buffer_[kReadSize];
};

bool Client::NextRequest(std::string_view& request) {
  if (!plan_.once && Clock::now() >= end_) return false;
  if (plan_.once) {
    if (next_ >= plan_.requests.size()) return false;
    request = plan_.requests[next_++];
    return true;
  }
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  request = plan_.requests[random_ % plan_.requests.size()];
  return true;
}

void Client::Watch(Connection& connection, std::uint32_t events, int operation) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &connection;
  ::epoll_ctl(epoll_.get(), operation, connection.fd.get(), &event);
}

bool Client::Connect(Connection& connection) {
  connection.waits_to_send = false;
  connection.fd.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(plan_.port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  ::setsockopt(connection.fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(connection.fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    connection.fd.reset();
    return false;
  }
  Watch(connection, EPOLLIN, EPOLL_CTL_ADD);
  return true;
}

bool Client::SendNext(Connection& connection) {
  connection.busy = NextRequest(connection.unsent);
  if (!connection.busy) return false;
  busy_++;
  connection.received.clear();
  connection.reader.Reset();
  connection.sent_at = Clock::now();
  Flush(connection);
  return true;
}

void Client::Flush(Connection& connection) {
  while (!connection.unsent.empty()) {
    const ssize_t n =
        ::send(connection.fd.get(), connection.unsent.data(), connection.unsent.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) {
      if (!connection.waits_to_send) Watch(connection, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
      connection.waits_to_send = true;
      return;
    }
    // A broken connection is also reported by the next read, which counts it.
    if (n < 0) return;
    connection.unsent.remove_prefix(static_cast<std::size_t>(n));
  }
  if (connection.waits_to_send) Watch(connection, EPOLLIN, EPOLL_CTL_MOD);
  connection.waits_to_send = false;
}

void Client::Receive(Connection& connection) {
  // The rest of a long body is only counted. The kernel then does not copy it, and the client takes less from the server.
  const std::size_t rest = connection.reader.rest(connection.received.size());
  if (rest > kReadSize) {
    const ssize_t n = ::recv(connection.fd.get(), nullptr, rest - 1, MSG_DONTWAIT | MSG_TRUNC);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) return Break(connection, n == 0 ? "the server closed the connection" : strerror(errno));
    out_.bytes += static_cast<std::uint64_t>(n);
    connection.reader.Skip(static_cast<std::size_t>(n));
    return;
  }
  const ssize_t n = ::recv(connection.fd.get(), buffer_, sizeof buffer_, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return Break(connection, n == 0 ? "the server closed the connection" : strerror(errno));
  out_.bytes += static_cast<std::uint64_t>(n);
  connection.received.append(buffer_, static_cast<std::size_t>(n));
  switch (connection.reader.Read(connection.received)) {
    case ResponseReader::State::kIncomplete:
      return;
    case ResponseReader::State::kBroken:
      return Break(connection, "this is no HTTP response");
    case ResponseReader::State::kComplete:
      return Finish(connection);
  }
}

void Client::Finish(Connection& connection) {
  connection.busy = false;
  busy_--;
  const int status = connection.reader.status();
  if (status < 200 || status > 299) {
    out_.errors++;
    if (out_.first_error.empty()) out_.first_error = connection.received.substr(0, kShownErrorBytes);
  } else {
    out_.latencies.Add(static_cast<std::uint64_t>((Clock::now() - connection.sent_at).count()));
  }
  if (connection.reader.closes() && !Connect(connection)) return Break(connection, "cannot connect again");
  SendNext(connection);
}

void Client::Break(Connection& connection, const char* reason) {
  if (connection.busy) busy_--;
  connection.busy = false;
  out_.errors++;
  if (out_.first_error.empty()) out_.first_error = reason;
  // A server that is away is not hammered.
  if (!Connect(connection)) {
    ::usleep(1000);
    if (!Connect(connection)) return;
  }
  SendNext(connection);
}

bool Client::Run() {
  for (int i = 0; i < plan_.connections; i++) {
    connections_.emplace_back();
    if (!Connect(connections_.back())) return false;
  }
  const Clock::time_point start = Clock::now();
  end_ = start + plan_.duration;
  for (Connection& connection : connections_) SendNext(connection);

  epoll_event events[256];
  while (busy_ > 0) {
    const int count = ::epoll_wait(epoll_.get(), events, 256, -1);
    for (int i = 0; i < count; i++) {
      Connection& connection = *static_cast<Connection*>(events[i].data.ptr);
      if (events[i].events & EPOLLOUT) Flush(connection);
      if (events[i].events & ~EPOLLOUT) Receive(connection);
    }
  }
  out_.elapsed = Clock::now() - start;
  return true;
}

}  // namespace

bool Run(const Plan& plan, Outcome& out) { return Client(plan, out).Run(); }

}  // namespace wombat::load

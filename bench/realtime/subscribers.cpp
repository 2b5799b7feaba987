#include "bench/realtime/subscribers.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "bench/realtime/wire.h"

namespace wombat::load {
namespace {

constexpr std::size_t kReadSize = 256 * 1024;
// As many as fit into any server's queue of new connections.
constexpr std::size_t kConnectedAtOnce = 64;
constexpr int kWaitMs = 50;
// After each sweep: a reader that slept between any two messages would have the server wake it for each of them.
constexpr useconds_t kPauseUs = 500;

}  // namespace

Subscribers::Subscribers(std::uint16_t port) : port_(port), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

bool Subscribers::Connect(Stream& stream) {
  stream.fd = ConnectTo(port_);
  return stream.fd && SendAll(stream.fd.get(), "GET /api/realtime HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
}

bool Subscribers::AwaitId(Stream& stream, std::string& problem) {
  std::string text;
  char buffer[4096];
  while (text.find("\n\n") == text.npos) {
    const ssize_t n = ::recv(stream.fd.get(), buffer, sizeof buffer, 0);
    if (n <= 0) return problem = "a stream ended before it began: " + text, false;
    text.append(buffer, static_cast<std::size_t>(n));
  }
  const std::size_t id = text.find("id:");
  if (id == text.npos) return problem = "no client id: " + text, false;
  stream.id = text.substr(id + 3, text.find('\n', id) - id - 3);
  return true;
}

bool Subscribers::Subscribe(std::string_view topic, std::string& problem) {
  UniqueFd fd = ConnectTo(port_);
  if (!fd) return problem = "cannot connect", false;
  for (const Stream& stream : streams_) {
    const std::string body = "{\"clientId\":\"" + stream.id + "\",\"subscriptions\":[\"" + std::string(topic) + "\"]}";
    const int status = Ask(fd.get(), PostRequest("/api/realtime", body));
    if (status != 204) return problem = "subscribing was answered with " + std::to_string(status), false;
  }
  return true;
}

bool Subscribers::Open(int count, std::string_view topic, std::string& problem) {
  while (streams_.size() < static_cast<std::size_t>(count)) {
    const std::size_t first = streams_.size();
    const std::size_t wave = std::min(kConnectedAtOnce, static_cast<std::size_t>(count) - first);
    for (std::size_t i = 0; i < wave; i++) {
      streams_.emplace_back();
      if (!Connect(streams_.back())) return problem = std::string("cannot connect: ") + strerror(errno), false;
    }
    for (std::size_t i = first; i < streams_.size(); i++)
      if (!AwaitId(streams_[i], problem)) return false;
  }
  return topic.empty() || Subscribe(topic, problem);
}

void Subscribers::Read(std::size_t parsed) {
  for (std::size_t i = 0; i < streams_.size(); i++) {
    Stream& stream = streams_[i];
    stream.parsed = i < parsed;
    epoll_event event{};
    event.events = EPOLLIN | EPOLLET;
    event.data.ptr = &stream;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, stream.fd.get(), &event);
  }
  std::vector<char> buffer(kStampBytes + kReadSize);
  epoll_event events[1024];
  while (!stopping_) {
    const int count = ::epoll_wait(epoll_.get(), events, std::size(events), kWaitMs);
    for (int i = 0; i < count; i++) Receive(*static_cast<Stream*>(events[i].data.ptr), buffer);
    if (count < static_cast<int>(std::size(events))) ::usleep(kPauseUs);
  }
}

void Subscribers::Receive(Stream& stream, std::vector<char>& buffer) {
  while (ReceiveSome(stream, buffer) == kReadSize) continue;
}

// How much; 0 when there is nothing more to come.
std::size_t Subscribers::ReceiveSome(Stream& stream, std::vector<char>& buffer) {
  char* const space = buffer.data() + kStampBytes;
  // A stream of which nothing is wanted is emptied inside the kernel.
  const int flags = stream.parsed ? MSG_DONTWAIT : MSG_DONTWAIT | MSG_TRUNC;
  const ssize_t n = ::recv(stream.fd.get(), space, kReadSize, flags);
  if (n < 0 && errno == EINTR) return kReadSize;
  if (n < 0 && errno == EAGAIN) return 0;
  if (n <= 0) {
    broken_++;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, stream.fd.get(), nullptr);
    return 0;
  }
  reads_++;
  bytes_ += static_cast<std::uint64_t>(n);
  if (stream.parsed) {
    char* const begin = space - stream.rest_size;
    memcpy(begin, stream.rest, stream.rest_size);
    Parse(stream, begin, space + n, NowNs());
  }
  return static_cast<std::size_t>(n);
}

void Subscribers::Parse(Stream& stream, const char* begin, const char* end, std::uint64_t now) {
  stream.rest_size = 0;
  std::uint64_t events = 0;
  for (const char* at = begin; (at = static_cast<const char*>(memchr(at, '@', std::size_t(end - at))));) {
    if (end - at < std::ptrdiff_t(kStampBytes)) {
      stream.rest_size = static_cast<std::uint8_t>(end - at);
      memcpy(stream.rest, at, stream.rest_size);
      break;
    }
    const std::uint64_t sent = ReadStamp(at);
    delays_.Add(now > sent ? now - sent : 0);
    stream.order = (stream.order ^ sent) * 0x100000001b3u;
    events++;
    at += kStampBytes;
  }
  stream.events += events;
  if (events) heard_.store(heard_.load(std::memory_order_relaxed) + events, std::memory_order_release);
}

std::uint64_t Subscribers::IncompleteStreams(std::uint64_t expected) const {
  return static_cast<std::uint64_t>(std::count_if(streams_.begin(), streams_.end(), [&](const Stream& stream) {
    return stream.parsed && stream.events != expected;
  }));
}

std::size_t Subscribers::Orders() const {
  std::set<std::uint64_t> orders;
  for (const Stream& stream : streams_)
    if (stream.parsed) orders.insert(stream.order);
  return orders.size();
}

}  // namespace wombat::load

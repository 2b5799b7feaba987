#include "bench/realtime/publisher.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "bench/realtime/stamp.h"
#include "bench/realtime/wire.h"

namespace wombat::load {
namespace {

constexpr std::size_t kShownErrorBytes = 400;
// About as long as the rows of the other scenarios.
constexpr std::string_view kBody =
    "river stone cloud lantern harbour meadow copper winter signal orchard violet thunder paper island candle forest "
    "silver anchor garden mirror river stone cloud lantern harbour meadow copper winter signal orchard";

}  // namespace

Publisher::Publisher(const PublishPlan& plan, Published& out)
    : plan_(plan), out_(out), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

bool Publisher::MayStart() {
  if (broken_ || (plan_.changes && started_ >= plan_.changes)) return false;
  const std::uint64_t since = NowNs() - begin_;
  if (plan_.duration.count() && since >= static_cast<std::uint64_t>(plan_.duration.count())) return false;
  return plan_.per_second <= 0 || double(started_) <= double(since) * plan_.per_second / 1e9;
}

void Publisher::StartIdle() {
  for (Connection& connection : connections_) {
    if (connection.busy) continue;
    if (!MayStart()) return;
    Send(connection);
  }
}

void Publisher::Send(Connection& connection) {
  if (plan_.next && started_ > 0) plan_.next(started_);
  connection.busy = true;
  busy_++;
  started_++;
  connection.received.clear();
  connection.reader.Reset();
  connection.sent_at = NowNs();
  WriteStamp(connection.request.data() + stamp_at_, connection.sent_at);
  if (!SendAll(connection.fd.get(), connection.request)) Fail(connection, strerror(errno));
}

void Publisher::Fail(Connection& connection, std::string_view reason) {
  out_.errors++;
  if (out_.first_error.empty()) out_.first_error = reason;
  broken_ = true;
  if (connection.busy) busy_--;
  connection.busy = false;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, connection.fd.get(), nullptr);
}

void Publisher::Receive(Connection& connection) {
  char buffer[16 * 1024];
  const ssize_t n = ::recv(connection.fd.get(), buffer, sizeof buffer, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return Fail(connection, "the server closed the connection");
  connection.received.append(buffer, static_cast<std::size_t>(n));
  const auto state = connection.reader.Read(connection.received);
  if (state == ResponseReader::State::kIncomplete) return;
  const int status = connection.reader.status();
  if (state == ResponseReader::State::kBroken || status < 200 || status > 299)
    return Fail(connection, connection.received.substr(0, kShownErrorBytes));
  out_.latencies.Add(NowNs() - connection.sent_at);
  connection.busy = false;
  busy_--;
  if (MayStart()) Send(connection);
}

bool Publisher::Run() {
  const std::string stamp(kStampBytes, '@');
  const std::string body = "{\"title\":\"" + stamp + "\",\"body\":\"" + std::string(kBody) + "\",\"views\":1234,\"published\":true}";
  const std::string request = PostRequest("/api/collections/" + plan_.collection + "/records", body);
  stamp_at_ = request.find(stamp);
  for (int i = 0; i < plan_.connections; i++) {
    Connection& connection = connections_.emplace_back();
    connection.fd = ConnectTo(plan_.port);
    if (!connection.fd) return false;
    connection.request = request;
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &connection;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connection.fd.get(), &event);
  }
  begin_ = NowNs();
  StartIdle();
  epoll_event events[256];
  for (;;) {
    const bool over = broken_ || (plan_.changes && started_ >= plan_.changes) ||
                      (plan_.duration.count() && NowNs() - begin_ >= std::uint64_t(plan_.duration.count()));
    if (busy_ == 0 && over) break;
    const int count = ::epoll_wait(epoll_.get(), events, std::size(events), plan_.per_second > 0 ? 1 : 100);
    for (int i = 0; i < count; i++) Receive(*static_cast<Connection*>(events[i].data.ptr));
    StartIdle();
  }
  out_.elapsed = std::chrono::nanoseconds(NowNs() - begin_);
  return true;
}

}  // namespace wombat::load

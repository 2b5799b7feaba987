#include "worker/http/server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "worker/http/connection.h"
#include "worker/http/server_core.h"

namespace wombat {
namespace {

constexpr int kBacklog = 4096;
constexpr std::size_t kMaxPooledExchanges = 64;
constexpr std::size_t kMaxPooledHeaders = 256;  // a list that grew past this is not worth keeping
constexpr std::uint64_t kLongestTickMs = 1000;

std::uint64_t Ms(std::chrono::milliseconds duration) { return static_cast<std::uint64_t>(duration.count()); }

// Accepted sockets inherit these on Linux, which saves two calls a connection.
void SetInheritedOptions(int socket) {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

}  // namespace

ServerCore::ServerCore(uv_loop_t* loop, ServerOptions given) : loop(loop), options(std::move(given)) {
  const std::uint64_t shortest =
      std::min({Ms(options.head_timeout), Ms(options.request_timeout), Ms(options.write_timeout),
                Ms(options.idle_timeout), Ms(options.linger_timeout)});
  const std::uint64_t tick = std::clamp<std::uint64_t>(shortest / 4, 1, kLongestTickMs);
  timer_ = new uv_timer_t;
  uv_timer_init(loop, timer_);
  timer_->data = this;
  uv_timer_start(timer_, OnTick, tick, tick);
  uv_unref(reinterpret_cast<uv_handle_t*>(timer_));
}

ServerCore::~ServerCore() { Close(); }

void ServerCore::FreeHandle(uv_handle_t* handle) {
  if (handle->type == UV_TCP)
    delete reinterpret_cast<uv_tcp_t*>(handle);
  else
    delete reinterpret_cast<uv_timer_t*>(handle);
}

Result<void> ServerCore::Listen(int socket) {
  auto* listener = new uv_tcp_t;
  uv_tcp_init(loop, listener);
  listener->data = this;
  SetInheritedOptions(socket);
  int status = uv_tcp_open(listener, socket);
  if (status == 0) status = uv_listen(reinterpret_cast<uv_stream_t*>(listener), kBacklog, OnConnection);
  if (status != 0) {
    uv_close(reinterpret_cast<uv_handle_t*>(listener), FreeHandle);
    return Fail(std::string("cannot listen: ") + uv_strerror(status));
  }
  listener_ = listener;
  return {};
}

void ServerCore::OnConnection(uv_stream_t* listener, int status) {
  if (status == 0) HttpConnection::Accept(*static_cast<ServerCore*>(listener->data), listener);
}

void ServerCore::OnTick(uv_timer_t* timer) {
  auto& core = *static_cast<ServerCore*>(timer->data);
  const auto now = core.now_ms();
  for (auto* queue : {&core.heads, &core.requests, &core.writes, &core.idle, &core.lingering})
    while (auto* connection = queue->FrontDue(now)) connection->Close();
}

void ServerCore::StopAccepting() {
  draining = true;
  if (!listener_) return;
  uv_close(reinterpret_cast<uv_handle_t*>(std::exchange(listener_, nullptr)), FreeHandle);
}

void ServerCore::CloseIdle() {
  for (auto* link = connections.front(); link;) {
    auto* connection = link->owner;
    link = connections.After(link);
    if (connection->idle()) connection->Close();
  }
}

void ServerCore::Close() {
  StopAccepting();
  while (auto* link = connections.front()) link->owner->Close();
  if (timer_) uv_close(reinterpret_cast<uv_handle_t*>(std::exchange(timer_, nullptr)), FreeHandle);
}

std::unique_ptr<Exchange> ServerCore::BorrowExchange() {
  if (exchanges_.empty()) return std::make_unique<Exchange>();
  auto exchange = std::move(exchanges_.back());
  exchanges_.pop_back();
  return exchange;
}

void ServerCore::ReturnExchange(std::unique_ptr<Exchange> exchange) {
  DiscardForm(loop, std::move(exchange->form));
  if (exchanges_.size() >= kMaxPooledExchanges || exchange->request.headers.capacity() > kMaxPooledHeaders) return;
  exchange->buffer.Clear();
  exchange->buffer.Shrink();
  exchange->parser.Reset();
  exchange->body.Clear();
  exchanges_.push_back(std::move(exchange));
}

Server::Server(uv_loop_t* loop, ServerOptions options)
    : core_(std::make_unique<ServerCore>(loop, std::move(options))) {}
Server::~Server() = default;
Result<void> Server::Listen(int socket) { return core_->Listen(socket); }
void Server::StopAccepting() { core_->StopAccepting(); }
void Server::CloseIdle() { core_->CloseIdle(); }
void Server::Close() { core_->Close(); }
std::size_t Server::in_flight() const { return core_->in_flight; }
std::size_t Server::connections() const { return core_->connection_count; }

}  // namespace wombat

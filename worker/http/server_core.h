// What a server and its connections share. Only for server.cpp and connection*.cpp.
#pragma once

#include <uv.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "worker/http/buffers.h"
#include "worker/http/deadlines.h"
#include "worker/http/form_reader.h"
#include "worker/http/request_parser.h"
#include "worker/http/server.h"

namespace wombat {

class HttpConnection;

// Everything one request needs; lent to a connection while it has one, so that an idle connection costs almost nothing.
struct Exchange {
  ReadBuffer buffer;
  RequestParser parser;
  BodyBuffer body;
  HttpRequest request;
  std::unique_ptr<FormReader> form;  // instead of `body`
};

class ServerCore {
 public:
  ServerCore(uv_loop_t* loop, ServerOptions options);
  ~ServerCore();
  ServerCore(const ServerCore&) = delete;
  ServerCore& operator=(const ServerCore&) = delete;

  Result<void> Listen(int socket);
  void StopAccepting();
  void CloseIdle();
  void Close();

  std::unique_ptr<Exchange> BorrowExchange();
  void ReturnExchange(std::unique_ptr<Exchange> exchange);
  std::uint64_t now_ms() const { return uv_now(loop); }

  uv_loop_t* const loop;
  const ServerOptions options;
  bool draining = false;
  std::size_t in_flight = 0, connection_count = 0;
  std::string head_scratch;           // response heads are built here, one at a time
  std::array<char, 65536> discarded;  // bytes nobody wants are read into this

  LinkedList<HttpConnection> connections;
  DeadlineQueue<HttpConnection> heads, requests, writes, idle, lingering;

 private:
  static void OnConnection(uv_stream_t* listener, int status);
  static void OnTick(uv_timer_t* timer);
  static void FreeHandle(uv_handle_t* handle);

  // On the heap: libuv needs them until their close callbacks, which may come after StopAccepting has returned.
  uv_tcp_t* listener_ = nullptr;
  uv_timer_t* timer_ = nullptr;
  std::vector<std::unique_ptr<Exchange>> exchanges_;
};

}  // namespace wombat

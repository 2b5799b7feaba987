// A real Server on a loopback port with its loop on a thread of its own, and raw sockets to talk to it.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <chrono>
#include <coroutine>
#include <csignal>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/unique_fd.h"
#include "worker/http/server.h"

namespace wombat::testing {

using namespace std::chrono_literals;

class Client {
 public:
  explicit Client(int port, int receive_buffer = 0) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer > 0) ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  bool connected() const { return connected_; }

  // False when the server has closed the connection.
  bool Send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void EndSending() { ::shutdown(socket_.get(), SHUT_WR); }
  void Reset() { socket_.reset(); }

  // What arrives until the server closes, or nothing comes for `quiet`.
  std::string ReadAll(std::chrono::milliseconds quiet = 2000ms) {
    std::string text;
    while (ReadSome(text, quiet)) {
    }
    return text;
  }
  // One answer with its body; "" when none comes.
  std::string ReadAnswer(std::chrono::milliseconds quiet = 5000ms) {
    for (;;) {
      const auto end = buffered_.find("\r\n\r\n");
      if (end != std::string::npos) {
        std::size_t length = 0;
        const auto header = buffered_.find("\r\nContent-Length: ");
        if (header != std::string::npos && header < end) length = std::stoul(buffered_.substr(header + 18));
        if (head_only_) length = 0;
        if (buffered_.size() >= end + 4 + length) {
          std::string answer = buffered_.substr(0, end + 4 + length);
          buffered_.erase(0, answer.size());
          return answer;
        }
      }
      if (!ReadSome(buffered_, quiet)) return {};
    }
  }
  void ExpectHeadsOnly() { head_only_ = true; }
  bool ClosedWithin(std::chrono::milliseconds limit) {
    std::string ignored;
    const auto until = std::chrono::steady_clock::now() + limit;
    while (std::chrono::steady_clock::now() < until) {
      ReadSome(ignored, 50ms);
      if (closed_) return true;
    }
    return false;
  }
  bool closed() const { return closed_; }

 private:
  bool ReadSome(std::string& into, std::chrono::milliseconds limit) {
    if (closed_) return false;
    pollfd waiting{socket_.get(), POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(limit.count())) <= 0) return false;
    char bytes[65536];
    const ssize_t got = ::recv(socket_.get(), bytes, sizeof bytes, 0);
    if (got <= 0) return closed_ = true, false;
    into.append(bytes, static_cast<std::size_t>(got));
    return true;
  }

  UniqueFd socket_;
  bool connected_ = false, closed_ = false, head_only_ = false;
  std::string buffered_;
};

class TestServer {
 public:
  explicit TestServer(ServerOptions options) {
    std::signal(SIGPIPE, SIG_IGN);
    uv_loop_init(&loop_);
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address);
    socklen_t size = sizeof address;
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    server_ = std::make_unique<Server>(&loop_, std::move(options));
    EXPECT_TRUE(server_->Listen(listener));
    call_.data = this;
    uv_async_init(&loop_, &call_, [](uv_async_t* async) { static_cast<TestServer*>(async->data)->RunCalls(); });
    thread_ = std::thread([this] { uv_run(&loop_, UV_RUN_DEFAULT); });
  }
  ~TestServer() {
    OnLoop([this] {
      server_->Close();
      uv_close(reinterpret_cast<uv_handle_t*>(&call_), nullptr);
    });
    thread_.join();
    EXPECT_EQ(server_->connections(), 0u);
    EXPECT_EQ(server_->in_flight(), 0u);
    server_.reset();
    EXPECT_EQ(uv_loop_close(&loop_), 0);
  }

  int port() const { return port_; }
  uv_loop_t* loop() { return &loop_; }
  Server& server() { return *server_; }

  // Runs `work` on the loop's thread and waits for it.
  void OnLoop(std::function<void()> work) {
    std::promise<void> done;
    {
      std::lock_guard lock(mutex_);
      calls_.push_back([&] {
        work();
        done.set_value();
      });
    }
    uv_async_send(&call_);
    done.get_future().wait();
  }
  std::size_t in_flight() {
    std::size_t count = 0;
    OnLoop([&] { count = server_->in_flight(); });
    return count;
  }
  std::size_t connections() {
    std::size_t count = 0;
    OnLoop([&] { count = server_->connections(); });
    return count;
  }

 private:
  void RunCalls() {
    std::vector<std::function<void()>> calls;
    {
      std::lock_guard lock(mutex_);
      calls.swap(calls_);
    }
    for (auto& call : calls) call();
  }

  uv_loop_t loop_;
  uv_async_t call_;
  int port_ = 0;
  std::unique_ptr<Server> server_;
  std::mutex mutex_;
  std::vector<std::function<void()>> calls_;
  std::thread thread_;
};

// A handler's task can wait here until the test lets it go on (from the loop's thread).
class Gate {
 public:
  struct Awaiter {
    Gate* gate;
    bool await_ready() const { return gate->open_; }
    void await_suspend(std::coroutine_handle<> waiting) { gate->waiting_.push_back(waiting); }
    void await_resume() const {}
  };
  Awaiter Wait() { return {this}; }
  void Open() {
    open_ = true;
    for (auto waiting : std::exchange(waiting_, {})) waiting.resume();
  }

 private:
  bool open_ = false;
  std::vector<std::coroutine_handle<>> waiting_;
};

// Answers with what it understood: "METHOD path?query [n] body".
inline Task<HttpResponse> Describe(HttpRequest& request) {
  HttpResponse response;
  response.content_type = "text/plain";
  response.body.append(request.method).append(" ").append(request.path).append("?").append(request.query);
  response.body.append(" [").append(std::to_string(request.body.size())).append("] ");
  response.body.append(request.body.substr(0, 4096));
  co_return std::move(response);
}

inline ServerOptions Describing() {
  ServerOptions options;
  options.handle = Describe;
  return options;
}

inline std::string Body(const std::string& answer) {
  const auto end = answer.find("\r\n\r\n");
  return end == std::string::npos ? std::string() : answer.substr(end + 4);
}

inline std::string StatusLine(const std::string& answer) { return answer.substr(0, answer.find("\r\n")); }

template <class Condition>
bool Eventually(Condition condition, std::chrono::milliseconds limit = 5000ms) {
  const auto until = std::chrono::steady_clock::now() + limit;
  while (std::chrono::steady_clock::now() < until) {
    if (condition()) return true;
    std::this_thread::sleep_for(5ms);
  }
  return condition();
}

}  // namespace wombat::testing

// The HTTP side of one worker: a listening socket and its connections on one loop.  Behaviour: spec 01 §1.2, §1.7.
//
// Everything happens on the loop's thread. Routing, middlewares and answers are the caller's, through the callbacks of
// ServerOptions; this folder only speaks HTTP.
#pragma once

#include <uv.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/app/http.h"
#include "common/app/task.h"
#include "common/base/result.h"

namespace wombat {

inline constexpr std::size_t kDefaultBodyLimit = 32u << 20;  // spec 01 §1.7
inline constexpr std::size_t kNoBodyLimit = ~std::size_t{0};

// What may be done with the body of a request whose head has arrived.
struct BodyDecision {
  std::size_t limit = kDefaultBodyLimit;
  std::optional<HttpResponse> answer;  // set: sent instead of running `handle`; a short body is read and dropped
  bool takes_files = false;            // a large multipart body is read as it comes (HttpRequest::form)
};

struct ServerOptions {
  // Runs once for each request, when its body is complete. The request and all its views stay valid until the task has
  // finished, also when the client vanishes meanwhile: then the answer is dropped.
  std::function<Task<HttpResponse>(HttpRequest&)> handle;
  // Asked once for each request with a body. `head.body` is empty; views are valid only during the call.
  // Absent: kDefaultBodyLimit.
  std::function<BodyDecision(const HttpRequest& head)> body_limit;
  // Runs instead of `handle` when a body is larger than its limit (the body stays empty); the connection is closed
  // behind the answer. Meant to pass the same middlewares as `handle`. Absent: 413 with the error envelope.
  std::function<Task<HttpResponse>(HttpRequest&)> handle_too_large;

  std::size_t max_connections = 65536;  // past it a new connection is answered 503 and closed
  std::size_t max_head_bytes = (1u << 20) + 4096;
  std::string spill_dir = "/tmp";  // bodies past kSpillBytes go to an unlinked file here
  std::string data_dir = "/tmp";   // where the files of large forms will be stored (common/storage/spool.h)
  // Runs what may wait for a disk. Absent: on libuv's thread pool.
  std::function<Task<void>(std::function<void()> work)> run_blocking;
  std::chrono::milliseconds head_timeout{60'000};
  std::chrono::milliseconds request_timeout{300'000};
  std::chrono::milliseconds write_timeout{300'000};
  std::chrono::milliseconds idle_timeout{300'000};
  std::chrono::milliseconds linger_timeout{2'000};  // how long the rest of a refused body is read and dropped
};

class ServerCore;

// Must outlive its loop's last turn with it: call Close(), let the loop run out, then destroy.
class Server {
 public:
  Server(uv_loop_t* loop, ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Starts to accept on a bound TCP socket. Takes over this process's copy of the descriptor.
  Result<void> Listen(int socket);

  // ---- graceful end: StopAccepting, CloseIdle, wait until in_flight() is 0 or time is up, Close.
  // No new connections; every answer from now on closes its connection.
  void StopAccepting();
  // Ends the connections on which no request has begun.
  void CloseIdle();
  // Ends everything at once. Handlers that still run finish into nothing.
  void Close();

  std::size_t in_flight() const;  // requests between their complete head and their sent answer
  std::size_t connections() const;

 private:
  std::unique_ptr<ServerCore> core_;
};

}  // namespace wombat

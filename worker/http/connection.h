// One client connection: reads requests, runs the handler for one at a time, writes the answers.
// Behaviour: spec 01 §1.2, §1.7. Only the server makes connections; each deletes itself when nothing needs it any more.
//
//   kIdle ─► kHead ─► kBody ─► kHandling ─► kWriting ─► kIdle | kHead (pipelined) | kLingering ─► closed
//                     ▲  ▼            └───► kStreaming ─► closed
//                   kSpooling: a piece of a large form is being written to the disk
//
// While a handler runs or an answer is being written nothing is read, so the request's views stay valid and a client
// that does not take its answers cannot make us collect its requests. Reading is only stopped when more bytes do
// arrive: the usual client waits, and then stopping and starting would cost two system calls a request.
#pragma once

#include <uv.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/app/http.h"
#include "common/app/task.h"
#include "worker/http/deadlines.h"
#include "worker/http/file_sender.h"
#include "worker/http/server_core.h"
#include "worker/http/stream.h"

namespace wombat {

class HttpConnection {
 public:
  static void Accept(ServerCore& core, uv_stream_t* listener);
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  // Ends the connection at once. Safe to call twice; the object lives on until its handler has finished.
  void Close();
  // Nothing that a drain has to wait for.
  bool idle() const { return state_ == State::kIdle || state_ == State::kStreaming; }

 private:
  enum class State : std::uint8_t { kIdle, kHead, kBody, kSpooling, kHandling, kWriting, kStreaming, kLingering, kClosed };
  using Handler = std::function<Task<HttpResponse>(HttpRequest&)>;

  explicit HttpConnection(ServerCore& core);
  ~HttpConnection();
  void Release();  // gives up one of `holds_`; the last one deletes the connection

  // ---- connection.cpp: bytes to requests
  static void OnAlloc(uv_handle_t* handle, std::size_t suggested, uv_buf_t* buffer);
  static void OnRead(uv_stream_t* stream, ssize_t size, const uv_buf_t* buffer);
  uv_buf_t SpaceToRead();
  void OnBytes(std::size_t size);
  void StartReading();
  void Advance();
  bool AdvanceHead();
  bool AdvanceBody();
  bool AdvanceLengthBody();
  bool AdvanceChunkedBody();
  void OnHead();
  bool AnswerWithoutHandler();
  void OnBodyExpected();
  void OnBodyComplete(std::string_view body);
  std::uint64_t body_received() const;
  void RefuseBody();  // too large, or answered before it was read
  void BecomeIdle();
  void NextRequest();

  // ---- connection_form.cpp: large forms, read as they come
  bool AppendToForm(std::size_t offset, std::size_t size);
  bool AdvanceForm(bool complete);
  static Detached Spool(HttpConnection* self, bool complete);
  void OnSpooled(bool complete);

  // ---- connection_answer.cpp: handlers and answers
  void RunHandler(const Handler& handler);
  static Detached Run(HttpConnection* self, const Handler* handler);
  void OnHandled(HttpResponse response);
  void Answer(HttpResponse response);
  void AnswerMalformed(const HeadError& error);
  void AnswerPlain(std::string head_and_body);
  void Send(std::string_view head, std::string body);
  void SendFile(HttpResponse response);
  void OnSent();
  void LingerThenClose();

  // ---- connection_stream.cpp: answers without an end
  class Stream;
  void BeginStream(HttpResponse response);
  void EndStream();  // the source hears of it

  struct PendingWrite {
    uv_write_t request;
    HttpConnection* connection;
    std::string head, body;
  };

  ServerCore& core_;
  uv_tcp_t tcp_;
  ListLink<HttpConnection> all_{this}, deadline_{this};
  std::unique_ptr<Exchange> exchange_;  // null while idle
  std::shared_ptr<FileSender> file_;    // set while a file is being sent
  std::shared_ptr<Stream> stream_;      // set from an answer's stream on
  std::string remote_ip_;
  std::optional<HttpResponse> early_answer_;  // from BodyDecision, sent when the short body was read
  std::size_t body_limit_ = 0;
  std::uint64_t chunk_bytes_ = 0;  // raw bytes of a chunked body, to bound what is not body
  int holds_ = 1;                  // the open handle, a running handler
  State state_ = State::kIdle;
  bool reading_ = false, advancing_ = false, closing_ = false;
  bool body_in_buffer_ = false, reads_into_body_ = false, body_refused_ = false;
  bool close_after_ = false;  // the answer to come ends the connection
  bool linger_ = false;       // …and the client may still be sending
};

}  // namespace wombat

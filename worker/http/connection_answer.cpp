// The second half of a connection's life with a request: the handler, and its answer on the wire.
#include <algorithm>
#include <utility>

#include "worker/http/connection.h"
#include "worker/http/response_head.h"

namespace wombat {
namespace {

uv_buf_t Buffer(std::string_view text) {
  return uv_buf_init(const_cast<char*>(text.data()), static_cast<unsigned>(text.size()));
}

bool HasNoBody(int status) { return status < 200 || status == 204 || status == 304; }

bool IsFromFile(const HttpResponse& response) { return response.file || response.source; }

std::uint64_t FileBytes(const HttpResponse& response) {
  if (response.file_parts.empty()) return response.file_length;
  std::uint64_t total = response.body.size();
  for (const auto& part : response.file_parts) total += part.head.size() + part.length;
  return total;
}

}  // namespace

void HttpConnection::RunHandler(const Handler& handler) {
  state_ = State::kHandling;
  ++holds_;
  Run(this, &handler);
}

Detached HttpConnection::Run(HttpConnection* self, const Handler* handler) {
  Task<HttpResponse> task = (*handler)(self->exchange_->request);
  HttpResponse response = co_await std::move(task);
  self->OnHandled(std::move(response));
}

void HttpConnection::OnHandled(HttpResponse response) {
  if (closing_)
    --core_.in_flight;
  else
    Answer(std::move(response));
  Release();
}

void HttpConnection::Answer(HttpResponse response) {
  const auto& parser = exchange_->parser;
  close_after_ = close_after_ || response.close || core_.draining;
  if (response.stream && !parser.is_head()) return BeginStream(std::move(response));
  const bool without_body = parser.is_head() || HasNoBody(response.status);
  // An error answer to HEAD tells no length either: no envelope is written for it.
  if (parser.is_head() && response.status >= 400 && response.content_type == "application/json") response.body.clear();
  const std::uint64_t length = IsFromFile(response) ? FileBytes(response) : response.body.size();
  HeadOptions options{parser.http10(), !close_after_, std::nullopt};
  if (!HasNoBody(response.status) && !response.stream && !(parser.is_head() && !IsFromFile(response) && length == 0))
    options.content_length = length;
  auto& head = core_.head_scratch;
  head.clear();
  AppendResponseHead(head, response, options);
  state_ = State::kWriting;
  if (without_body) response.body.clear();
  if (IsFromFile(response) && length > 0 && !without_body)
    SendFile(std::move(response));
  else
    Send(head, std::move(response.body));
}

void HttpConnection::AnswerMalformed(const HeadError& error) {
  deadline_.Unlink();
  const std::string phrase(ReasonPhrase(error.status));
  std::string status = std::to_string(error.status) + " " + phrase;
  std::string body;
  if (error.status == 501)
    body = error.detail;
  else if (!error.detail.empty())
    body = (status += ": ") += error.detail;
  else
    body = status;
  std::string answer = "HTTP/1.1 " + status + "\r\n";
  if (error.empty_body) {
    answer.append("Connection: close\r\nDate: ").append(HttpDateNow()).append("\r\nContent-Length: 0\r\n\r\n");
  } else {
    answer.append("Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n").append(body);
  }
  // A head that failed was not counted yet; a body that failed was.
  if (state_ != State::kBody) ++core_.in_flight;
  close_after_ = linger_ = true;
  state_ = State::kWriting;
  Send(answer, {});
}

void HttpConnection::Send(std::string_view head, std::string body) {
  uv_buf_t buffers[] = {Buffer(head), Buffer(body)};
  const std::size_t total = head.size() + body.size();
  const int tried = uv_try_write(reinterpret_cast<uv_stream_t*>(&tcp_), buffers, body.empty() ? 1 : 2);
  if (tried < 0 && tried != UV_EAGAIN) return Close();
  const std::size_t sent = tried < 0 ? 0 : static_cast<std::size_t>(tried);
  if (sent == total) return OnSent();

  auto pending = std::make_unique<PendingWrite>();
  pending->connection = this;
  pending->head = head.substr(std::min(sent, head.size()));
  pending->body = std::move(body);
  pending->request.data = pending.get();
  const std::size_t body_sent = sent > head.size() ? sent - head.size() : 0;
  uv_buf_t rest[] = {Buffer(pending->head), Buffer(std::string_view(pending->body).substr(body_sent))};
  const int status =
      uv_write(&pending->request, reinterpret_cast<uv_stream_t*>(&tcp_), rest, 2, [](uv_write_t* request, int outcome) {
        std::unique_ptr<PendingWrite> done(static_cast<PendingWrite*>(request->data));
        if (outcome < 0)
          done->connection->Close();
        else
          done->connection->OnSent();
      });
  if (status != 0) return Close();
  pending.release();
  core_.writes.Start(deadline_, core_.now_ms(), static_cast<std::uint64_t>(core_.options.write_timeout.count()));
}

void HttpConnection::SendFile(HttpResponse response) {
  core_.writes.Start(deadline_, core_.now_ms(), static_cast<std::uint64_t>(core_.options.write_timeout.count()));
  file_ = std::make_shared<FileSender>(core_.loop, reinterpret_cast<uv_stream_t*>(&tcp_), core_.head_scratch,
                                       std::move(response), [this](bool sent) {
                                         file_.reset();
                                         if (sent)
                                           OnSent();
                                         else
                                           Close();
                                       });
  auto sender = file_;  // OnSent may drop the member while Start is still running
  sender->Start();
}

void HttpConnection::OnSent() {
  if (closing_) return;
  deadline_.Unlink();
  --core_.in_flight;
  state_ = State::kHead;  // counted out: Close must not do it again
  if (!close_after_) return NextRequest();
  if (linger_ || exchange_->buffer.size() > exchange_->parser.head_size() + exchange_->request.body.size())
    return LingerThenClose();
  Close();
}

// Closing a socket with unread bytes resets it, and the reset can overtake the answer. So the client is told that no
// more comes, and what it still sends is read and dropped for a while.
void HttpConnection::LingerThenClose() {
  if (exchange_) core_.ReturnExchange(std::move(exchange_));
  state_ = State::kLingering;
  auto* shutdown = new uv_shutdown_t;
  const int status =
      uv_shutdown(shutdown, reinterpret_cast<uv_stream_t*>(&tcp_), [](uv_shutdown_t* request, int) { delete request; });
  if (status != 0) {
    delete shutdown;
    return Close();
  }
  core_.lingering.Start(deadline_, core_.now_ms(), static_cast<std::uint64_t>(core_.options.linger_timeout.count()));
  StartReading();
}

}  // namespace wombat

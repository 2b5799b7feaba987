#include "worker/http/connection.h"

#include <algorithm>
#include <cstring>

#include "worker/http/client_ip.h"
#include "worker/http/error_response.h"

namespace wombat {
namespace {

constexpr std::size_t kReadSize = 16u << 10;
constexpr std::size_t kLeastReadSize = 4u << 10;
// Bodies up to this are kept behind their head: no second buffer, no copy.
constexpr std::size_t kBodyInBuffer = 64u << 10;
// A refused request's body up to this is read and dropped, so that the connection can go on.
constexpr std::size_t kDrainedBody = 256u << 10;
// Multipart bodies past this are not kept as a whole. So are those of unknown length.
constexpr std::uint64_t kFormInMemory = 512u << 10;
// What a chunked body may spend on sizes, extensions and trailers.
constexpr std::uint64_t kChunkOverhead = 1u << 20;
constexpr std::uint64_t kChunkOverheadFactor = 16;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::string_view kTooManyConnections =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
    "503 Service Unavailable";

uv_buf_t Buffer(char* data, std::size_t size) { return uv_buf_init(data, static_cast<unsigned>(size)); }

// Best effort: what the socket does not take now is not worth waiting for.
int TryWrite(uv_tcp_t& tcp, std::string_view text) {
  uv_buf_t buffer = Buffer(const_cast<char*>(text.data()), text.size());
  return uv_try_write(reinterpret_cast<uv_stream_t*>(&tcp), &buffer, 1);
}

}  // namespace

HttpConnection::HttpConnection(ServerCore& core) : core_(core) {
  uv_tcp_init(core.loop, &tcp_);
  tcp_.data = this;
  ++core.connection_count;
  core.connections.Append(all_);
}

HttpConnection::~HttpConnection() {
  --core_.connection_count;
  if (exchange_) DiscardForm(core_.loop, std::move(exchange_->form));
}

void HttpConnection::Release() {
  if (--holds_ == 0) delete this;
}

void HttpConnection::Accept(ServerCore& core, uv_stream_t* listener) {
  auto* connection = new HttpConnection(core);
  if (uv_accept(listener, reinterpret_cast<uv_stream_t*>(&connection->tcp_)) != 0) return connection->Close();
  if (core.connection_count > core.options.max_connections) {
    TryWrite(connection->tcp_, kTooManyConnections);
    connection->linger_ = true;
    return connection->LingerThenClose();
  }
  sockaddr_storage peer{};
  int size = sizeof peer;
  if (uv_tcp_getpeername(&connection->tcp_, reinterpret_cast<sockaddr*>(&peer), &size) == 0)
    connection->remote_ip_ = FormatRemoteIp(peer);
  core.heads.Start(connection->deadline_, core.now_ms(), static_cast<std::uint64_t>(core.options.head_timeout.count()));
  connection->StartReading();
}

void HttpConnection::Close() {
  if (closing_) return;
  closing_ = true;
  if (state_ == State::kBody || state_ == State::kWriting) --core_.in_flight;
  // A handler that still runs keeps its request, and so does what is being written.
  if (state_ != State::kHandling && state_ != State::kSpooling && exchange_) core_.ReturnExchange(std::move(exchange_));
  state_ = State::kClosed;
  deadline_.Unlink();
  all_.Unlink();
  if (file_) file_->Abandon();
  file_.reset();
  EndStream();
  uv_close(reinterpret_cast<uv_handle_t*>(&tcp_),
           [](uv_handle_t* handle) { static_cast<HttpConnection*>(handle->data)->Release(); });
}

void HttpConnection::StartReading() {
  if (reading_ || closing_) return;
  reading_ = true;
  if (uv_read_start(reinterpret_cast<uv_stream_t*>(&tcp_), OnAlloc, OnRead) != 0) Close();
}

void HttpConnection::OnAlloc(uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
  *buffer = static_cast<HttpConnection*>(handle->data)->SpaceToRead();
}

// An empty space makes libuv report UV_ENOBUFS instead of reading.
uv_buf_t HttpConnection::SpaceToRead() {
  reads_into_body_ = false;
  if (state_ == State::kLingering || state_ == State::kStreaming) return Buffer(core_.discarded.data(), core_.discarded.size());
  if (state_ != State::kIdle && state_ != State::kHead && state_ != State::kBody) return Buffer(nullptr, 0);
  if (!exchange_) exchange_ = core_.BorrowExchange();
  auto& exchange = *exchange_;
  if (state_ == State::kBody && !body_in_buffer_ && !exchange.parser.chunked()) {
    const auto total = static_cast<std::size_t>(exchange.parser.content_length());
    reads_into_body_ = true;
    if (exchange.form) {
      const auto space = exchange.form->space();
      return Buffer(space.data, std::min<std::uint64_t>(space.size, total - exchange.form->received()));
    }
    if (!exchange.body.Grow(total, core_.options.spill_dir)) return Buffer(nullptr, 0);
    return Buffer(exchange.body.free_space(), std::min(exchange.body.free_size(), total - exchange.body.size()));
  }
  auto& buffer = exchange.buffer;
  if (buffer.free_size() < kLeastReadSize && !buffer.Reserve(kReadSize)) return Buffer(nullptr, 0);
  return Buffer(buffer.free_space(), buffer.free_size());
}

void HttpConnection::OnRead(uv_stream_t* stream, ssize_t size, const uv_buf_t*) {
  auto& self = *static_cast<HttpConnection*>(stream->data);
  if (size > 0) return self.OnBytes(static_cast<std::size_t>(size));
  if (size == UV_ENOBUFS && (self.state_ == State::kHandling || self.state_ == State::kWriting ||
                             self.state_ == State::kSpooling)) {
    self.reading_ = false;
    uv_read_stop(stream);
  } else if (size < 0) {
    self.Close();
  } else if (self.state_ == State::kIdle && self.exchange_) {
    self.core_.ReturnExchange(std::move(self.exchange_));
  }
}

void HttpConnection::OnBytes(std::size_t size) {
  if (state_ == State::kLingering || state_ == State::kStreaming) return;
  if (reads_into_body_ && exchange_->form)
    exchange_->form->Commit(size);
  else if (reads_into_body_)
    exchange_->body.Commit(size);
  else
    exchange_->buffer.Commit(size);
  Advance();
}

void HttpConnection::Advance() {
  if (advancing_) return;  // an answer that was written at once: the loop below goes on
  advancing_ = true;
  bool more = true;
  while (more) {
    switch (state_) {
      case State::kIdle:
      case State::kHead:
        more = AdvanceHead();
        break;
      case State::kBody:
        more = AdvanceBody();
        break;
      default:
        more = false;
    }
  }
  advancing_ = false;
  if (state_ == State::kIdle || state_ == State::kHead || state_ == State::kBody) StartReading();
}

// True when the state has changed and there may be more to do.
bool HttpConnection::AdvanceHead() {
  if (!exchange_ || exchange_->buffer.size() == 0) {
    BecomeIdle();
    return false;
  }
  if (state_ == State::kIdle) {
    state_ = State::kHead;
    core_.heads.Start(deadline_, core_.now_ms(), static_cast<std::uint64_t>(core_.options.head_timeout.count()));
  }
  auto& exchange = *exchange_;
  switch (exchange.parser.ParseHead(exchange.buffer.begin(), exchange.buffer.size())) {
    case RequestParser::Progress::kError:
      AnswerMalformed(exchange.parser.error());
      return true;
    case RequestParser::Progress::kNeedMore:
      if (exchange.buffer.size() <= core_.options.max_head_bytes) return false;
      AnswerMalformed({431, {}, false});
      return true;
    case RequestParser::Progress::kComplete:
      break;
  }
  if (exchange.parser.head_size() > core_.options.max_head_bytes)
    AnswerMalformed({431, {}, false});
  else
    OnHead();
  return true;
}

void HttpConnection::OnHead() {
  auto& exchange = *exchange_;
  deadline_.Unlink();
  ++core_.in_flight;
  close_after_ = !exchange.parser.keep_alive();
  linger_ = body_refused_ = false;
  early_answer_.reset();
  exchange.parser.Fill(exchange.buffer.begin(), exchange.request);
  exchange.request.remote_ip = remote_ip_;
  body_in_buffer_ = true;
  if (AnswerWithoutHandler()) return;
  if (exchange.parser.has_body())
    OnBodyExpected();
  else
    OnBodyComplete({});
}

// Requests that no route can match: the reference's HTTP layer answers them itself.
bool HttpConnection::AnswerWithoutHandler() {
  const auto& request = exchange_->request;
  HttpResponse response;
  if (request.target == "*") {
    close_after_ = close_after_ || request.has_body;
  } else if (request.method == "CONNECT" && request.target[0] != '/') {
    response.status = 405;
    response.content_type = "text/plain; charset=utf-8";
    response.standard_headers = kNoSniff;
    response.headers.emplace_back("Allow", "GET, HEAD");
    response.body = "Method Not Allowed\n";
    close_after_ = close_after_ || request.has_body;
  } else {
    return false;
  }
  linger_ = request.has_body;
  Answer(std::move(response));
  return true;
}

void HttpConnection::OnBodyExpected() {
  auto& exchange = *exchange_;
  const auto& parser = exchange.parser;
  BodyDecision decision;
  if (core_.options.body_limit) decision = core_.options.body_limit(exchange.request);
  body_limit_ = decision.answer ? std::min(decision.limit, kDrainedBody) : decision.limit;
  early_answer_ = std::move(decision.answer);
  const std::size_t arrived = exchange.buffer.size() - parser.head_size();
  const bool incomplete = parser.chunked() || arrived < parser.content_length();
  if (parser.content_length() > body_limit_ || (early_answer_ && parser.expects_continue() && incomplete))
    return RefuseBody();
  if (parser.expects_continue() && arrived == 0) TryWrite(tcp_, kContinue);
  chunk_bytes_ = 0;
  body_in_buffer_ = !parser.chunked() && (!incomplete || parser.content_length() <= kBodyInBuffer);
  if (decision.takes_files && !early_answer_ && (parser.chunked() || parser.content_length() > kFormInMemory)) {
    const auto type = exchange.request.Header("Content-Type");
    if (type.starts_with("multipart/form-data"))
      exchange.form = std::make_unique<FormReader>(type, core_.options.data_dir);
    if (exchange.form) body_in_buffer_ = false;
  }
  state_ = State::kBody;
  core_.requests.Start(deadline_, core_.now_ms(), static_cast<std::uint64_t>(core_.options.request_timeout.count()));
}

bool HttpConnection::AdvanceBody() { return exchange_->parser.chunked() ? AdvanceChunkedBody() : AdvanceLengthBody(); }

bool HttpConnection::AdvanceLengthBody() {
  auto& exchange = *exchange_;
  auto& buffer = exchange.buffer;
  const std::size_t head = exchange.parser.head_size();
  const auto length = static_cast<std::size_t>(exchange.parser.content_length());
  const std::size_t arrived = buffer.size() - head;
  if (body_in_buffer_) {
    if (arrived >= length) {
      OnBodyComplete({buffer.begin() + head, length});
      return true;
    }
    if (buffer.free_size() < length - arrived && !buffer.Reserve(length - arrived)) Close();
    return false;
  }
  if (exchange.form) {
    const auto wanted = std::min<std::size_t>(arrived, length - exchange.form->received());
    if (wanted > 0 && !AppendToForm(head, wanted)) return false;
    return AdvanceForm(exchange.form->received() >= length);
  }
  if (arrived > 0) {
    const std::size_t wanted = std::min(arrived, length - exchange.body.size());
    if (!exchange.body.Append(buffer.begin() + head, wanted, core_.options.spill_dir)) return Close(), false;
    buffer.Erase(head, wanted);
  }
  if (exchange.body.size() < length) return false;
  OnBodyComplete(exchange.body.view());
  return true;
}

bool HttpConnection::AdvanceChunkedBody() {
  auto& exchange = *exchange_;
  auto& buffer = exchange.buffer;
  const std::size_t head = exchange.parser.head_size();
  const std::size_t arrived = buffer.size() - head;
  if (arrived == 0) return false;
  std::size_t consumed = 0;
  const auto sink = [](void* context, const char* data, std::size_t size) {
    auto& self = *static_cast<HttpConnection*>(context);
    auto& exchange = *self.exchange_;
    self.body_refused_ = size > self.body_limit_ - std::min<std::uint64_t>(self.body_limit_, self.body_received());
    if (self.body_refused_) return false;
    if (exchange.form) return exchange.form->Append(data, size);
    return exchange.body.Append(data, size, self.core_.options.spill_dir);
  };
  const auto progress = exchange.parser.ParseChunks(buffer.begin() + head, arrived, sink, this, consumed);
  if (progress == RequestParser::Progress::kError) {
    if (body_refused_)
      RefuseBody();
    else
      AnswerMalformed(exchange.parser.error());
    return true;
  }
  buffer.Erase(head, consumed);
  chunk_bytes_ += consumed;
  if (chunk_bytes_ > kChunkOverhead + kChunkOverheadFactor * body_received()) {
    AnswerMalformed({400, {}, false});
    return true;
  }
  if (exchange.form) return AdvanceForm(progress == RequestParser::Progress::kComplete);
  if (progress == RequestParser::Progress::kNeedMore) return false;
  OnBodyComplete(exchange.body.view());
  return true;
}

std::uint64_t HttpConnection::body_received() const {
  return exchange_->form ? exchange_->form->received() : exchange_->body.size();
}

void HttpConnection::OnBodyComplete(std::string_view body) {
  auto& exchange = *exchange_;
  deadline_.Unlink();
  if (exchange.parser.has_body()) exchange.parser.Fill(exchange.buffer.begin(), exchange.request);
  exchange.request.body = body;
  if (exchange.form) exchange.request.form = &exchange.form->form();
  if (early_answer_) return Answer(*std::exchange(early_answer_, std::nullopt));
  RunHandler(core_.options.handle);
}

void HttpConnection::RefuseBody() {
  auto& exchange = *exchange_;
  deadline_.Unlink();
  close_after_ = linger_ = true;
  exchange.body.Clear();
  DiscardForm(core_.loop, std::move(exchange.form));
  exchange.parser.Fill(exchange.buffer.begin(), exchange.request);
  if (early_answer_) return Answer(*std::exchange(early_answer_, std::nullopt));
  if (core_.options.handle_too_large) return RunHandler(core_.options.handle_too_large);
  Answer(ErrorResponse({413, {}, Json::Object(), {}}));
}

void HttpConnection::BecomeIdle() {
  if (exchange_) core_.ReturnExchange(std::move(exchange_));
  // A new connection owes its first request; that deadline already runs.
  if (state_ == State::kIdle && deadline_.linked()) return;
  state_ = State::kIdle;
  core_.idle.Start(deadline_, core_.now_ms(), static_cast<std::uint64_t>(core_.options.idle_timeout.count()));
}

void HttpConnection::NextRequest() {
  auto& exchange = *exchange_;
  const auto& parser = exchange.parser;
  const bool inside = body_in_buffer_ && parser.has_body();
  exchange.buffer.DropFront(parser.head_size() + (inside ? static_cast<std::size_t>(parser.content_length()) : 0));
  exchange.parser.Reset();
  exchange.body.Clear();
  DiscardForm(core_.loop, std::move(exchange.form));
  state_ = State::kHead;
  core_.heads.Start(deadline_, core_.now_ms(), static_cast<std::uint64_t>(core_.options.head_timeout.count()));
  Advance();
}

}  // namespace wombat

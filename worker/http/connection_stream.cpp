// Answers without an end: chunks (for HTTP/1.0 bare bytes) until the stream or the client ends it.
#include <algorithm>
#include <array>
#include <charconv>
#include <list>
#include <utility>

#include "worker/http/connection.h"
#include "worker/http/response_head.h"

namespace wombat {
namespace {

constexpr std::string_view kLastChunk = "0\r\n\r\n";

uv_buf_t Buffer(std::string_view text) {
  return uv_buf_init(const_cast<char*>(text.data()), static_cast<unsigned>(text.size()));
}

std::string_view ChunkSize(std::array<char, 24>& space, std::size_t size) {
  const auto end = std::to_chars(space.data(), space.data() + space.size() - 2, size, 16).ptr;
  end[0] = '\r';
  end[1] = '\n';
  return {space.data(), static_cast<std::size_t>(end - space.data()) + 2};
}

}  // namespace

class HttpConnection::Stream : public StreamWriter {
 public:
  Stream(HttpConnection& connection, std::shared_ptr<ResponseStream> source, bool chunked)
      : connection_(connection), source_(std::move(source)), chunked_(chunked) {}

  void Open() {
    auto source = source_;
    source->Opened(*this);
  }

  // The socket is about to be closed.
  void Close() {
    waiting_.clear();
    if (auto source = std::exchange(source_, nullptr)) source->Closed();
  }

  void Send(std::string_view own, std::shared_ptr<const std::string> shared) override {
    if (!source_ || ending_) return;
    const std::string_view tail = shared ? std::string_view(*shared) : std::string_view();
    std::array<char, 24> space;
    const std::string_view size = chunked_ ? ChunkSize(space, own.size() + tail.size()) : std::string_view();
    const std::string_view end = chunked_ ? "\r\n" : "";
    const std::size_t total = size.size() + own.size() + tail.size() + end.size();
    std::size_t sent = 0;
    if (waiting_.empty()) {
      uv_buf_t parts[] = {Buffer(size), Buffer(own), Buffer(tail), Buffer(end)};
      const int tried = uv_try_write(Socket(), parts, 4);
      if (tried < 0 && tried != UV_EAGAIN) return connection_.Close();
      sent = tried < 0 ? 0 : static_cast<std::size_t>(tried);
      if (sent == total) return;
    }
    Message message;
    message.own.reserve(size.size() + own.size());
    message.own.append(size).append(own);
    message.shared = std::move(shared);
    message.end = end;
    message.sent = sent;
    backlog_ += total - sent;
    waiting_.push_back(std::move(message));
    if (backlog_ > kMaxStreamBacklog) return connection_.Close();
    Continue();
  }

  void End() override {
    if (!source_ || std::exchange(ending_, true)) return;
    if (waiting_.empty()) FinishNow();
  }

 private:
  struct Message {
    std::string own;
    std::shared_ptr<const std::string> shared;
    std::string_view end;
    std::size_t sent = 0;
  };

  uv_stream_t* Socket() { return reinterpret_cast<uv_stream_t*>(&connection_.tcp_); }

  // Writes the first message that waits; libuv calls back when the socket has taken all of it.
  void Continue() {
    if (writing_ || waiting_.empty()) return;
    const Message& message = waiting_.front();
    std::string_view parts[] = {message.own, message.shared ? std::string_view(*message.shared) : std::string_view(), message.end};
    uv_buf_t rest[3];
    std::size_t skip = message.sent;
    for (std::size_t i = 0; i < 3; i++) {
      const std::size_t dropped = std::min(skip, parts[i].size());
      rest[i] = Buffer(parts[i].substr(dropped));
      skip -= dropped;
    }
    // Its own memory: the connection may be closed while libuv still knows it.
    auto* write = new Write{{}, message.shared, this};
    write->request.data = write;
    writing_ = true;
    const int status = uv_write(&write->request, Socket(), rest, 3, [](uv_write_t* request, int outcome) {
      std::unique_ptr<Write> done(static_cast<Write*>(request->data));
      if (outcome != UV_ECANCELED) done->stream->OnWritten(outcome);
    });
    if (status == 0) return;
    delete write;
    connection_.Close();
  }

  void OnWritten(int outcome) {
    if (!source_) return;
    writing_ = false;
    if (outcome < 0) return connection_.Close();
    const Message& done = waiting_.front();
    backlog_ -= done.own.size() + (done.shared ? done.shared->size() : 0) + done.end.size() - done.sent;
    waiting_.pop_front();
    if (!waiting_.empty()) return Continue();
    if (ending_) FinishNow();
  }

  void FinishNow() {
    if (chunked_) {
      uv_buf_t last = Buffer(kLastChunk);
      (void)uv_try_write(Socket(), &last, 1);
    }
    connection_.Close();
  }

  struct Write {
    uv_write_t request;
    std::shared_ptr<const std::string> shared;
    Stream* stream;
  };

  HttpConnection& connection_;
  std::shared_ptr<ResponseStream> source_;
  std::list<Message> waiting_;  // costs nothing while it is empty, which is nearly always
  std::size_t backlog_ = 0;
  bool chunked_, writing_ = false, ending_ = false;
};

void HttpConnection::EndStream() {
  if (stream_) stream_->Close();
}

void HttpConnection::BeginStream(HttpResponse response) {
  const bool http10 = exchange_->parser.http10();
  auto& head = core_.head_scratch;
  head.clear();
  AppendResponseHead(head, response, {http10, !close_after_ && !http10, std::nullopt, !http10});
  --core_.in_flight;
  state_ = State::kStreaming;
  core_.ReturnExchange(std::move(exchange_));
  stream_ = std::make_shared<Stream>(*this, std::move(response.stream), !http10);
  // The socket is empty: a client to which a head cannot be sent at once is none.
  uv_buf_t buffer = Buffer(head);
  const int sent = uv_try_write(reinterpret_cast<uv_stream_t*>(&tcp_), &buffer, 1);
  StartReading();
  stream_->Open();
  if (sent != static_cast<int>(head.size())) Close();
}

}  // namespace wombat

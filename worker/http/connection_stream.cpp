// Answers without an end: chunks (for HTTP/1.0 bare bytes) until the stream or the client ends it.
#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <utility>
#include <vector>

#include "worker/http/connection.h"
#include "worker/http/response_head.h"

namespace wombat {
namespace {

constexpr std::string_view kLastChunk = "0\r\n\r\n", kEndOfChunk = "\r\n";
// Messages written at once: two buffers each, and well below what one system call takes.
constexpr std::size_t kMessagesInChunk = 256;

uv_buf_t Buffer(std::string_view text) {
  return uv_buf_init(const_cast<char*>(text.data()), static_cast<unsigned>(text.size()));
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
    auto source = std::exchange(source_, nullptr);
    waiting_ = {};
    if (source) source->Closed();
  }

  void Queue(std::shared_ptr<const std::string> message) override {
    if (!source_ || ending_) return;
    backlog_ += source_->prefix().size() + message->size();
    waiting_.push_back(std::move(message));
    if (backlog_ > kMaxStreamBacklog) connection_.Close();
  }

  void Flush() override {
    while (source_ && !chunk_ && !waiting_.empty()) {
      Chunk chunk;
      const std::size_t total = Fill(chunk);
      const int tried = uv_try_write(Socket(), chunk.parts.data(), static_cast<unsigned>(chunk.parts.size()));
      if (tried < 0 && tried != UV_EAGAIN) return connection_.Close();
      const std::size_t sent = tried < 0 ? 0 : static_cast<std::size_t>(tried);
      if (sent < total) return WriteRest(std::move(chunk), sent);
      Drop(chunk);
    }
    if (source_ && ending_ && !chunk_) FinishNow();
  }

  void Write(StreamBatch& batch) override {
    const auto pieces = batch.pieces();
    if (!source_ || ending_ || pieces.empty()) return;
    std::size_t next = 0;
    const std::string_view prefix = source_->prefix();
    if (!chunk_ && waiting_.empty() && prefix.size() == batch.prefix_bytes()) {
      for (; next < pieces.size(); next++) {
        const std::string_view bytes = pieces[next].BytesFor(prefix, chunked_);
        const uv_buf_t buffer = Buffer(bytes);
        const int tried = uv_try_write(Socket(), &buffer, 1);
        if (tried < 0 && tried != UV_EAGAIN) return connection_.Close();
        const std::size_t sent = tried < 0 ? 0 : static_cast<std::size_t>(tried);
        if (sent == bytes.size()) continue;
        TakeOver(batch.messages().subspan(pieces[next].first(), pieces[next].count()), sent);
        next++;
        break;
      }
      if (next == pieces.size()) return;
    }
    for (const auto& message : batch.messages().subspan(pieces[next].first())) {
      Queue(message);
      if (!source_) return;
    }
    Flush();
  }

  void End() override {
    if (!source_ || std::exchange(ending_, true)) return;
    Flush();
  }

 private:
  // Some messages on their way to the socket.
  struct Chunk {
    std::vector<std::shared_ptr<const std::string>> messages;
    std::vector<uv_buf_t> parts;
    std::size_t bytes = 0;  // of prefixes and messages
  };
  struct Rest {
    uv_write_t request;
    Chunk chunk;
    std::array<char, 24> size;
    Stream* stream;
  };

  uv_stream_t* Socket() { return reinterpret_cast<uv_stream_t*>(&connection_.tcp_); }

  // Of a batch's piece the socket took only that much: the stream writes the rest by itself.
  void TakeOver(std::span<const StreamBatch::Message> messages, std::size_t sent) {
    Chunk chunk;
    chunk.messages.assign(messages.begin(), messages.end());
    LayOut(chunk);
    backlog_ += chunk.bytes;
    WriteRest(std::move(chunk), sent);
  }

  std::size_t Fill(Chunk& chunk) {
    const auto count = std::ptrdiff_t(std::min(kMessagesInChunk, waiting_.size()));
    chunk.messages.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(waiting_.begin() + count));
    waiting_.erase(waiting_.begin(), waiting_.begin() + count);
    if (waiting_.empty()) waiting_ = {};  // a stream that waits holds nothing
    return LayOut(chunk);
  }

  // The bytes of the whole chunk, framing included.
  std::size_t LayOut(Chunk& chunk) {
    const std::string_view prefix = source_->prefix();
    chunk.parts.reserve(2 * chunk.messages.size() + 2);
    if (chunked_) chunk.parts.push_back({});
    for (const auto& message : chunk.messages) {
      chunk.parts.push_back(Buffer(prefix));
      chunk.parts.push_back(Buffer(*message));
      chunk.bytes += prefix.size() + message->size();
    }
    if (!chunked_) return chunk.bytes;
    const auto end = std::to_chars(size_.data(), size_.data() + size_.size() - 2, chunk.bytes, 16).ptr;
    std::copy(kEndOfChunk.begin(), kEndOfChunk.end(), end);
    const std::string_view size(size_.data(), static_cast<std::size_t>(end - size_.data()) + kEndOfChunk.size());
    chunk.parts.front() = Buffer(size);
    chunk.parts.push_back(Buffer(kEndOfChunk));
    return size.size() + chunk.bytes + kEndOfChunk.size();
  }

  void Drop(const Chunk& chunk) { backlog_ -= chunk.bytes; }

  void WriteRest(Chunk chunk, std::size_t sent) {
    auto* write = new Rest{{}, std::move(chunk), size_, this};
    auto& parts = write->chunk.parts;
    if (chunked_) parts.front().base = write->size.data();
    std::size_t skip = sent;
    std::size_t first = 0;
    for (; first < parts.size() && skip >= parts[first].len; first++) skip -= parts[first].len;
    if (first < parts.size()) parts[first] = Buffer(std::string_view(parts[first].base, parts[first].len).substr(skip));
    write->request.data = write;
    chunk_ = write;
    const int status = uv_write(&write->request, Socket(), parts.data() + first,
                                static_cast<unsigned>(parts.size() - first), [](uv_write_t* request, int outcome) {
                                  std::unique_ptr<Rest> done(static_cast<Rest*>(request->data));
                                  done->stream->OnWritten(*done, outcome);
                                });
    if (status == 0) return;
    chunk_ = nullptr;
    delete write;
    connection_.Close();
  }

  // libuv calls it before it lets go of the connection, also of one that was closed meanwhile.
  void OnWritten(const Rest& write, int outcome) {
    chunk_ = nullptr;
    if (!source_) return;
    if (outcome < 0) return connection_.Close();
    Drop(write.chunk);
    Flush();
  }

  void FinishNow() {
    if (chunked_) {
      uv_buf_t last = Buffer(kLastChunk);
      (void)uv_try_write(Socket(), &last, 1);
    }
    connection_.Close();
  }

  HttpConnection& connection_;
  std::shared_ptr<ResponseStream> source_;
  std::vector<std::shared_ptr<const std::string>> waiting_;
  Rest* chunk_ = nullptr;  // what libuv is writing; it frees it
  std::size_t backlog_ = 0;
  std::array<char, 24> size_{};
  bool chunked_, ending_ = false;
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

#include "worker/http/file_sender.h"

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "worker/http/content_source.h"

namespace wombat {
namespace {

constexpr std::size_t kLargestChunk = 128u << 10;
// Less than this is rather copied.
constexpr std::uint64_t kDirectFrom = 16u << 10;
constexpr std::uint64_t kDirectStep = 256u << 10;
// One page of each is looked at: the kernel reads ahead in larger steps.
constexpr std::uint64_t kProbeStep = 32u << 10;

// Keeps the sender alive until a libuv callback has run.
using Self = std::shared_ptr<FileSender>;
Self Reclaim(void* data) {
  std::unique_ptr<Self> held(static_cast<Self*>(data));
  return std::move(*held);
}

}  // namespace

FileSender::FileSender(uv_loop_t* loop, uv_stream_t* stream, std::string_view head, HttpResponse response,
                       std::function<void(bool)> done)
    : loop_(loop),
      stream_(stream),
      file_(std::move(response.file)),
      source_(std::move(response.source)),
      done_(std::move(done)) {
  pieces_.push_back({std::string(head), 0, 0});
  if (response.file_parts.empty()) pieces_.push_back({{}, response.file_offset, response.file_length});
  for (auto& part : response.file_parts) {
    if (!part.head.empty()) pieces_.push_back({std::move(part.head), 0, 0});
    if (part.length > 0) pieces_.push_back({{}, part.offset, part.length});
  }
  if (!response.file_parts.empty() && !response.body.empty()) pieces_.push_back({std::move(response.body), 0, 0});
}

void FileSender::Abandon() {
  stream_ = nullptr;
  done_ = nullptr;
}

void FileSender::Finish(bool sent) {
  stream_ = nullptr;
  if (auto done = std::exchange(done_, nullptr)) done(sent);
}

void FileSender::Continue(int inline_steps) {
  while (stream_) {
    const Sent sent = SendDirectly(inline_steps);
    if (sent != Sent::kStuck) return Finish(sent == Sent::kAll);
    switch (Fill(inline_steps-- > 0)) {
      case Filled::kPending:
        return;
      case Filled::kFailed:
        return Finish(false);
      case Filled::kReady:
        break;
    }
    if (filled_ == 0) return Finish(true);
    if (!Write()) return;
  }
}

bool FileSender::IsSentDirectly(std::size_t piece) const {
  return direct_ && file_ && !source_ && piece < pieces_.size() && pieces_[piece].text.empty() &&
         pieces_[piece].length >= kDirectFrom;
}

// Best effort: what the kernel drops between this and the sending is read while the loop waits.
bool FileSender::InMemory(std::uint64_t offset, std::uint64_t size) const {
  for (std::uint64_t at = 0;; at = std::min(at + kProbeStep, size - 1)) {
    char byte;
    const iovec part{&byte, 1};
    if (::preadv2(file_->get(), &part, 1, static_cast<off_t>(offset + at), RWF_NOWAIT) != 1) return false;
    if (at == size - 1) return true;
  }
}

// kStuck: a chunk has to go next.
FileSender::Sent FileSender::SendDirectly(int& inline_steps) {
  int socket = -1;
  uv_fileno(reinterpret_cast<uv_handle_t*>(stream_), &socket);
  const auto stuck_or_failed = [] { return errno == EAGAIN || errno == EINTR ? Sent::kStuck : Sent::kFailed; };
  for (; next_ < pieces_.size(); ++next_) {
    auto& piece = pieces_[next_];
    if (!piece.text.empty()) {
      if (!IsSentDirectly(next_ + 1)) return Sent::kStuck;
      // The kernel holds it back until the first bytes of the file come.
      const ssize_t sent = ::send(socket, piece.text.data() + piece.offset, piece.text.size() - piece.offset,
                                  MSG_MORE | MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent < 0) return stuck_or_failed();
      piece.offset += static_cast<std::uint64_t>(sent);
      if (piece.offset < piece.text.size()) return Sent::kStuck;
    }
    while (piece.text.empty() && piece.length > 0) {
      const auto size = std::min(piece.length, kDirectStep);
      if (!IsSentDirectly(next_) || inline_steps-- <= 0 || !InMemory(piece.offset, size)) return Sent::kStuck;
      off_t from = static_cast<off_t>(piece.offset);
      const ssize_t sent = ::sendfile(socket, file_->get(), &from, size);
      if (sent == 0) return Sent::kFailed;  // shorter than promised
      if (sent < 0) direct_ = errno != EINVAL && errno != ENOSYS;
      if (sent < 0) return direct_ ? stuck_or_failed() : Sent::kStuck;
      piece.offset += static_cast<std::uint64_t>(sent);
      piece.length -= static_cast<std::uint64_t>(sent);
    }
  }
  return Sent::kAll;
}

// Puts as much into the chunk as is at hand.
FileSender::Filled FileSender::Fill(bool may_read_inline) {
  if (!chunk_) {
    std::uint64_t total = 0;
    for (const auto& piece : pieces_) total += piece.text.size() + piece.length;
    chunk_size_ = static_cast<std::size_t>(std::min<std::uint64_t>(total, kLargestChunk));
    chunk_ = std::make_unique_for_overwrite<char[]>(chunk_size_);
  }
  while (next_ < pieces_.size() && filled_ < chunk_size_) {
    auto& piece = pieces_[next_];
    if (!piece.text.empty()) {
      const std::size_t part = std::min(chunk_size_ - filled_, piece.text.size() - piece.offset);
      std::memcpy(chunk_.get() + filled_, piece.text.data() + piece.offset, part);
      filled_ += part;
      piece.offset += part;
      if (piece.offset == piece.text.size()) ++next_;
      continue;
    }
    if (piece.length == 0) {
      ++next_;
      continue;
    }
    if (source_) return ReadSource(piece);
    const auto outcome = may_read_inline ? ReadInline(piece) : Filled::kPending;
    if (outcome == Filled::kFailed) return outcome;
    if (outcome == Filled::kPending) return ReadOnPool(piece);
  }
  return Filled::kReady;
}

FileSender::Filled FileSender::ReadInline(Piece& piece) {
  const iovec part{chunk_.get() + filled_,
                   static_cast<std::size_t>(std::min<std::uint64_t>(chunk_size_ - filled_, piece.length))};
  const ssize_t got = ::preadv2(file_->get(), &part, 1, static_cast<off_t>(piece.offset), RWF_NOWAIT);
  if (got == 0) return Filled::kFailed;
  if (got < 0) return Filled::kPending;  // not in memory, or a file system that cannot tell
  filled_ += static_cast<std::size_t>(got);
  piece.offset += static_cast<std::uint64_t>(got);
  piece.length -= static_cast<std::uint64_t>(got);
  return Filled::kReady;
}

FileSender::Filled FileSender::ReadOnPool(Piece& piece) {
  const auto size = static_cast<unsigned>(std::min<std::uint64_t>(chunk_size_ - filled_, piece.length));
  uv_buf_t buffer = uv_buf_init(chunk_.get() + filled_, size);
  auto held = std::make_unique<Self>(shared_from_this());
  read_.data = held.get();
  const int status = uv_fs_read(loop_, &read_, file_->get(), &buffer, 1, static_cast<std::int64_t>(piece.offset),
                                [](uv_fs_t* request) {
                                  Self self = Reclaim(request->data);
                                  const ssize_t got = request->result;
                                  uv_fs_req_cleanup(request);
                                  if (!self->stream_) return;
                                  self->TakeRead(got <= 0 ? 0 : static_cast<std::size_t>(got));
                                });
  if (status != 0) return Filled::kFailed;
  held.release();
  return Filled::kPending;
}

// What is in the chunk already goes out with what comes.
FileSender::Filled FileSender::ReadSource(Piece& piece) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(chunk_size_ - filled_, piece.length));
  source_->Read(piece.offset, piece.offset + piece.length, chunk_.get() + filled_, size,
                [self = shared_from_this()](std::size_t bytes) {
                  if (self->stream_) self->TakeRead(bytes);
                });
  return Filled::kPending;
}

void FileSender::TakeRead(std::size_t bytes) {
  if (bytes == 0) return Finish(false);
  auto& read = pieces_[next_];
  filled_ += bytes;
  read.offset += bytes;
  read.length -= bytes;
  if (Write()) Continue(kInlineSteps);
}

bool FileSender::Write() {
  uv_buf_t buffer = uv_buf_init(chunk_.get(), static_cast<unsigned>(filled_));
  const int tried = uv_try_write(stream_, &buffer, 1);
  if (tried < 0 && tried != UV_EAGAIN) return Finish(false), false;
  const std::size_t sent = tried < 0 ? 0 : static_cast<std::size_t>(tried);
  if (sent == filled_) {
    filled_ = 0;
    return true;
  }
  buffer = uv_buf_init(chunk_.get() + sent, static_cast<unsigned>(filled_ - sent));
  filled_ = 0;
  auto held = std::make_unique<Self>(shared_from_this());
  write_.data = held.get();
  const int status = uv_write(&write_, stream_, &buffer, 1, [](uv_write_t* request, int outcome) {
    Self self = Reclaim(request->data);
    if (!self->stream_) return;
    if (outcome < 0)
      self->Finish(false);
    else
      self->Continue(kInlineSteps);
  });
  if (status != 0) return Finish(false), false;
  held.release();
  return false;
}

}  // namespace wombat

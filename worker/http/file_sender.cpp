#include "worker/http/file_sender.h"

#include <sys/uio.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace wombat {
namespace {

constexpr std::size_t kChunk = 128u << 10;

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
      done_(std::move(done)),
      chunk_(std::make_unique_for_overwrite<char[]>(kChunk)) {
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

void FileSender::Continue(int inline_reads) {
  while (stream_) {
    switch (Fill(inline_reads-- > 0)) {
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

// Puts as much into the chunk as is at hand.
FileSender::Filled FileSender::Fill(bool may_read_inline) {
  while (next_ < pieces_.size() && filled_ < kChunk) {
    auto& piece = pieces_[next_];
    if (!piece.text.empty()) {
      const std::size_t part = std::min(kChunk - filled_, piece.text.size() - piece.offset);
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
    const auto outcome = may_read_inline ? ReadInline(piece) : Filled::kPending;
    if (outcome == Filled::kFailed) return outcome;
    if (outcome == Filled::kPending) return ReadOnPool(piece);
  }
  return Filled::kReady;
}

FileSender::Filled FileSender::ReadInline(Piece& piece) {
  const iovec part{chunk_.get() + filled_,
                   static_cast<std::size_t>(std::min<std::uint64_t>(kChunk - filled_, piece.length))};
  const ssize_t got = ::preadv2(file_->get(), &part, 1, static_cast<off_t>(piece.offset), RWF_NOWAIT);
  if (got == 0) return Filled::kFailed;
  if (got < 0) return Filled::kPending;  // not in memory, or a file system that cannot tell
  filled_ += static_cast<std::size_t>(got);
  piece.offset += static_cast<std::uint64_t>(got);
  piece.length -= static_cast<std::uint64_t>(got);
  return Filled::kReady;
}

FileSender::Filled FileSender::ReadOnPool(Piece& piece) {
  const auto size = static_cast<unsigned>(std::min<std::uint64_t>(kChunk - filled_, piece.length));
  uv_buf_t buffer = uv_buf_init(chunk_.get() + filled_, size);
  auto held = std::make_unique<Self>(shared_from_this());
  read_.data = held.get();
  const int status = uv_fs_read(loop_, &read_, file_->get(), &buffer, 1, static_cast<std::int64_t>(piece.offset),
                                [](uv_fs_t* request) {
                                  Self self = Reclaim(request->data);
                                  const ssize_t got = request->result;
                                  uv_fs_req_cleanup(request);
                                  if (!self->stream_) return;
                                  if (got <= 0) return self->Finish(false);
                                  auto& read = self->pieces_[self->next_];
                                  self->filled_ += static_cast<std::size_t>(got);
                                  read.offset += static_cast<std::uint64_t>(got);
                                  read.length -= static_cast<std::uint64_t>(got);
                                  if (self->Write()) self->Continue(kInlineReads);
                                });
  if (status != 0) return Filled::kFailed;
  held.release();
  return Filled::kPending;
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
      self->Continue(kInlineReads);
  });
  if (status != 0) return Finish(false), false;
  held.release();
  return false;
}

}  // namespace wombat

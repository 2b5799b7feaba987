#include "worker/http/stream_batch.h"

#include <array>
#include <charconv>
#include <cstring>
#include <utility>

namespace wombat {
namespace {

// Larger pieces save nothing more, and all of one stays in a core's cache while it goes to thousands of streams.
constexpr std::size_t kPieceBytes = 64u << 10;
constexpr std::string_view kEndOfLine = "\r\n";
// Of realtime clients. A copy of known size is a few instructions and no call.
constexpr std::size_t kUsualPrefix = 44;

}  // namespace

StreamBatch::StreamBatch(std::vector<Message> messages, std::size_t prefix_bytes)
    : messages_(std::move(messages)), prefix_bytes_(prefix_bytes) {
  std::size_t first = 0, bytes = 0;
  for (std::size_t i = 0; i < messages_.size(); i++) {
    const std::size_t size = prefix_bytes_ + messages_[i]->size();
    if (i > first && bytes + size > kPieceBytes) {
      AddPiece(first, i - first, bytes);
      first = i;
      bytes = 0;
    }
    bytes += size;
  }
  if (first < messages_.size()) AddPiece(first, messages_.size() - first, bytes);
}

void StreamBatch::AddPiece(std::size_t first, std::size_t count, std::size_t bytes) {
  Piece& piece = pieces_.emplace_back();
  std::array<char, 16> size;
  const char* end = std::to_chars(size.data(), size.data() + size.size(), bytes, 16).ptr;
  piece.first_ = first;
  piece.bytes_.reserve(bytes + size.size() + 2 * kEndOfLine.size());
  piece.bytes_.append(size.data(), std::size_t(end - size.data())).append(kEndOfLine);
  piece.head_ = piece.bytes_.size();
  piece.gaps_.reserve(count);
  for (std::size_t i = first; i < first + count; i++) {
    piece.gaps_.push_back(std::uint32_t(piece.bytes_.size()));
    piece.bytes_.append(prefix_bytes_, ' ').append(*messages_[i]);
  }
  piece.bytes_.append(kEndOfLine);
}

std::string_view StreamBatch::Piece::BytesFor(std::string_view prefix, bool chunked) {
  char* const bytes = bytes_.data();
  if (prefix.size() == kUsualPrefix)
    for (const std::uint32_t gap : gaps_) std::memcpy(bytes + gap, prefix.data(), kUsualPrefix);
  else
    for (const std::uint32_t gap : gaps_) std::memcpy(bytes + gap, prefix.data(), prefix.size());
  std::string_view all(bytes_);
  if (!chunked) all = all.substr(head_, all.size() - head_ - kEndOfLine.size());
  return all;
}

}  // namespace wombat

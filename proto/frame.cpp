#include "proto/frame.h"

#include <cstring>

namespace wombat {
namespace {

// Little-endian like the rest of Cap'n Proto; both ends are the same machine.
using FrameLength = std::uint32_t;
constexpr std::size_t kHeader = sizeof(FrameLength);

}  // namespace

void AppendFrame(std::string& out, capnp::MessageBuilder& message) {
  auto segments = message.getSegmentsForOutput();
  // The standard stream framing (segment table, then the segments), without a flat copy in between.
  std::size_t table_words = (segments.size() + 2) / 2;
  std::size_t words = table_words;
  for (const auto& segment : segments) words += segment.size();
  auto length = FrameLength(words * sizeof(capnp::word));
  std::size_t start = out.size();
  out.resize(start + kHeader + length);
  char* at = out.data() + start;
  std::memcpy(at, &length, kHeader);
  at += kHeader;
  std::memset(at, 0, table_words * sizeof(capnp::word));
  auto put = [&](std::size_t slot, std::uint32_t value) { std::memcpy(at + slot * 4, &value, 4); };
  put(0, std::uint32_t(segments.size() - 1));
  for (std::size_t i = 0; i < segments.size(); i++) put(i + 1, std::uint32_t(segments[i].size()));
  at += table_words * sizeof(capnp::word);
  for (const auto& segment : segments) {
    std::size_t bytes = segment.size() * sizeof(capnp::word);
    std::memcpy(at, segment.begin(), bytes);
    at += bytes;
  }
}

Frame::Frame(std::span<const std::byte> payload)
    : words_(kj::heapArray<capnp::word>(payload.size() / sizeof(capnp::word))) {
  std::memcpy(words_.begin(), payload.data(), words_.size() * sizeof(capnp::word));
  capnp::ReaderOptions options;
  options.traversalLimitInWords = words_.size() * 16 + 1024;   // values are looked at more than once
  reader_ = std::make_unique<capnp::FlatArrayMessageReader>(words_, options);
}

bool FrameReader::Feed(std::string_view bytes, const std::function<void(Frame)>& take) {
  // Frames that arrived whole are cut straight from `bytes`; only a rest is kept.
  std::string_view rest = bytes;
  if (!pending_.empty()) {
    pending_.append(bytes);
    rest = pending_;
  }
  while (rest.size() >= kHeader) {
    FrameLength length;
    std::memcpy(&length, rest.data(), kHeader);
    if (length < sizeof(capnp::word) || length > kMaxFrameBytes || length % sizeof(capnp::word) != 0) return false;
    if (rest.size() - kHeader < length) break;
    // A table that cannot be read is an exception inside Cap'n Proto; it stays inside this function.
    try {
      take(Frame(std::as_bytes(std::span(rest.data() + kHeader, length))));
    } catch (const kj::Exception&) {
      return false;
    }
    rest.remove_prefix(kHeader + length);
  }
  // A large frame arrives in many pieces: what is kept of it is not copied again for each.
  if (rest.empty()) pending_.clear();
  else if (pending_.empty()) pending_ = rest;
  else pending_.erase(0, pending_.size() - rest.size());
  return true;
}

}  // namespace wombat

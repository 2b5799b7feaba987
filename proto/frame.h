// Frames on a Unix socket: a length, then one Cap'n Proto message.                              proto/README.md
#pragma once

#include <capnp/message.h>
#include <capnp/serialize.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proto/messages.capnp.h"

namespace wombat {

// A peer is one of our own processes, yet a length read from a socket is never trusted: past this the connection is closed.
// Larger than the largest request body a record may have by default, with room for the JSON's growth.
inline constexpr std::size_t kMaxFrameBytes = 512u << 20;

// Appends the frame of `message` to `out`.
void AppendFrame(std::string& out, capnp::MessageBuilder& message);

// A received message; owns its words. Movable across threads.
class Frame {
 public:
  explicit Frame(std::span<const std::byte> payload);
  // Reading is bounded by the frame's own size, so a forged pointer cannot amplify.
  proto::Message::Reader message() const { return reader_->getRoot<proto::Message>(); }
  std::size_t bytes() const { return words_.size() * sizeof(capnp::word); }

 private:
  kj::Array<capnp::word> words_;
  std::unique_ptr<capnp::FlatArrayMessageReader> reader_;
};

// Collects bytes and cuts them into frames.
class FrameReader {
 public:
  // Calls `take` for each complete frame. False: the stream cannot be understood, close it.
  bool Feed(std::string_view bytes, const std::function<void(Frame)>& take);

 private:
  std::string pending_;
};

}  // namespace wombat

// An answer that comes piece by piece, as long as both sides like: server-sent events.                 Behaviour: spec
// 05 §1.1.
//
// A handler puts a ResponseStream into its response. The connection sends the head and hands it a StreamWriter; the
// request and its buffers are given back, so a stream that waits costs little more than its socket. Loop's thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "worker/http/stream_batch.h"

namespace wombat {

// What waits for a client that reads slowly; past it the connection is closed.
inline constexpr std::size_t kMaxStreamBacklog = 8u << 20;

// The connection's side.
class StreamWriter {
 public:
  virtual ~StreamWriter() = default;
  // Behind what was queued before; only held, never copied. May end with Closed() being called, as may Flush.
  virtual void Queue(std::shared_ptr<const std::string> message) = 0;
  // Writes what is queued, as far as the socket takes it; the rest follows when it can. One call for many messages.
  virtual void Flush() = 0;
  // Queue of each message of the batch, and Flush: cheaper where many streams are sent the same.
  virtual void Write(StreamBatch& batch) = 0;
  // Ends the answer properly, behind what was queued.
  virtual void End() = 0;
};

// The answering side. Kept by the connection from the answer until Closed.
class ResponseStream {
 public:
  virtual ~ResponseStream() = default;
  // Stands in front of each message. The same until Closed.
  virtual std::string_view prefix() const { return {}; }
  // The head was sent. The writer lives until Closed, which is always called once.
  virtual void Opened(StreamWriter& writer) = 0;
  virtual void Closed() = 0;
};

}  // namespace wombat

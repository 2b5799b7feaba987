// Messages on their way to many streams, made into bytes once.                                   Behaviour: spec 05 §1.1.
//
// What the streams are sent differs only by the prefix in front of each message. So the bytes, with the framing of a
// chunk around them, are laid out once with gaps as long as a prefix; each stream's is put into the gaps before its
// write. That is one plain buffer for a system call, however many messages there are. Loop's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wombat {

class StreamBatch {
 public:
  using Message = std::shared_ptr<const std::string>;

  StreamBatch(std::vector<Message> messages, std::size_t prefix_bytes);

  std::span<const Message> messages() const { return messages_; }
  std::size_t prefix_bytes() const { return prefix_bytes_; }

  // As many messages as are worth one write, in order.
  class Piece {
   public:
    // Good until the next call. `prefix` has prefix_bytes().
    std::string_view BytesFor(std::string_view prefix, bool chunked);
    std::size_t first() const { return first_; }  // of messages()
    std::size_t count() const { return gaps_.size(); }

   private:
    friend class StreamBatch;
    std::size_t first_ = 0, head_ = 0;  // bytes of the chunk's size line
    std::string bytes_;
    std::vector<std::uint32_t> gaps_;
  };
  std::span<Piece> pieces() { return pieces_; }

 private:
  void AddPiece(std::size_t first, std::size_t count, std::size_t bytes);

  std::vector<Message> messages_;
  std::size_t prefix_bytes_;
  std::vector<Piece> pieces_;
};

}  // namespace wombat

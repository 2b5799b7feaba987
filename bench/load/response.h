// Finds the end of an HTTP/1.1 response in a growing buffer.
#pragma once

#include <cstddef>
#include <string_view>

namespace wombat::load {

class ResponseReader {
 public:
  enum class State { kIncomplete, kComplete, kBroken };

  void Reset() { *this = ResponseReader(); }

  // `buffer` starts with the response and holds all that has arrived so far. kBroken: this is no response that has a
  // length (neither Content-Length nor chunks).
  State Read(std::string_view buffer);

  // How much of a body whose length is known has not come yet. What of it is not put into the buffer is told to Skip.
  std::size_t rest(std::size_t buffered) const {
    return has_head_ && !chunked_ && position_ + length_ > buffered ? position_ + length_ - buffered : 0;
  }
  void Skip(std::size_t bytes) { length_ -= bytes; }

  int status() const { return status_; }
  bool closes() const { return closes_; }              // the server ends the connection after it

 private:
  State ReadHead(std::string_view buffer);
  State ReadChunks(std::string_view buffer);

  int status_ = 0;
  bool has_head_ = false, chunked_ = false, closes_ = false;
  std::size_t position_ = 0;                           // of the body, or of the next chunk
  std::size_t length_ = 0;                             // of the body unless it is chunked
};

}  // namespace wombat::load

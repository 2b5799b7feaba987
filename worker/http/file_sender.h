// Sends an answer whose body is (part of) a file without ever blocking the loop.     Behaviour: spec 05 §2.1, §8.6.
//
// Pages that the kernel has in memory go to the socket without a copy (sendfile), as far as it takes them. Anything else
// goes through a chunk of memory, one at a time: what the socket does not take at once, what has to be read first (on
// libuv's thread pool), content that is kept elsewhere.
#pragma once

#include <uv.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/app/http.h"

namespace wombat {

class FileSender : public std::enable_shared_from_this<FileSender> {
 public:
  // `done` runs once, unless Abandon came first: true when everything was handed to the socket, false when the socket
  // failed or the file turned out shorter than promised (nothing but closing the connection can tell the client then).
  FileSender(uv_loop_t* loop, uv_stream_t* stream, std::string_view head, HttpResponse response,
             std::function<void(bool)> done);
  FileSender(const FileSender&) = delete;
  FileSender& operator=(const FileSender&) = delete;

  void Start() { Continue(kInlineSteps); }
  // The stream is about to be closed: `done` will not run.
  void Abandon();

 private:
  struct Piece {
    std::string text;  // sent when not empty, else the part of the file
    std::uint64_t offset = 0, length = 0;
  };
  enum class Filled { kReady, kPending, kFailed };
  enum class Sent { kAll, kStuck, kFailed };
  static constexpr int kInlineSteps = 8;

  // `inline_steps`: how much may be done before other connections have their turn.
  void Continue(int inline_steps);
  Sent SendDirectly(int& inline_steps);
  bool IsSentDirectly(std::size_t piece) const;
  bool InMemory(std::uint64_t offset, std::uint64_t size) const;
  Filled Fill(bool may_read_inline);
  Filled ReadInline(Piece& piece);
  Filled ReadOnPool(Piece& piece);
  Filled ReadSource(Piece& piece);
  void TakeRead(std::size_t bytes);
  bool Write();  // false: libuv writes the rest and calls back
  void Finish(bool sent);

  uv_loop_t* loop_;
  uv_stream_t* stream_;
  std::shared_ptr<UniqueFd> file_;         // or
  std::shared_ptr<ContentSource> source_;
  std::vector<Piece> pieces_;
  std::size_t next_ = 0;
  std::function<void(bool)> done_;
  std::unique_ptr<char[]> chunk_;
  std::size_t chunk_size_ = 0, filled_ = 0;
  bool direct_ = true;  // until the kernel refuses
  uv_fs_t read_{};
  uv_write_t write_{};
};

}  // namespace wombat

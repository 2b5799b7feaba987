// Log entries on their way to the log store's thread, packed into chunks: a request's entry costs one copy of its bytes
// and no allocation of its own, on either side.
//
// Not synchronised: LogStore guards the queue with its mutex and reads the chunks it took without it.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <vector>

namespace wombat {

struct LogEntryView {
  int level = 0;
  std::string_view message;
  std::string_view data_json;
  std::string_view created;
};

class LogChunk {
 public:
  explicit LogChunk(std::size_t capacity) : bytes_(new char[capacity]), capacity_(capacity) {}

  bool HasRoomFor(const LogEntryView& entry) const;
  void Add(const LogEntryView& entry);
  void Clear() {
    rows_.clear();
    used_ = 0;
  }

  std::size_t size() const { return rows_.size(); }
  std::size_t capacity() const { return capacity_; }
  LogEntryView at(std::size_t index) const;

 private:
  struct Row {
    int level;
    std::uint32_t offset, message_bytes, data_bytes, created_bytes;
  };
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_;
  std::size_t used_ = 0;
  std::vector<Row> rows_;
};

class LogQueue {
 public:
  // Chunks hold `chunk_bytes` (a longer entry gets a chunk of its own); together at most `max_bytes`.
  LogQueue(std::size_t max_bytes, std::size_t chunk_bytes) : max_bytes_(max_bytes), chunk_bytes_(chunk_bytes) {}

  // Returns how many of the oldest entries had to go to make room (a chunk of them at a time).
  std::size_t Push(const LogEntryView& entry);
  // The oldest entries: whole chunks, at least one, until `max_entries` would be exceeded.
  std::vector<LogChunk> Take(std::size_t max_entries);
  // Gives taken chunks back for reuse.
  void Recycle(std::vector<LogChunk> chunks);

  std::size_t size() const { return size_; }

 private:
  LogChunk NewChunk(std::size_t bytes);

  std::size_t max_bytes_;
  std::size_t chunk_bytes_;
  std::deque<LogChunk> chunks_;
  std::vector<LogChunk> spare_;
  std::size_t queued_bytes_ = 0;  // capacity of chunks_
  std::size_t size_ = 0;
};

}  // namespace wombat

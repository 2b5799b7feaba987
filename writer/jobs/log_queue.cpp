#include "writer/jobs/log_queue.h"

#include <algorithm>
#include <cstring>

namespace wombat {
namespace {

constexpr std::size_t kMaxSpareChunks = 32;

std::size_t SizeOf(const LogEntryView& entry) {
  return entry.message.size() + entry.data_json.size() + entry.created.size();
}

}  // namespace

bool LogChunk::HasRoomFor(const LogEntryView& entry) const { return capacity_ - used_ >= SizeOf(entry); }

void LogChunk::Add(const LogEntryView& entry) {
  rows_.push_back({entry.level, std::uint32_t(used_), std::uint32_t(entry.message.size()),
                   std::uint32_t(entry.data_json.size()), std::uint32_t(entry.created.size())});
  for (const std::string_view part : {entry.message, entry.data_json, entry.created}) {
    if (!part.empty()) std::memcpy(bytes_.get() + used_, part.data(), part.size());
    used_ += part.size();
  }
}

LogEntryView LogChunk::at(std::size_t index) const {
  const Row& row = rows_[index];
  const char* start = bytes_.get() + row.offset;
  return {row.level,
          {start, row.message_bytes},
          {start + row.message_bytes, row.data_bytes},
          {start + row.message_bytes + row.data_bytes, row.created_bytes}};
}

LogChunk LogQueue::NewChunk(std::size_t bytes) {
  if (bytes > chunk_bytes_ || spare_.empty()) return LogChunk(std::max(bytes, chunk_bytes_));
  LogChunk chunk = std::move(spare_.back());
  spare_.pop_back();
  return chunk;
}

std::size_t LogQueue::Push(const LogEntryView& entry) {
  std::size_t dropped = 0;
  if (SizeOf(entry) > max_bytes_) return 1;  // larger than the whole queue may be: it goes itself
  if (chunks_.empty() || !chunks_.back().HasRoomFor(entry)) {
    const std::size_t needed = std::max(SizeOf(entry), chunk_bytes_);
    while (!chunks_.empty() && queued_bytes_ + needed > max_bytes_) {
      dropped += chunks_.front().size();
      queued_bytes_ -= chunks_.front().capacity();
      chunks_.pop_front();
    }
    size_ -= dropped;
    chunks_.push_back(NewChunk(SizeOf(entry)));
    queued_bytes_ += chunks_.back().capacity();
  }
  chunks_.back().Add(entry);
  ++size_;
  return dropped;
}

std::vector<LogChunk> LogQueue::Take(std::size_t max_entries) {
  std::vector<LogChunk> taken;
  std::size_t entries = 0;
  while (!chunks_.empty() && (taken.empty() || entries + chunks_.front().size() <= max_entries)) {
    entries += chunks_.front().size();
    queued_bytes_ -= chunks_.front().capacity();
    taken.push_back(std::move(chunks_.front()));
    chunks_.pop_front();
  }
  size_ -= entries;
  return taken;
}

void LogQueue::Recycle(std::vector<LogChunk> chunks) {
  for (LogChunk& chunk : chunks) {
    if (chunk.capacity() != chunk_bytes_ || spare_.size() >= kMaxSpareChunks) continue;
    chunk.Clear();
    spare_.push_back(std::move(chunk));
  }
}

}  // namespace wombat

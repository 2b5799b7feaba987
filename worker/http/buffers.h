// Where a connection keeps the bytes of the request that is arriving.                      Behaviour: spec 01 §1.7.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/base/unique_fd.h"

namespace wombat {

// The head, small bodies, and whatever follows them. Its bytes move only in Reserve and DropBefore.
class ReadBuffer {
 public:
  ReadBuffer() = default;
  ~ReadBuffer();
  ReadBuffer(const ReadBuffer&) = delete;
  ReadBuffer& operator=(const ReadBuffer&) = delete;

  char* begin() { return data_ + begin_; }
  std::size_t size() const { return end_ - begin_; }
  char* free_space() { return data_ + end_; }
  std::size_t free_size() const { return capacity_ - end_; }

  // Room for `size` more bytes behind the present ones. False: no memory.
  bool Reserve(std::size_t size);
  void Commit(std::size_t size) { end_ += size; }
  void DropFront(std::size_t size);
  // Removes `size` bytes at `offset`, closing the gap.
  void Erase(std::size_t offset, std::size_t size);
  void Clear() { begin_ = end_ = 0; }
  // Gives memory back that one unusual request needed.
  void Shrink();

 private:
  char* data_ = nullptr;
  std::size_t begin_ = 0, end_ = 0, capacity_ = 0;
};

// Bodies past this are kept in an unlinked temporary file that is mapped into memory: the kernel can write them out.
inline constexpr std::size_t kSpillBytes = 16u << 20;

// A body that does not fit behind its head. Grows as bytes arrive, never by what a client merely announces.
class BodyBuffer {
 public:
  BodyBuffer() = default;
  ~BodyBuffer() { Clear(); }
  BodyBuffer(const BodyBuffer&) = delete;
  BodyBuffer& operator=(const BodyBuffer&) = delete;

  // Room for at least one more byte, for more when `expected_total` says so. False: neither memory nor disk.
  bool Grow(std::size_t expected_total, const std::string& spill_dir);
  bool Append(const char* data, std::size_t size, const std::string& spill_dir);
  char* free_space() { return data_ + size_; }
  std::size_t free_size() const { return capacity_ - size_; }
  void Commit(std::size_t size) { size_ += size; }
  std::string_view view() const { return {data_, size_}; }
  std::size_t size() const { return size_; }
  bool spilled() const { return static_cast<bool>(file_); }
  void Clear();

 private:
  bool GrowTo(std::size_t capacity, const std::string& spill_dir);
  bool MoveToFile(std::size_t capacity, const std::string& spill_dir);

  char* data_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0;
  UniqueFd file_;
};

}  // namespace wombat

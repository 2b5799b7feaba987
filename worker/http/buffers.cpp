#include "worker/http/buffers.h"

#include <fcntl.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace wombat {
namespace {

constexpr std::size_t kFirstRead = 16u << 10;
constexpr std::size_t kKeptRead = 64u << 10;
constexpr std::size_t kFirstBody = 128u << 10;
constexpr std::size_t kFileStep = 16u << 20;

}  // namespace

ReadBuffer::~ReadBuffer() { std::free(data_); }

bool ReadBuffer::Reserve(std::size_t wanted) {
  if (free_size() >= wanted && data_) return true;
  if (begin_ > 0) {
    std::memmove(data_, data_ + begin_, size());
    end_ -= begin_;
    begin_ = 0;
    if (free_size() >= wanted) return true;
  }
  const std::size_t capacity = std::max({kFirstRead, capacity_ * 2, end_ + wanted});
  auto* data = static_cast<char*>(std::realloc(data_, capacity));
  if (!data) return false;
  data_ = data;
  capacity_ = capacity;
  return true;
}

void ReadBuffer::DropFront(std::size_t count) {
  begin_ += count;
  if (begin_ == end_) Clear();
}

void ReadBuffer::Erase(std::size_t offset, std::size_t count) {
  char* gap = begin() + offset;
  std::memmove(gap, gap + count, size() - offset - count);
  end_ -= count;
}

void ReadBuffer::Shrink() {
  if (capacity_ <= kKeptRead) return;
  std::free(data_);
  data_ = nullptr;
  capacity_ = 0;
  Clear();
}

bool BodyBuffer::Grow(std::size_t expected_total, const std::string& spill_dir) {
  if (free_size() > 0) return true;
  const std::size_t doubled = std::max(kFirstBody, size_ * 2);
  return GrowTo(std::max(std::min(doubled, expected_total), size_ + 1), spill_dir);
}

bool BodyBuffer::Append(const char* data, std::size_t size, const std::string& spill_dir) {
  if (size == 0) return true;
  if (free_size() < size && !GrowTo(std::max({kFirstBody, size_ * 2, size_ + size}), spill_dir)) return false;
  std::memcpy(data_ + size_, data, size);
  size_ += size;
  return true;
}

bool BodyBuffer::GrowTo(std::size_t capacity, const std::string& spill_dir) {
  if (capacity > kSpillBytes || file_) return MoveToFile(std::max(capacity, capacity_ + kFileStep), spill_dir);
  auto* data = static_cast<char*>(std::realloc(data_, capacity));
  if (!data) return false;
  data_ = data;
  capacity_ = capacity;
  return true;
}

// The space is allocated on disk before it is mapped: a full disk is an error here and not a SIGBUS later.
bool BodyBuffer::MoveToFile(std::size_t capacity, const std::string& spill_dir) {
  const bool first = !file_;
  if (first) file_.reset(::open(spill_dir.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!file_) return false;
  const auto failed = [&] {
    if (first) file_.reset();
    return false;
  };
  if (::posix_fallocate(file_.get(), 0, static_cast<off_t>(capacity)) != 0) return failed();
  void* mapped = first ? ::mmap(nullptr, capacity, PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), 0)
                       : ::mremap(data_, capacity_, capacity, MREMAP_MAYMOVE);
  if (mapped == MAP_FAILED) return failed();
  if (first) {
    if (size_ > 0) std::memcpy(mapped, data_, size_);
    std::free(data_);
  }
  data_ = static_cast<char*>(mapped);
  capacity_ = capacity;
  return true;
}

void BodyBuffer::Clear() {
  if (file_) {
    ::munmap(data_, capacity_);
    file_.reset();
  } else {
    std::free(data_);
  }
  data_ = nullptr;
  size_ = capacity_ = 0;
}

}  // namespace wombat

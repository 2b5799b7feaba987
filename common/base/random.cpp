#include "common/base/random.h"

#include <pthread.h>
#include <sodium.h>
#include <zlib.h>

#include <atomic>
#include <cstring>
#include <stdexcept>

namespace wombat {
namespace {

std::atomic<unsigned> fork_count{0};

void EnsureSodium() {
  static const bool ready = [] {
    ::pthread_atfork(nullptr, nullptr, [] { fork_count.fetch_add(1); });
    return sodium_init() >= 0;
  }();
  if (!ready) throw std::runtime_error("no random generator");
}

// The kernel's bytes in portions: an id takes dozens of numbers, and a system call for each costs more than the row that
// it names. One a thread; what a parent had fetched is thrown away in its forked child. Bytes are wiped as they are used.
class Pool {
 public:
  ~Pool() { sodium_memzero(bytes_, sizeof bytes_); }

  void Take(void* target, std::size_t size) {
    EnsureSodium();
    const unsigned forks = fork_count.load(std::memory_order_relaxed);
    if (used_ + size > sizeof bytes_ || forks != forks_) {
      randombytes_buf(bytes_, sizeof bytes_);
      used_ = 0;
      forks_ = forks;
    }
    std::memcpy(target, bytes_ + used_, size);
    std::memset(bytes_ + used_, 0, size);
    used_ += size;
  }

 private:
  unsigned char bytes_[512] = {};
  std::size_t used_ = sizeof bytes_;
  unsigned forks_ = 0;
};

thread_local Pool pool;

}  // namespace

std::string RandomText(std::size_t length, std::string_view alphabet) {
  // Bytes past the last whole multiple of the alphabet would favour its first characters: they are thrown away.
  const unsigned usable = 256 - 256 % unsigned(alphabet.size());
  std::string text;
  text.reserve(length);
  while (text.size() < length) {
    unsigned char byte;
    pool.Take(&byte, 1);
    if (byte < usable) text.push_back(alphabet[byte % alphabet.size()]);
  }
  return text;
}

std::uint32_t RandomBelow(std::uint32_t bound) {
  // As above: numbers below 2^32 mod bound would come up once too often.
  const std::uint32_t unusable = (0u - bound) % bound;
  std::uint32_t number;
  do {
    pool.Take(&number, sizeof number);
  } while (number < unusable);
  return number % bound;
}

std::uint64_t RandomU64() {
  std::uint64_t value;
  pool.Take(&value, sizeof value);
  return value;
}

std::string Crc32Decimal(std::string_view bytes) {
  const uLong crc = ::crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  return std::to_string(crc);
}

}  // namespace wombat

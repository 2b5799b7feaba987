#include "common/base/random.h"

#include <sodium.h>
#include <zlib.h>

#include <stdexcept>

namespace wombat {
namespace {

// libsodium asks the kernel for every call, so a forked process never repeats its parent's bytes.
void EnsureSodium() {
  static const bool ready = sodium_init() >= 0;
  if (!ready) throw std::runtime_error("no random generator");
}

}  // namespace

std::string RandomText(std::size_t length, std::string_view alphabet) {
  EnsureSodium();
  // Bytes past the last whole multiple of the alphabet would favour its first characters: they are thrown away.
  const unsigned usable = 256 - 256 % unsigned(alphabet.size());
  std::string text;
  text.reserve(length);
  unsigned char pool[128];
  while (text.size() < length) {
    randombytes_buf(pool, sizeof pool);
    for (const unsigned char byte : pool) {
      if (byte < usable && text.size() < length) text.push_back(alphabet[byte % alphabet.size()]);
    }
  }
  sodium_memzero(pool, sizeof pool);
  return text;
}

std::uint32_t RandomBelow(std::uint32_t bound) {
  EnsureSodium();
  return randombytes_uniform(bound);
}

std::uint64_t RandomU64() {
  EnsureSodium();
  std::uint64_t value;
  randombytes_buf(&value, sizeof value);
  return value;
}

std::string Crc32Decimal(std::string_view bytes) {
  const uLong crc = ::crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  return std::to_string(crc);
}

}  // namespace wombat

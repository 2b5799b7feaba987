#include "common/auth/password.h"

#include <crypt.h>
#include <sodium.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "common/base/random.h"

namespace wombat {
namespace {

constexpr std::size_t kHashBytes = 60;

// The scratch memory of one crypt_ra call; it has seen the password, so it is wiped.
struct CryptMemory {
  void* data = nullptr;
  int size = 0;
  CryptMemory() = default;
  CryptMemory(const CryptMemory&) = delete;
  CryptMemory& operator=(const CryptMemory&) = delete;
  ~CryptMemory() {
    if (data) sodium_memzero(data, std::size_t(size));
    std::free(data);
  }
};

// Under "$2a$" this library changes the algorithm for a few byte patterns, against a bug that other systems had. The
// data directory's "$2a$" means the plain algorithm, which is called "$2b$" here: same setting, same digest, another
// letter.
std::optional<std::string> Crypt(const std::string& password, std::string setting) {
  setting.replace(0, 4, "$2b$");
  CryptMemory memory;
  const char* hash = crypt_ra(password.c_str(), setting.c_str(), &memory.data, &memory.size);
  if (hash == nullptr || hash[0] == '*') return std::nullopt;
  return "$2a$" + std::string(hash + 4);
}

// "$2a$", the cost, "$" and a random salt.
std::optional<std::string> RandomSetting(int cost) {
  unsigned char salt[16];
  for (std::size_t at = 0; at < sizeof salt; at += sizeof(std::uint64_t)) {
    const std::uint64_t word = RandomU64();
    std::copy_n(reinterpret_cast<const unsigned char*>(&word), sizeof word, salt + at);
  }
  char setting[CRYPT_GENSALT_OUTPUT_SIZE];
  if (!crypt_gensalt_rn("$2a$", unsigned(cost), reinterpret_cast<const char*>(salt), sizeof salt, setting, sizeof setting)) {
    return std::nullopt;
  }
  return setting;
}

bool IsBcrypt(std::string_view hash) {
  return hash.size() == kHashBytes && hash.starts_with("$2") && (hash[2] == 'a' || hash[2] == 'b' || hash[2] == 'y') &&
         hash[3] == '$';
}

}  // namespace

std::optional<std::string> HashPassword(std::string_view password, int cost) {
  if (cost == 0) cost = kDefaultBcryptCost;
  if (password.size() > kMaxBcryptBytes || cost < 4 || cost > 31) return std::nullopt;
  if (password.find('\0') != password.npos) return std::nullopt;
  const auto setting = RandomSetting(cost);
  return setting ? Crypt(std::string(password), *setting) : std::nullopt;
}

std::string UnusablePasswordHash(int cost) {
  constexpr std::string_view kDigits = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string hash = RandomSetting(cost).value_or("");
  while (hash.size() < kHashBytes) hash += kDigits[RandomU64() % kDigits.size()];
  return hash;
}

bool VerifyPassword(std::string_view password, const std::string& hash) {
  if (!IsBcrypt(hash) || password.find('\0') != password.npos) return false;
  const auto computed = Crypt(std::string(password.substr(0, kMaxBcryptBytes)), hash);
  if (!computed || computed->size() != hash.size()) return false;
  return sodium_memcmp(computed->data() + 4, hash.data() + 4, hash.size() - 4) == 0;  // behind the algorithm's name
}

}  // namespace wombat

#include "worker/api/otp_decoy.h"

#include <sodium.h>

#include <algorithm>

#include "common/base/random.h"
#include "common/base/text.h"

namespace wombat {
namespace {

constexpr std::size_t kBodyBytes = 13, kBase = kLowerAlphanumeric.size();
static_assert(kBase * kBase == kDecoyBuckets);

struct Digest {
  unsigned char bytes[crypto_auth_hmacsha256_BYTES];
  std::uint32_t Bucket() const { return (std::uint32_t(bytes[0]) << 16 | std::uint32_t(bytes[1]) << 8 | bytes[2]) % kDecoyBuckets; }
};

// Keyed with what never leaves the server.
Digest Keyed(const Collection& collection, std::string_view purpose, std::string_view text) {
  const std::string& key = collection.auth.auth_token.secret;
  const std::string message = std::string(purpose) + collection.id + '\n' + std::string(text);
  Digest digest;
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(key.data()), key.size());
  crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(message.data()), message.size());
  crypto_auth_hmacsha256_final(&state, digest.bytes);
  return digest;
}

std::uint32_t MaskOf(const Collection& collection, std::string_view body) { return Keyed(collection, "mask\n", body).Bucket(); }

std::string Sealed(const Collection& collection, std::string body, std::uint32_t bucket) {
  const std::uint32_t tail = (bucket + MaskOf(collection, body)) % kDecoyBuckets;
  body += kLowerAlphanumeric[tail / kBase];
  body += kLowerAlphanumeric[tail % kBase];
  return body;
}

}  // namespace

std::uint32_t DecoyBucketOf(const Collection& collection, std::string_view email) {
  std::string lower(email);
  std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + ('a' - 'A')) : c; });
  return Keyed(collection, "bucket\n", lower).Bucket();
}

std::string DecoyOtpId(const Collection& collection, std::string_view email) {
  return Sealed(collection, RandomText(kBodyBytes, kLowerAlphanumeric), DecoyBucketOf(collection, email));
}

std::string RepeatedDecoyOtpId(const Collection& collection, std::string_view email, Timestamp now) {
  const std::int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  const std::int64_t period = seconds / std::max<std::int64_t>(collection.auth.otp.duration, 1);
  const Digest digest = Keyed(collection, "again\n", std::to_string(period) + '\n' + std::string(email));
  std::string body;
  for (std::size_t i = 0; i < kBodyBytes; i++) body += kLowerAlphanumeric[digest.bytes[i] % kBase];
  return Sealed(collection, std::move(body), DecoyBucketOf(collection, email));
}

std::uint32_t DecoyBucketOfId(const Collection& collection, std::string_view otp_id) {
  if (otp_id.size() != kBodyBytes + 2) return Keyed(collection, "other\n", otp_id).Bucket();
  const auto high = kLowerAlphanumeric.find(otp_id[kBodyBytes]), low = kLowerAlphanumeric.find(otp_id[kBodyBytes + 1]);
  if (high == std::string_view::npos || low == std::string_view::npos) return Keyed(collection, "other\n", otp_id).Bucket();
  const std::uint32_t mask = MaskOf(collection, otp_id.substr(0, kBodyBytes));
  return (std::uint32_t(high * kBase + low) + kDecoyBuckets - mask) % kDecoyBuckets;
}

}  // namespace wombat

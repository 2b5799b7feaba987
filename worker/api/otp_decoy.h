// One-time passwords of nobody: what somebody without an account is told must not differ from what one with an account
// is.                                                                                             Behaviour: spec 04 §6.3.
//
// An id that request-otp makes up for an unknown address carries, masked, in which of 1,296 buckets the address falls. So
// attempts with it can be counted as those with a real one are, over all ids of the same address, without anything kept.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/time.h"
#include "common/schema/collection.h"

namespace wombat {

inline constexpr std::uint32_t kDecoyBuckets = 36 * 36;

std::uint32_t DecoyBucketOf(const Collection& collection, std::string_view email);
// 15 characters like any record's id.
std::string DecoyOtpId(const Collection& collection, std::string_view email);
// The one that is told again and again to an address that asked too often; another one after each `otp.duration`.
std::string RepeatedDecoyOtpId(const Collection& collection, std::string_view email, Timestamp now);
// Of an id that belongs to nothing stored; some bucket, when it was never made up here.
std::uint32_t DecoyBucketOfId(const Collection& collection, std::string_view otp_id);

}  // namespace wombat

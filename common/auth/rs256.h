// Signatures of RS256 tokens (RSASSA-PKCS1-v1_5 with SHA-256).                               Behaviour: spec 04 §7, "JWKS".
#pragma once

#include <string_view>

namespace wombat {

inline constexpr int kMinRsaBits = 1024, kMaxRsaBits = 8192;

// Modulus and exponent as big-endian bytes. False also for a key that is none, or too short or long to be used.
bool VerifyRs256(std::string_view signed_text, std::string_view signature, std::string_view modulus, std::string_view exponent);

}  // namespace wombat

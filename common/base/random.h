// Random text from the kernel's generator: ids, secrets, suffixes. Fork-safe, thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace wombat {

inline constexpr std::string_view kLowerAlphanumeric = "abcdefghijklmnopqrstuvwxyz0123456789";
inline constexpr std::string_view kAlphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

std::string RandomText(std::size_t length, std::string_view alphabet = kAlphanumeric);
// 15 characters [a-z0-9], the default record id.
inline std::string RandomId() { return RandomText(15, kLowerAlphanumeric); }
// Uniform in [0, bound); bound > 0.
std::uint32_t RandomBelow(std::uint32_t bound);
std::uint64_t RandomU64();

// "pbc_" / field ids: decimal CRC-32/IEEE of the bytes (spec 02 §1.4).
std::string Crc32Decimal(std::string_view bytes);

}  // namespace wombat

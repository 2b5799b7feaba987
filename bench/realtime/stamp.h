// The time at which a change was asked for, as it travels through the server inside a record's text.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstring>

namespace wombat::load {

// "@@" and sixteen letters a…p: nothing that a server escapes, and no sample text has an "@".
inline constexpr std::size_t kStampBytes = 18;

inline std::uint64_t NowNs() {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

inline void WriteStamp(char* out, std::uint64_t nanoseconds) {
  out[0] = out[1] = '@';
  for (int i = 0; i < 16; i++) out[2 + i] = static_cast<char>('a' + (nanoseconds >> (60 - 4 * i) & 15));
}

// `text` starts with "@@" and has kStampBytes.
inline std::uint64_t ReadStamp(const char* text) {
  std::uint64_t nanoseconds = 0;
  for (int i = 0; i < 16; i++) nanoseconds = nanoseconds << 4 | static_cast<std::uint64_t>(text[2 + i] - 'a');
  return nanoseconds;
}

}  // namespace wombat::load

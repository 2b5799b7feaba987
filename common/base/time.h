// Instants as the data directory and the API write them: UTC "YYYY-MM-DD HH:MM:SS.mmmZ", the zero instant as "".
// Behaviour: spec 06 §10.4, layouts accepted from clients spec 02 §5.8.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wombat {

using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

Timestamp Now();
std::int64_t UnixMicrosNow();

// 24 characters. Years outside 0…9999 are not expected from Now() and are clamped.
std::string FormatTimestamp(Timestamp instant);
std::string NowText();

// The first layout of spec 02 §5.8 that fits, milliseconds truncated; nullopt when none does or for the zero instant.
std::optional<Timestamp> ParseTimestamp(std::string_view text);

// ParseTimestamp and back; "" for what cannot be read.
std::string NormalizeTimestamp(std::string_view text);

}  // namespace wombat

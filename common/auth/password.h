// bcrypt, as the data directory stores it.                                               Behaviour: spec 04 §3, 06 §10.6.
// Both functions take tens of milliseconds of processor time: never on a loop, never in the commit lane.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wombat {

inline constexpr int kDefaultBcryptCost = 10;
inline constexpr std::size_t kMaxBcryptBytes = 72;

// "$2a$<cost>$…"; nullopt when the password is over 72 bytes, holds a NUL byte, or the cost is outside 4…31. cost 0 means 10.
std::optional<std::string> HashPassword(std::string_view password, int cost = 0);

// Has the shape of a hash, and is no password's that anybody could find. Costs nothing.
std::string UnusablePasswordHash(int cost = kDefaultBcryptCost);

// Accepts $2a$, $2b$ and $2y$; only the first 72 bytes of the password count. False for an empty hash.
bool VerifyPassword(std::string_view password, const std::string& hash);

}  // namespace wombat

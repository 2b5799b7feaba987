// The layouts in which clients may write an instant (spec 02 §5.8). Used by time.cpp only.
#pragma once

#include <optional>
#include <string_view>

namespace wombat {

struct CivilTime {
  int year = 0, month = 1, day = 1;
  int hour = 0, minute = 0, second = 0, nanosecond = 0;
  int zone_seconds = 0;  // east of UTC

  bool IsPossible() const;
};

// By the first layout that fits the whole text; nullopt when none does or the date is impossible.
std::optional<CivilTime> ParseByLayouts(std::string_view text);

}  // namespace wombat

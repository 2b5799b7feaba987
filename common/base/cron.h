// Schedules of five fields: minute, hour, day of month, month, weekday.                         Behaviour: spec 05 §6.2.
#pragma once

#include <bitset>
#include <expected>
#include <string>
#include <string_view>

#include "common/base/time.h"

namespace wombat {

struct CronSchedule {
  std::bitset<60> minutes;
  std::bitset<24> hours;
  std::bitset<32> days;        // from 1
  std::bitset<13> months;      // from 1
  std::bitset<7> weekdays;     // 0: Sunday

  // Whether it is due in this minute (UTC): all five fields must match, day of month and weekday as well.
  bool IsDue(Timestamp moment) const;
};

// An expression or one of the macros "@daily", …; the error is the text that clients see.
std::expected<CronSchedule, std::string> ParseCron(std::string_view expression);

// What a macro stands for; any other text unchanged.
std::string_view ExpandCronMacro(std::string_view expression);

}  // namespace wombat

// The sixteen @macros: values of the clock.  Behaviour: spec 03 §4.2.
#pragma once

#include <optional>
#include <string_view>

#include "common/base/time.h"
#include "common/db/value.h"

namespace wombat::filter {

enum class Macro : unsigned char {
  kNow,
  kYesterday,
  kTomorrow,
  kTodayStart,
  kTodayEnd,
  kMonthStart,
  kMonthEnd,
  kYearStart,
  kYearEnd,
  kSecond,
  kMinute,
  kHour,
  kDay,
  kMonth,
  kWeekday,
  kYear,
};

// Exact, case-sensitive names with their "@".
std::optional<Macro> FindMacro(std::string_view name);

// Reads the clock at each call.
SqlValue MacroValue(Macro macro);

// Replaces the clock that macros read; null restores the real one. Process-wide.
void TEST_SetMacroClock(Timestamp (*clock)());

}  // namespace wombat::filter

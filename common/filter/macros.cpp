#include "common/filter/macros.h"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace wombat::filter {
namespace {

using std::chrono::days;
using std::chrono::milliseconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

std::atomic<Timestamp (*)()> clock_source{&Now};

constexpr std::array<std::string_view, 16> kNames = {
    "@now",     "@yesterday", "@tomorrow", "@todayStart", "@todayEnd", "@monthStart", "@monthEnd", "@yearStart",
    "@yearEnd", "@second",    "@minute",   "@hour",       "@day",      "@month",      "@weekday",  "@year",
};

std::string StartOf(sys_days day) { return FormatTimestamp(Timestamp(day)); }
std::string EndOf(sys_days day) { return FormatTimestamp(Timestamp(day) + days(1) - milliseconds(1)); }

}  // namespace

std::optional<Macro> FindMacro(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return Macro(i);
  }
  return std::nullopt;
}

SqlValue MacroValue(Macro macro) {
  const Timestamp now = clock_source.load(std::memory_order_relaxed)();
  const auto today = std::chrono::floor<days>(now);
  const year_month_day date(today);
  const std::chrono::hh_mm_ss time(now - today);
  switch (macro) {
    case Macro::kNow:
      return FormatTimestamp(now);
    case Macro::kYesterday:
      return FormatTimestamp(now - days(1));
    case Macro::kTomorrow:
      return FormatTimestamp(now + days(1));
    case Macro::kTodayStart:
      return StartOf(today);
    case Macro::kTodayEnd:
      return EndOf(today);
    case Macro::kMonthStart:
      return StartOf(sys_days(date.year() / date.month() / 1));
    case Macro::kMonthEnd:
      return EndOf(sys_days(date.year() / date.month() / std::chrono::last));
    case Macro::kYearStart:
      return StartOf(sys_days(date.year() / 1 / 1));
    case Macro::kYearEnd:
      return EndOf(sys_days(date.year() / 12 / 31));
    case Macro::kSecond:
      return std::int64_t(time.seconds().count());
    case Macro::kMinute:
      return std::int64_t(time.minutes().count());
    case Macro::kHour:
      return std::int64_t(time.hours().count());
    case Macro::kDay:
      return std::int64_t(unsigned(date.day()));
    case Macro::kMonth:
      return std::int64_t(unsigned(date.month()));
    case Macro::kWeekday:
      return std::int64_t(std::chrono::weekday(today).c_encoding());
    case Macro::kYear:
      return std::int64_t(int(date.year()));
  }
  return {};
}

void TEST_SetMacroClock(Timestamp (*clock)()) { clock_source.store(clock ? clock : &Now, std::memory_order_relaxed); }

}  // namespace wombat::filter

#include "common/base/cron.h"

#include <array>
#include <charconv>
#include <chrono>
#include <vector>

#include "common/base/text.h"

namespace wombat {
namespace {

struct Macro {
  std::string_view name, expression;
};
constexpr std::array kMacros = {
    Macro{"@yearly", "0 0 1 1 *"}, Macro{"@annually", "0 0 1 1 *"}, Macro{"@monthly", "0 0 1 * *"},
    Macro{"@weekly", "0 0 * * 0"}, Macro{"@daily", "0 0 * * *"},    Macro{"@midnight", "0 0 * * *"},
    Macro{"@hourly", "0 * * * *"},
};

using Failure = std::unexpected<std::string>;

std::expected<int, std::string> ReadNumber(std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with('+') && !digits.starts_with("+-")) digits.remove_prefix(1);
  int number = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (read.ec == std::errc::result_out_of_range)
    return Failure("strconv.Atoi: parsing \"" + std::string(text) + "\": value out of range");
  if (read.ec != std::errc() || read.ptr != digits.data() + digits.size())
    return Failure("strconv.Atoi: parsing \"" + std::string(text) + "\": invalid syntax");
  return number;
}

struct Range {
  int from, to;
};

std::expected<Range, std::string> ReadRange(std::string_view text, int min, int max, int step) {
  const auto outside = [max](std::string_view what, int from) {
    return Failure("invalid segment range " + std::string(what) + " - must be between " + std::to_string(from) + " and " +
                   std::to_string(max));
  };
  if (text == "*") return Range{min, max};
  const auto ends = Split(text, '-');
  if (ends.size() > 2) return Failure("invalid segment range format - the range must have 1 or 2 parts");
  if (ends.size() == 1 && step != 1)
    return Failure("invalid segment step - step > 1 could be used only with the wildcard or range format");
  const auto from = ReadNumber(ends[0]);
  if (!from) return Failure(from.error());
  if (ends.size() == 1) {
    if (*from < min || *from > max) return Failure("invalid segment value - must be between the min and max of the segment");
    return Range{*from, *from};
  }
  if (*from < min || *from > max) return outside("minimum", min);
  const auto to = ReadNumber(ends[1]);
  if (!to) return Failure(to.error());
  if (*to < *from || *to > max) return outside("maximum", *from);
  return Range{*from, *to};
}

template <std::size_t size>
std::expected<void, std::string> ReadSegment(std::string_view segment, int min, int max, std::bitset<size>& slots) {
  for (std::string_view item : Split(segment, ',')) {
    const auto parts = Split(item, '/');
    if (parts.size() > 2) return Failure("invalid segment step format - must be in the format */n or 1-30/n");
    int step = 1;
    if (parts.size() == 2) {
      const auto read = ReadNumber(parts[1]);
      if (!read) return Failure(read.error());
      step = *read;
      if (step < 1 || step > max)
        return Failure("invalid segment step boundary - the step must be between 1 and the " + std::to_string(max));
    }
    const auto range = ReadRange(parts[0], min, max, step);
    if (!range) return Failure(range.error());
    for (int slot = range->from; slot <= range->to; slot += step) slots.set(std::size_t(slot));
  }
  return {};
}

}  // namespace

std::string_view ExpandCronMacro(std::string_view expression) {
  for (const Macro& macro : kMacros)
    if (macro.name == expression) return macro.expression;
  return expression;
}

std::expected<CronSchedule, std::string> ParseCron(std::string_view expression) {
  const auto segments = Split(ExpandCronMacro(expression), ' ');
  if (segments.size() != 5)
    return Failure("invalid cron expression - must be a valid macro or to have exactly 5 space separated segments");
  CronSchedule schedule;
  if (auto read = ReadSegment(segments[0], 0, 59, schedule.minutes); !read) return Failure(read.error());
  if (auto read = ReadSegment(segments[1], 0, 23, schedule.hours); !read) return Failure(read.error());
  if (auto read = ReadSegment(segments[2], 1, 31, schedule.days); !read) return Failure(read.error());
  if (auto read = ReadSegment(segments[3], 1, 12, schedule.months); !read) return Failure(read.error());
  if (auto read = ReadSegment(segments[4], 0, 6, schedule.weekdays); !read) return Failure(read.error());
  return schedule;
}

bool CronSchedule::IsDue(Timestamp moment) const {
  using namespace std::chrono;
  const auto day = floor<std::chrono::days>(moment);
  const year_month_day date{day};
  const hh_mm_ss time{floor<std::chrono::minutes>(moment - day)};
  return minutes.test(std::size_t(time.minutes().count())) && hours.test(std::size_t(time.hours().count())) &&
         days.test(unsigned(date.day())) && months.test(unsigned(date.month())) &&
         weekdays.test(weekday{day}.c_encoding());
}

}  // namespace wombat

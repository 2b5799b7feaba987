#include "common/base/time.h"

#include <algorithm>

#include "common/base/time_layouts.h"

namespace wombat {
namespace {

void PutDigits(char* at, int count, int value) {
  for (int i = count - 1; i >= 0; --i, value /= 10) at[i] = static_cast<char>('0' + value % 10);
}

int DigitsAt(std::string_view text, std::size_t at, std::size_t count, bool& valid) {
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    valid = valid && text[i] >= '0' && text[i] <= '9';
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

// "YYYY-MM-DD HH:MM:SS.mmmZ": nearly every text that is ever read, so it has its own way.
std::optional<CivilTime> ParseCanonical(std::string_view text) {
  if (text.size() != 24 || text[4] != '-' || text[7] != '-' || text[10] != ' ' || text[13] != ':' || text[16] != ':' ||
      text[19] != '.' || text[23] != 'Z') {
    return std::nullopt;
  }
  bool valid = true;
  CivilTime civil;
  civil.year = DigitsAt(text, 0, 4, valid);
  civil.month = DigitsAt(text, 5, 2, valid);
  civil.day = DigitsAt(text, 8, 2, valid);
  civil.hour = DigitsAt(text, 11, 2, valid);
  civil.minute = DigitsAt(text, 14, 2, valid);
  civil.second = DigitsAt(text, 17, 2, valid);
  civil.nanosecond = DigitsAt(text, 20, 3, valid) * 1'000'000;
  if (!valid || !civil.IsPossible()) return std::nullopt;
  return civil;
}

Timestamp ToTimestamp(const CivilTime& civil) {
  using namespace std::chrono;
  const sys_days day = year(civil.year) / civil.month / civil.day;
  return time_point_cast<milliseconds>(day) + hours(civil.hour) + minutes(civil.minute) +
         seconds(civil.second - civil.zone_seconds) + milliseconds(civil.nanosecond / 1'000'000);
}

constexpr Timestamp kZeroInstant = std::chrono::sys_days(std::chrono::year(1) / 1 / 1);

}  // namespace

Timestamp Now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

std::int64_t UnixMicrosNow() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count();
}

std::string FormatTimestamp(Timestamp instant) {
  using namespace std::chrono;
  constexpr Timestamp kFirst = sys_days(year(0) / 1 / 1);
  constexpr Timestamp kLast = sys_days(year(10000) / 1 / 1) - milliseconds(1);
  instant = std::clamp(instant, kFirst, kLast);
  const sys_days day = floor<days>(instant);
  const year_month_day date(day);
  const hh_mm_ss clock(instant - day);
  std::string text = "0000-00-00 00:00:00.000Z";
  PutDigits(&text[0], 4, int(date.year()));
  PutDigits(&text[5], 2, int(unsigned(date.month())));
  PutDigits(&text[8], 2, int(unsigned(date.day())));
  PutDigits(&text[11], 2, int(clock.hours().count()));
  PutDigits(&text[14], 2, int(clock.minutes().count()));
  PutDigits(&text[17], 2, int(clock.seconds().count()));
  PutDigits(&text[20], 3, int(clock.subseconds().count()));
  return text;
}

std::string NowText() { return FormatTimestamp(Now()); }

std::optional<Timestamp> ParseTimestamp(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::optional<CivilTime> civil = ParseCanonical(text);
  if (!civil) civil = ParseByLayouts(text);
  if (!civil) return std::nullopt;
  const Timestamp instant = ToTimestamp(*civil);
  if (instant == kZeroInstant) return std::nullopt;
  return instant;
}

std::string NormalizeTimestamp(std::string_view text) {
  const std::optional<Timestamp> instant = ParseTimestamp(text);
  return instant ? FormatTimestamp(*instant) : std::string();
}

}  // namespace wombat

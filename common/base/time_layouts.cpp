#include "common/base/time_layouts.h"

#include <array>
#include <chrono>

#include "common/base/text.h"

namespace wombat {
namespace {

// Layout letters, everything else stands for itself; a blank stands for any run of blanks:
//   Y four digits   y two digits (69…99 are 19xx)   m d M S two digits   _ day, blank-padded or short   H one or two
//   digits b Jan   a Mon   A Monday   h hour 0…12   p AM/PM   z ±hhmm   Z "Z" or ±hhmm   x ±hh:mm   X "Z" or ±hh:mm n a
//   zone's name   L the letter Z   f (nothing) the seconds had exactly three fraction digits
// A fraction may follow the seconds of every layout.
constexpr std::string_view kLayouts[] = {
    "Y-m-d H:M:SfL",
    "Y-m-d",
    "Y-m-dTH:M:SX",
    "Y-m-dTH:M:S",
    "a, d b Y H:M:S z",
    "a, d b Y H:M:S n",
    "d b y H:M z",
    "d b y H:M n",
    "A, d-b-y H:M:S n",
    "Y-m-d H:M:S z n",
    "Y-m-dTH:M:Sz",
    "Y-m-d H:M:SZ",
    "Y-m-d H:M:S",
    "a b _ H:M:S Y",
    "a b _ H:M:S n Y",
    "a b d H:M:S z Y",
    "Y-m-d H:M:SX",
    "d b Y",
    "Y-m-d H:M:S x",
    "Y-m-d H:M:S z",
    "h:Mp",
    "b _ H:M:S",
};

constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kDays = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr std::array<std::string_view, 7> kLongDays = {"sunday",   "monday", "tuesday", "wednesday",
                                                       "thursday", "friday", "saturday"};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

class LayoutReader {
 public:
  explicit LayoutReader(std::string_view text) : rest_(text) {}

  std::optional<CivilTime> Read(std::string_view layout) {
    for (const char letter : layout) {
      if (!ReadPart(letter)) return std::nullopt;
    }
    if (!rest_.empty()) return std::nullopt;
    if (name_is_utc_) civil_.zone_seconds = 0;
    if (afternoon_ && civil_.hour < 12) civil_.hour += 12;
    if (forenoon_ && civil_.hour == 12) civil_.hour = 0;
    if (!civil_.IsPossible()) return std::nullopt;
    return civil_;
  }

 private:
  bool ReadPart(char letter) {
    switch (letter) {
      case 'Y':
        return Number(4, 4, civil_.year);
      case 'y':
        if (!Number(2, 2, civil_.year)) return false;
        civil_.year += civil_.year >= 69 ? 1900 : 2000;
        return true;
      case 'm':
        return Number(2, 2, civil_.month);
      case 'd':
        return Number(2, 2, civil_.day);
      case '_':
        if (rest_.starts_with(' ')) rest_.remove_prefix(1);
        return Number(1, 2, civil_.day);
      case 'H':
        return Number(1, 2, civil_.hour);
      case 'h':
        return Number(1, 2, civil_.hour) && civil_.hour <= 12;
      case 'M':
        return Number(2, 2, civil_.minute);
      case 'S':
        return Number(2, 2, civil_.second) && (Fraction(), true);
      case 'f':
        return fraction_digits_ == 3;
      case 'L':
        return Literal('Z');
      default:
        return ReadWord(letter);
    }
  }

  bool ReadWord(char letter) {
    int ignored = 0;
    switch (letter) {
      case 'b':
        return Name(kMonths, civil_.month);
      case 'a':
        return Name(kDays, ignored);
      case 'A':
        return Name(kLongDays, ignored);
      case 'p':
        afternoon_ = rest_.starts_with("PM");
        forenoon_ = rest_.starts_with("AM");
        if (!afternoon_ && !forenoon_) return false;
        rest_.remove_prefix(2);
        return true;
      case 'z':
        return Offset(false);
      case 'x':
        return Offset(true);
      case 'Z':
        return Literal('Z') || Offset(false);
      case 'X':
        return Literal('Z') || Offset(true);
      case 'n':
        return ZoneName();
      case ' ':
        if (!rest_.empty() && rest_[0] != ' ') return false;
        while (rest_.starts_with(' ')) rest_.remove_prefix(1);
        return true;
      default:
        return Literal(letter);
    }
  }

  bool Literal(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool Number(std::size_t least, std::size_t most, int& value) {
    std::size_t count = 0;
    value = 0;
    while (count < most && count < rest_.size() && IsDigit(rest_[count])) value = value * 10 + (rest_[count++] - '0');
    rest_.remove_prefix(count);
    return count >= least;
  }

  // Nine digits count, more are read and dropped.
  void Fraction() {
    if (rest_.size() < 2 || (rest_[0] != '.' && rest_[0] != ',') || !IsDigit(rest_[1])) return;
    rest_.remove_prefix(1);
    int scale = 100'000'000;
    for (; !rest_.empty() && IsDigit(rest_[0]); rest_.remove_prefix(1), ++fraction_digits_, scale /= 10) {
      civil_.nanosecond += (rest_[0] - '0') * scale;
    }
  }

  template <class Names>
  bool Name(const Names& names, int& position) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (!EqualsIgnoreCase(rest_.substr(0, names[i].size()), names[i])) continue;
      rest_.remove_prefix(names[i].size());
      position = int(i) + 1;
      return true;
    }
    return false;
  }

  bool Offset(bool colon) {
    if (!rest_.starts_with('+') && !rest_.starts_with('-')) return false;
    const int sign = rest_[0] == '-' ? -1 : 1;
    rest_.remove_prefix(1);
    int hours = 0;
    int minutes = 0;
    if (!Number(2, 2, hours) || (colon && !Literal(':')) || !Number(2, 2, minutes)) return false;
    if (hours > 24 || minutes > 60) return false;
    civil_.zone_seconds = sign * (hours * 60 + minutes) * 60;
    return true;
  }

  // The name says nothing about the offset, its clock time is taken as UTC. Only "UTC" itself overrules an offset
  // before it.
  bool ZoneName() {
    if (rest_.starts_with("UTC")) {
      name_is_utc_ = true;
      rest_.remove_prefix(3);
      return true;
    }
    const std::size_t length = ZoneNameLength();
    rest_.remove_prefix(length);
    return length != 0;
  }

  std::size_t ZoneNameLength() const {
    if (rest_.size() < 3) return 0;
    if (rest_.starts_with("ChST") || rest_.starts_with("MeST")) return 4;
    if (rest_.starts_with("GMT")) return 3 + HourOffsetLength(rest_.substr(3));
    if (rest_[0] == '+' || rest_[0] == '-') return HourOffsetLength(rest_);
    std::size_t letters = 0;
    while (letters < 6 && letters < rest_.size() && IsUpper(rest_[letters])) ++letters;
    if (letters == 3) return 3;
    if (letters == 4) return rest_[3] == 'T' || rest_.starts_with("WITA") ? 4 : 0;
    return letters == 5 && rest_[4] == 'T' ? 5 : 0;
  }

  // "+3", "-11": how zones without a name call themselves.
  static std::size_t HourOffsetLength(std::string_view text) {
    if (text.empty() || (text[0] != '+' && text[0] != '-')) return 0;
    std::size_t length = 1;
    int hours = 0;
    while (length < text.size() && IsDigit(text[length]) && hours <= 23) hours = hours * 10 + (text[length++] - '0');
    return length == 1 || hours > 23 ? 0 : length;
  }

  std::string_view rest_;
  CivilTime civil_;
  int fraction_digits_ = 0;
  bool afternoon_ = false;
  bool forenoon_ = false;
  bool name_is_utc_ = false;
};

}  // namespace

bool CivilTime::IsPossible() const {
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{unsigned(month)},
                                         std::chrono::day{unsigned(day)}};
  return month >= 1 && day >= 1 && date.ok() && hour < 24 && minute < 60 && second < 60;
}

std::optional<CivilTime> ParseByLayouts(std::string_view text) {
  for (const std::string_view layout : kLayouts) {
    if (const auto civil = LayoutReader(text).Read(layout)) return civil;
  }
  return std::nullopt;
}

}  // namespace wombat

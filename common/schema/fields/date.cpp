#include "common/schema/fields/date.h"

#include "common/base/text.h"
#include "common/base/time.h"
#include "common/schema/fields/cells.h"
#include "common/schema/fields/checks.h"

namespace wombat {
namespace {

// Both forms drop trailing zeros of the fraction, and the whole fraction when nothing is left of it.
struct Instant {
  std::string_view day, clock;

  explicit Instant(std::string_view text) : day(text.substr(0, 10)), clock(text.substr(11, text.size() - 12)) {
    while (clock.ends_with('0')) clock.remove_suffix(1);
    if (clock.ends_with('.')) clock.remove_suffix(1);
  }
  std::string Message() const { return std::string(day) + " " + std::string(clock) + " +0000 UTC"; }
  std::string Param() const { return std::string(day) + "T" + std::string(clock) + "Z"; }
};

// The message shows the instant in another form than the param, so it is filled in here.
FieldError WithInstant(FieldError (*make)(Json), std::string_view threshold) {
  const Instant instant(threshold);
  FieldError error = make(instant.Param());
  error.message = ReplaceAll(std::move(error.message), "{{.threshold}}", instant.Message());
  return error;
}

}  // namespace

Result<std::optional<FieldError>> DateField::Validate(const Json& value, ValidationContext&) const {
  const std::string_view instant = StringOf(value);
  if (instant.empty()) {
    if (required) return FieldError::Required();
    return std::nullopt;
  }
  // The texts sort as the instants do.
  if (!min.empty() && instant < min) return WithInstant(BelowMinimum, min);
  if (!max.empty() && instant > max) return WithInstant(AboveMaximum, max);
  return std::nullopt;
}

Field::Option DateField::LimitOption(std::string_view key, std::string DateField::*member) {
  Option option = MakeOption(key, member);
  option.read = [key, member](Field& field, const Json& json) -> Result<void> {
    std::string text;
    if (auto read = ReadOption(key, json, text); !read) return read;
    static_cast<DateField&>(field).*member = NormalizeTimestamp(text);
    return {};
  };
  return option;
}

const std::vector<Field::Option>& DateField::OptionTable() const {
  static const std::vector<Option> options = {
      LimitOption("max", &DateField::max),
      LimitOption("min", &DateField::min),
  };
  return options;
}

}  // namespace wombat

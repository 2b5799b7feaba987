#include "common/schema/fields/checks.h"

#include <algorithm>

#include "common/base/json_text.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxDomainBytes = 255;
constexpr std::size_t kMaxLabelBytes = 63;
constexpr int kMessageExponentLimit = 6;

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsAlphanumeric(char c) { return IsLetter(c) || (c >= '0' && c <= '9'); }

bool IsLabel(std::string_view label) {
  if (label.empty() || label.size() > kMaxLabelBytes) return false;
  if (!IsAlphanumeric(label.front()) || !IsAlphanumeric(label.back())) return false;
  return std::ranges::all_of(label, [](char c) { return IsAlphanumeric(c) || c == '-'; });
}

bool IsDomain(std::string_view text) {
  if (text.size() > kMaxDomainBytes) return false;
  const std::size_t last_dot = text.rfind('.');
  if (last_dot == std::string_view::npos) return false;
  const std::string_view top = text.substr(last_dot + 1);
  if (top.empty() || top.size() > kMaxLabelBytes || !std::ranges::all_of(top, IsLetter)) return false;
  std::string_view rest = text.substr(0, last_dot);
  while (true) {
    const std::size_t dot = rest.find('.');
    if (!IsLabel(rest.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    rest.remove_prefix(dot + 1);
  }
}

void CheckDomains(Json& errors, const std::string& path, const OptionalList& domains) {
  if (!domains) return;
  for (std::size_t i = 0; i < domains->size(); ++i) {
    const std::string& domain = (*domains)[i];
    if (domain.empty() || IsDomain(domain)) continue;
    AddFieldError(errors, path + "." + std::to_string(i), {"validation_is_domain", "must be a valid domain", {}});
  }
}

}  // namespace

std::string FloatText(double value) { return ShortestDecimal(value, kMessageExponentLimit); }

FieldError BelowMinimum(Json threshold) {
  return {"validation_min_greater_equal_than_required", "must be no less than {{.threshold}}",
          Json::Object({{"threshold", std::move(threshold)}})};
}

FieldError AboveMaximum(Json threshold) {
  return {"validation_max_less_equal_than_required", "must be no greater than {{.threshold}}",
          Json::Object({{"threshold", std::move(threshold)}})};
}

void CheckMinimum(Json& errors, const std::string& path, std::int64_t value, std::int64_t minimum) {
  if (value != 0 && value < minimum) AddFieldError(errors, path, BelowMinimum(minimum));
}

void CheckRange(Json& errors, const std::string& path, std::int64_t value, std::int64_t minimum, std::int64_t maximum) {
  if (value == 0) return;
  if (value < minimum) {
    AddFieldError(errors, path, BelowMinimum(minimum));
  } else if (value > maximum) {
    AddFieldError(errors, path, AboveMaximum(maximum));
  }
}

void CheckPattern(Json& errors, const std::string& path, const Pattern& pattern) {
  if (auto problem = pattern.Problem()) AddFieldError(errors, path, {"validation_invalid_regex", *problem, {}});
}

void CheckDomainOptions(Json& errors, const std::string& path, const OptionalList& only, const OptionalList& except) {
  if (only && !only->empty() && except && !except->empty()) {
    const FieldError must_be_blank = {"validation_empty", "must be blank", {}};
    AddFieldError(errors, path + ".exceptDomains", must_be_blank);
    AddFieldError(errors, path + ".onlyDomains", must_be_blank);
    return;
  }
  CheckDomains(errors, path + ".exceptDomains", except);
  CheckDomains(errors, path + ".onlyDomains", only);
}

bool IsDomainAllowed(std::string_view domain, const OptionalList& only, const OptionalList& except) {
  if (only && !only->empty() && !Contains(only, domain)) return false;
  return !Contains(except, domain);
}

bool Contains(const OptionalList& list, std::string_view item) {
  return list && std::ranges::find(*list, item) != list->end();
}

}  // namespace wombat

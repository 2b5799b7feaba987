// Rules that several types apply to their options and values. Behaviour: spec 02, "Common rule errors".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/json.h"
#include "common/base/result.h"
#include "common/schema/fields/options.h"
#include "common/schema/fields/pattern.h"

namespace wombat {

inline constexpr std::int64_t kMaxSafeInteger = 9007199254740991;  // 2^53 - 1

// A float inside a message: shortest digits, scientific from six digits before the point on.
std::string FloatText(double value);

FieldError BelowMinimum(Json threshold);
FieldError AboveMaximum(Json threshold);

// MIN and MAX on an integer option; zero means "not set" and passes.
void CheckMinimum(Json& errors, const std::string& path, std::int64_t value, std::int64_t minimum);
void CheckRange(Json& errors, const std::string& path, std::int64_t value, std::int64_t minimum, std::int64_t maximum);

// REGEX; an empty expression passes.
void CheckPattern(Json& errors, const std::string& path, const Pattern& pattern);

// onlyDomains and exceptDomains of email and url: not both, and each entry a domain.
void CheckDomainOptions(Json& errors, const std::string& path, const OptionalList& only, const OptionalList& except);
// Neither outside `only` nor inside `except`, compared byte by byte.
bool IsDomainAllowed(std::string_view domain, const OptionalList& only, const OptionalList& except);

bool Contains(const OptionalList& list, std::string_view item);

}  // namespace wombat

#include "common/schema/json_read.h"

#include <cmath>

#include "common/base/text.h"

namespace wombat {
namespace {

// Integers past 2^63 cannot be held by the reference's options either.
constexpr double kIntegerLimit = 9223372036854775808.0;

std::unexpected<Error> WrongType(std::string_view key, std::string_view expected) {
  return Fail("json: cannot decode member \"" + std::string(key) + "\" into " + std::string(expected),
              Error::Kind::kInvalidInput);
}

const Json* FindValue(const Json& object, std::string_view key) {
  const Json* member = FindMember(object, key);
  return member && !member->is_null() ? member : nullptr;
}

}  // namespace

const Json* FindMember(const Json& object, std::string_view key) {
  if (!object.is_object()) return nullptr;
  if (const Json* exact = object.Find(key)) return exact;
  const Json* found = nullptr;
  for (const auto& [name, value] : object.as_object()) {
    if (name.size() == key.size() && EqualsIgnoreCase(name, key)) found = &value;
  }
  return found;
}

Result<void> ReadText(const Json& object, std::string_view key, std::string& target) {
  const Json* value = FindValue(object, key);
  if (!value) return {};
  if (!value->is_string()) return WrongType(key, "a string");
  target = value->as_string();
  return {};
}

Result<void> ReadBool(const Json& object, std::string_view key, bool& target) {
  const Json* value = FindValue(object, key);
  if (!value) return {};
  if (!value->is_bool()) return WrongType(key, "a bool");
  target = value->as_bool();
  return {};
}

Result<void> ReadInteger(const Json& object, std::string_view key, std::int64_t& target) {
  const Json* value = FindValue(object, key);
  if (!value) return {};
  if (!value->is_number()) return WrongType(key, "an integer");
  const double number = value->as_number();
  if (value->is_written_as_fraction() || number != std::trunc(number) || number < -kIntegerLimit || number >= kIntegerLimit) {
    return WrongType(key, "an integer");
  }
  target = std::int64_t(number);
  return {};
}

Result<void> ReadRule(const Json& object, std::string_view key, std::optional<std::string>& target) {
  const Json* value = FindMember(object, key);
  if (!value) return {};
  if (value->is_null()) {
    target.reset();
    return {};
  }
  if (!value->is_string()) return WrongType(key, "a string");
  target = value->as_string();
  return {};
}

Result<const Json*> ReadObject(const Json& object, std::string_view key) {
  const Json* value = FindValue(object, key);
  if (value && !value->is_object()) return WrongType(key, "an object");
  return value;
}

void KeepUnknownMembers(const Json& object, const std::vector<std::string_view>& known, Json& kept) {
  if (!object.is_object()) return;
  for (const auto& [name, value] : object.as_object()) {
    bool is_known = false;
    for (std::string_view key : known) is_known = is_known || EqualsIgnoreCase(name, key);
    if (!is_known) kept[name] = value;
  }
}

}  // namespace wombat

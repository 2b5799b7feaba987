#include "common/auth/oauth2/typed_json.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "common/base/text.h"

namespace wombat {
namespace {

constexpr double kMaxExactInteger = 9007199254740992.0;  // 2^53

}  // namespace

const Json* FindAnyCase(const Json& object, std::string_view key) {
  if (const Json* exact = object.Find(key)) return exact;
  if (!object.is_object()) return nullptr;
  for (const auto& [name, value] : object.as_object())
    if (EqualsIgnoreCase(name, key)) return &value;
  return nullptr;
}

bool IsTrueish(const Json* value) {
  if (!value) return false;
  if (value->is_bool()) return value->as_bool();
  if (value->is_number()) return value->as_number() != 0;
  if (!value->is_string()) return false;
  constexpr std::string_view kYes[] = {"1", "t", "T", "true", "True", "TRUE"};
  return std::ranges::find(kYes, value->as_string()) != std::end(kYes);
}

TypedJson::TypedJson(const Json& root, bool& sound) : object_(&root), sound_(&sound) {
  if (root.is_null()) object_ = nullptr;
  else if (!root.is_object()) *sound_ = false;
}

const Json* TypedJson::Find(std::string_view path) const {
  const Json* at = object_;
  for (std::string_view key : Split(path, '.')) {
    if (!at) return nullptr;
    if (!at->is_object()) {
      *sound_ = false;
      return nullptr;
    }
    at = FindAnyCase(*at, key);
    if (at && at->is_null()) at = nullptr;
  }
  return at;
}

const Json* TypedJson::Any(std::string_view path) const { return Find(path); }

std::string TypedJson::Text(std::string_view path) const {
  const Json* value = Find(path);
  if (!value) return {};
  if (value->is_string()) return value->as_string();
  *sound_ = false;
  return {};
}

bool TypedJson::Bool(std::string_view path) const {
  const Json* value = Find(path);
  if (!value) return false;
  if (value->is_bool()) return value->as_bool();
  *sound_ = false;
  return false;
}

std::string TypedJson::Integer(std::string_view path) const {
  const Json* value = Find(path);
  if (!value) return "0";
  if (!value->is_number() || value->is_written_as_fraction() || std::fabs(value->as_number()) >= kMaxExactInteger) {
    *sound_ = false;
    return {};
  }
  return std::to_string(std::int64_t(value->as_number()));
}

TypedJson TypedJson::Object(std::string_view path) const {
  const Json* value = Find(path);
  return value ? TypedJson(*value, *sound_) : TypedJson(*sound_);
}

std::vector<TypedJson> TypedJson::List(std::string_view path) const {
  const Json* value = Find(path);
  if (!value) return {};
  if (!value->is_array()) {
    *sound_ = false;
    return {};
  }
  std::vector<TypedJson> objects;
  for (const Json& element : value->as_array()) objects.emplace_back(element, *sound_);
  return objects;
}

}  // namespace wombat

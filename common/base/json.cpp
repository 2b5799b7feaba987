#include "common/base/json.h"

#include <utility>

#include "common/base/json_text.h"

namespace wombat {

Json::Json(const std::vector<std::string>& value) : value_(Array(value.begin(), value.end())) {}

Json::Json(const Json& other) { *this = other; }

Json& Json::operator=(const Json& other) {
  if (this == &other) return *this;
  if (other.is_object()) {
    value_ = std::make_unique<Members>(other.as_object());
  } else if (other.is_array()) {
    value_ = Array(other.as_array());
  } else if (other.is_string()) {
    value_ = std::string(other.as_string());
  } else if (other.is_number()) {
    value_ = std::get<Number>(other.value_);
  } else if (other.is_bool()) {
    value_ = other.as_bool();
  } else {
    value_ = std::monostate{};
  }
  return *this;
}

Json Json::Object() {
  Json object;
  object.value_ = std::make_unique<Members>();
  return object;
}

Json Json::Object(std::initializer_list<std::pair<const std::string, Json>> members) {
  Json object;
  object.value_ = std::make_unique<Members>(members);
  return object;
}

const Json* Json::Find(std::string_view key) const {
  if (!is_object()) return nullptr;
  const auto member = as_object().find(key);
  return member == as_object().end() ? nullptr : &member->second;
}

Json* Json::Find(std::string_view key) { return const_cast<Json*>(std::as_const(*this).Find(key)); }

Json& Json::operator[](std::string_view key) {
  if (!is_object()) *this = Object();
  Members& members = as_object();
  const auto place = members.lower_bound(key);
  if (place != members.end() && place->first == key) return place->second;
  return members.emplace_hint(place, std::string(key), Json())->second;
}

void Json::Erase(std::string_view key) {
  if (!is_object()) return;
  const auto member = as_object().find(key);
  if (member != as_object().end()) as_object().erase(member);
}

std::string Json::StringOr(std::string_view key, std::string_view fallback) const {
  const Json* member = Find(key);
  return member && member->is_string() ? member->as_string() : std::string(fallback);
}

double Json::NumberOr(std::string_view key, double fallback) const {
  const Json* member = Find(key);
  return member && member->is_number() ? member->as_number() : fallback;
}

bool Json::BoolOr(std::string_view key, bool fallback) const {
  const Json* member = Find(key);
  return member && member->is_bool() ? member->as_bool() : fallback;
}

std::string Json::Dump() const {
  std::string text;
  AppendTo(text);
  return text;
}

// Recursive: the parser's depth limit holds for every value that a client can make.
void Json::AppendTo(std::string& out) const {
  if (is_string()) {
    AppendJsonString(out, as_string());
  } else if (is_number()) {
    AppendJsonNumber(out, as_number());
  } else if (is_object()) {
    char separator = '{';
    for (const auto& [key, member] : as_object()) {
      out.push_back(separator);
      separator = ',';
      AppendJsonString(out, key);
      out.push_back(':');
      member.AppendTo(out);
    }
    if (separator == '{') out.push_back('{');
    out.push_back('}');
  } else if (is_array()) {
    char separator = '[';
    for (const Json& item : as_array()) {
      out.push_back(separator);
      separator = ',';
      item.AppendTo(out);
    }
    if (separator == '[') out.push_back('[');
    out.push_back(']');
  } else {
    out += is_null() ? "null" : as_bool() ? "true" : "false";
  }
}

bool Json::operator==(const Json& other) const {
  if (is_object() && other.is_object()) return as_object() == other.as_object();
  return value_ == other.value_;
}

}  // namespace wombat

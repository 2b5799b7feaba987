#include "common/schema/fields/options.h"

#include <cmath>

namespace wombat {
namespace {

constexpr double kInt64Limit = 9223372036854775808.0;  // 2^63, the first value that no longer fits

std::unexpected<Error> WrongType(std::string_view key, const Json& json, std::string_view expected) {
  std::string_view got = "object";
  if (json.is_string()) got = "string";
  if (json.is_bool()) got = "bool";
  if (json.is_number()) got = "number";
  if (json.is_array()) got = "array";
  std::string message = "json: cannot unmarshal ";
  message.append(got).append(" into field option ").append(key).append(" of type ").append(expected);
  return Fail(std::move(message), Error::Kind::kInvalidInput);
}

}  // namespace

Result<void> ReadOption(std::string_view key, const Json& json, bool& target) {
  if (!json.is_bool()) return WrongType(key, json, "bool");
  target = json.as_bool();
  return {};
}

Result<void> ReadOption(std::string_view key, const Json& json, std::int64_t& target) {
  if (!json.is_number()) return WrongType(key, json, "int");
  const double number = json.as_number();
  if (json.is_written_as_fraction() || std::trunc(number) != number || number < -kInt64Limit || number >= kInt64Limit) {
    return WrongType(key, json, "int");
  }
  target = std::int64_t(number);
  return {};
}

Result<void> ReadOption(std::string_view key, const Json& json, std::optional<double>& target) {
  if (!json.is_number()) return WrongType(key, json, "float");
  target = json.as_number();
  return {};
}

Result<void> ReadOption(std::string_view key, const Json& json, std::string& target) {
  if (!json.is_string()) return WrongType(key, json, "string");
  target = json.as_string();
  return {};
}

Result<void> ReadOption(std::string_view key, const Json& json, OptionalList& target) {
  if (!json.is_array()) return WrongType(key, json, "list of strings");
  std::vector<std::string> list;
  list.reserve(json.as_array().size());
  for (const Json& item : json.as_array()) {
    if (!item.is_null() && !item.is_string()) return WrongType(key, item, "string");
    list.push_back(item.is_null() ? std::string() : item.as_string());
  }
  target = std::move(list);
  return {};
}

Result<void> ReadOption(std::string_view key, const Json& json, Pattern& target) {
  std::string text;
  if (auto read = ReadOption(key, json, text); !read) return read;
  if (text != target.text()) target = Pattern(std::move(text));
  return {};
}

}  // namespace wombat

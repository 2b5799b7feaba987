// A JSON value that is held in memory: bodies that arrive, settings, collection definitions, field values.
// Rows that leave are not built from it; they are streamed with the functions of json_text.h.
//
// Objects keep their keys in ascending byte order, which is also the order in which the API prints maps (spec 01 §1.1).
// Numbers are doubles, as on the wire. Value semantics; not safe for concurrent mutation.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace wombat {

class Json {
 public:
  using Array = std::vector<Json>;
  using Members = std::map<std::string, Json, std::less<>>;

  Json() = default;                                  // null
  Json(std::nullptr_t) {}                            // NOLINT(google-explicit-constructor): reads as a literal
  Json(bool value) : value_(value) {}                // NOLINT(google-explicit-constructor)
  Json(double value) : value_(Number{value}) {}      // NOLINT(google-explicit-constructor)
  Json(int value) : value_(Number{double(value)}) {}         // NOLINT(google-explicit-constructor)
  Json(std::int64_t value) : value_(Number{double(value)}) {}   // NOLINT(google-explicit-constructor)
  Json(std::size_t value) : value_(Number{double(value)}) {}    // NOLINT(google-explicit-constructor)
  Json(std::string value) : value_(std::move(value)) {}          // NOLINT(google-explicit-constructor)
  Json(std::string_view value) : value_(std::string(value)) {}   // NOLINT(google-explicit-constructor)
  Json(const char* value) : value_(std::string(value)) {}        // NOLINT(google-explicit-constructor)
  Json(Array value) : value_(std::move(value)) {}                // NOLINT(google-explicit-constructor)
  Json(const std::vector<std::string>& value);                   // NOLINT(google-explicit-constructor)
  Json(const Json& other);
  Json(Json&&) noexcept = default;
  Json& operator=(const Json& other);
  Json& operator=(Json&&) noexcept = default;
  ~Json() = default;

  static Json Null() { return {}; }
  static Json Object();
  static Json Object(std::initializer_list<std::pair<const std::string, Json>> members);
  static Json List() { return Json(Array{}); }

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  bool is_bool() const { return std::holds_alternative<bool>(value_); }
  bool is_number() const { return std::holds_alternative<Number>(value_); }
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_object() const { return std::holds_alternative<std::unique_ptr<Members>>(value_); }

  // Each needs the matching is_…(); calling it on another kind is a broken invariant.
  bool as_bool() const { return std::get<bool>(value_); }
  double as_number() const { return std::get<Number>(value_).value; }
  // A number whose text had a point or an exponent ("255.0", "1e2"): where an integer is asked for, that is an error.
  bool is_written_as_fraction() const { return is_number() && std::get<Number>(value_).fraction; }
  static Json FractionText(double value) {
    Json json(value);
    std::get<Number>(json.value_).fraction = true;
    return json;
  }
  const std::string& as_string() const { return std::get<std::string>(value_); }
  std::string& as_string() { return std::get<std::string>(value_); }
  const Array& as_array() const { return std::get<Array>(value_); }
  Array& as_array() { return std::get<Array>(value_); }
  const Members& as_object() const { return *std::get<std::unique_ptr<Members>>(value_); }
  Members& as_object() { return *std::get<std::unique_ptr<Members>>(value_); }

  // Member of an object; null pointer when this is no object or has no such key.
  const Json* Find(std::string_view key) const;
  Json* Find(std::string_view key);
  bool Has(std::string_view key) const { return Find(key) != nullptr; }
  // Member, created as null when absent. A value that is no object becomes an empty one first.
  Json& operator[](std::string_view key);
  void Erase(std::string_view key);
  void Append(Json value) { as_array().push_back(std::move(value)); }

  // Lenient readers with a default, for settings and options whose shape was already checked.
  std::string StringOr(std::string_view key, std::string_view fallback = {}) const;
  double NumberOr(std::string_view key, double fallback = 0) const;
  bool BoolOr(std::string_view key, bool fallback = false) const;

  // Compact text with the reference's escaping (json_text.h).
  std::string Dump() const;
  void AppendTo(std::string& out) const;

  bool operator==(const Json& other) const;

 private:
  struct Number {
    double value = 0;
    bool fraction = false;
    bool operator==(const Number& other) const { return value == other.value; }
  };
  std::variant<std::monostate, bool, Number, std::string, Array, std::unique_ptr<Members>> value_;
};

struct JsonParseError {
  std::size_t offset = 0;   // bytes from the start of the text
  std::string message;
};

// Nesting past this is refused: what is deeper is an attack, not data.
inline constexpr int kMaxJsonDepth = 1000;

// Parses the first JSON value of `text` the way the reference decodes a body: duplicate keys: the last wins; invalid UTF-8
// and lone surrogates become U+FFFD; a number beyond the double range, a raw control character in a string, NaN and a BOM
// are errors. `trailing_is_error` false ignores whatever follows the first value (request bodies).
// The parser is iterative: nesting costs heap, never stack.
std::expected<Json, JsonParseError> ParseJson(std::string_view text, bool trailing_is_error = true);

// True when `text` is exactly one JSON value (surrounding blanks allowed). Allocates nothing but its nesting stack.
bool IsValidJson(std::string_view text);

}  // namespace wombat

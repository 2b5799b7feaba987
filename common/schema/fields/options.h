// How one option of a field type is read from and written to JSON. Private to the field types.
// Behaviour: spec 06 §8 (null keeps the default, wrong JSON types fail, integers are strict).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/json.h"
#include "common/base/result.h"
#include "common/schema/field.h"
#include "common/schema/fields/pattern.h"

namespace wombat {

// A list option tells null and [] apart because the stored JSON does.
using OptionalList = std::optional<std::vector<std::string>>;

Result<void> ReadOption(std::string_view key, const Json& json, bool& target);
Result<void> ReadOption(std::string_view key, const Json& json, std::int64_t& target);
Result<void> ReadOption(std::string_view key, const Json& json, std::optional<double>& target);
Result<void> ReadOption(std::string_view key, const Json& json, std::string& target);
Result<void> ReadOption(std::string_view key, const Json& json, OptionalList& target);
Result<void> ReadOption(std::string_view key, const Json& json, Pattern& target);

inline Json WriteOption(bool value) { return value; }
inline Json WriteOption(std::int64_t value) { return value; }
inline Json WriteOption(const std::optional<double>& value) { return value ? Json(*value) : Json(); }
inline Json WriteOption(const std::string& value) { return value; }
inline Json WriteOption(const OptionalList& value) { return value ? Json(*value) : Json(); }
inline Json WriteOption(const Pattern& value) { return value.text(); }

// Gives a type its Clone and a short way to declare options: MakeOption("max", &TextField::max).
template <class Derived, class Base = Field>
class TypedField : public Base {
 public:
  std::unique_ptr<Field> Clone() const override {
    return std::make_unique<Derived>(static_cast<const Derived&>(*this));
  }

 protected:
  template <class Owner, class T>
  static Field::Option MakeOption(std::string_view key, T Owner::*member) {
    return {key, [member](const Field& field) { return WriteOption(static_cast<const Derived&>(field).*member); },
            [key, member](Field& field, const Json& json) {
              return ReadOption(key, json, static_cast<Derived&>(field).*member);
            }};
  }
};

}  // namespace wombat

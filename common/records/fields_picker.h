// The `fields` query parameter: keeps the named keys of a JSON answer.                           Behaviour: spec 01 §1.15.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace wombat {

// `json` is the whole serialised answer; the picked one is returned. nullopt: an unknown modifier, bad arguments or
// unbalanced quotes (the reference then answers 200 with an empty body).
std::optional<std::string> PickFields(std::string_view json, std::string_view fields);

// The same one record at a time, so that a list need not be held as a whole.
class FieldsPicker {
 public:
  // nullopt: as above.
  static std::optional<FieldsPicker> Read(std::string_view fields);
  FieldsPicker(FieldsPicker&&) noexcept;
  FieldsPicker& operator=(FieldsPicker&&) noexcept;
  ~FieldsPicker();

  // Appends what is picked from one record's JSON. False: a nested array mixes objects with other values.
  bool Append(std::string& out, std::string_view json) const;

 private:
  struct Parts;
  explicit FieldsPicker(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace wombat

// The `fields` query parameter: keeps the named keys of a JSON answer.                           Behaviour: spec 01 §1.15.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wombat {

// `json` is the whole serialised answer; the picked one is returned. nullopt: an unknown modifier, bad arguments or
// unbalanced quotes (the reference then answers 200 with an empty body).
std::optional<std::string> PickFields(std::string_view json, std::string_view fields);

}  // namespace wombat

// Which keys the settings document has, in the order in which it is written, and of which JSON type each must be.
// Behaviour: spec 06 §9, 05 §4.1.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "common/base/json.h"
#include "common/base/result.h"

namespace wombat::settings {

enum class Kind { kBool, kInteger, kText, kTexts, kObject, kObjects };

struct Member {
  std::string_view key;
  Kind kind;
  std::span<const Member> members = {};  // of kObject, and of each element of kObjects
  bool omitted_when_empty = false;       // secrets: an empty one is not written
};

// The root object's members.
std::span<const Member> Shape();

// The document of a directory whose settings nobody has changed.
Json DefaultDocument();

// Decodes `text` onto `document`: absent keys and nulls keep what is there (a null list becomes empty), keys match in
// any letter case, unknown ones are kept. Error: no JSON object, or a value of the wrong type; `document` is then
// unspecified.
Result<void> Overlay(Json& document, std::string_view text);

// Known keys in the documented order, then unknown ones.
std::string Write(const Json& document);

}  // namespace wombat::settings

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
  bool omitted_when_empty = false;       // an empty one is not written
  bool secret = false;                   // not shown to anybody
};

// The root object's members.
std::span<const Member> Shape();

// The document of a directory whose settings nobody has changed.
Json DefaultDocument();

// What becomes of keys that this version does not know: a stored document keeps them, a request cannot add any.
enum class UnknownKeys { kKeep, kIgnore };

// Decodes `given` onto `document`: absent keys and nulls keep what is there (a null list becomes empty), keys match in any
// letter case. Error: no JSON object, or a value of the wrong type; `document` is then unspecified.
Result<void> Overlay(Json& document, const Json& given, UnknownKeys unknown);

// The document that a form with dotted names ("meta.appName") stands for; texts become what the named member is. Error: a
// text that cannot become that.
Result<Json> FromForm(const Json& form);

// Known keys in the documented order, then unknown ones.
std::string Write(const Json& document);
// The same for the API: without secrets and without unknown keys.
std::string WritePublic(const Json& document);

}  // namespace wombat::settings

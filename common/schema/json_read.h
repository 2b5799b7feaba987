// Strict typed reading of JSON members, shared by what decodes stored options and request bodies.
// Behaviour: spec 02 §1.3, 06 §4.
//
// Keys match in any letter case, the exact one first. A missing member or null leaves the target alone; a wrong JSON
// type is an error that fails the whole document.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/json.h"
#include "common/base/result.h"

namespace wombat {

// Null when `object` has no such member; a member that is JSON null is returned.
const Json* FindMember(const Json& object, std::string_view key);

Result<void> ReadText(const Json& object, std::string_view key, std::string& target);
Result<void> ReadBool(const Json& object, std::string_view key, bool& target);
Result<void> ReadInteger(const Json& object, std::string_view key, std::int64_t& target);
// null is a value of its own here: superusers only.
Result<void> ReadRule(const Json& object, std::string_view key, std::optional<std::string>& target);
// The member as an object; nullptr when missing or null.
Result<const Json*> ReadObject(const Json& object, std::string_view key);

// Adds to `kept` the members of `object` whose keys are none of `known` (in any letter case).
void KeepUnknownMembers(const Json& object, const std::vector<std::string_view>& known, Json& kept);

}  // namespace wombat

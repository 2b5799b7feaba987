// The options of auth collections as JSON: the part of a collection's text behind the common keys.
// Behaviour: spec 02 §1.1, 06 §7.3.
#pragma once

#include <string>

#include "common/base/json.h"
#include "common/base/result.h"
#include "common/schema/collection.h"

namespace wombat {

// kApi leaves out token and client secrets and shows missing providers as []; kStored is what `_collections.options`
// holds.
enum class OptionsForm { kApi, kStored };

// Appends `"authRule":…,…` without braces and without a leading comma.
void AppendAuthOptions(std::string& out, const AuthOptions& options, OptionsForm form);

// Decodes the members of `object` onto `options`: nested objects merge, missing keys stay. Other members are ignored.
// Providers are matched with those already there by name; an element that names none, by position.
Result<void> DecodeAuthOptions(AuthOptions& options, const Json& object);

// Remembers members that this version does not know (stored options only, never a request's).
void KeepUnknownAuthOptions(AuthOptions& options, const Json& object);

}  // namespace wombat

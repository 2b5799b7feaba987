// How a list of fields comes together: ids, replacement of repeated entries, system fields.
// Behaviour: spec 02 §1.4, §1.5.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/json.h"
#include "common/schema/collection.h"
#include "common/schema/field.h"

namespace wombat {

using FieldList = std::vector<std::unique_ptr<Field>>;

// Adds one entry: without an id it replaces the entry of its name (taking over that id) or gets a default id; with an
// id it replaces the entry of that id; else it is appended.
void AddToFieldList(FieldList& list, std::unique_ptr<Field> field);

// The same list built anew, entry by entry.
void RebuildFieldList(FieldList& list);

// A field from option texts that are ours and therefore valid.
std::unique_ptr<Field> MakeKnownField(const Json& object);

// Makes sure of the id field and, on auth collections, of the five auth fields with their forced flags. Nothing on
// views.
void EnsureSystemFields(Collection& collection);

// Appends the UNIQUE indexes on tokenKey and email that an auth collection must have. `suffix` ends their names.
void EnsureAuthIndexes(Collection& collection, std::string_view suffix);

}  // namespace wombat

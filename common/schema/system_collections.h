// The collections of a new data directory.                                    Behaviour: spec 02 §1.8, 06 §7.1–§7.3.
#pragma once

#include <vector>

#include "common/schema/collection.h"

namespace wombat {

// The five system collections and `users`, in the order in which they are to be saved (their rowid order), complete:
// ids, fields, indexes, rules, options with fresh secrets, timestamps of now.
std::vector<Collection> FreshCollections();

}  // namespace wombat

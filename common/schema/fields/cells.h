// Reading cells leniently (spec 06 §11): whatever their storage class, they are first taken as text.
#pragma once

#include <string>
#include <string_view>

#include "common/base/json.h"
#include "common/db/sqlite.h"

namespace wombat {

// NULL is "", a real is printed as the reference's driver prints it (1.5e+06). The view lives as long as the cell's
// value and `scratch`, which is only touched for reals.
std::string_view CellText(const Cell& cell, std::string& scratch);

// The string of a value in normal form, "" for any other kind.
std::string_view StringOf(const Json& value);

}  // namespace wombat

#include "common/schema/fields/cells.h"

#include <cmath>

#include "common/base/json_text.h"

namespace wombat {
namespace {

constexpr int kDriverExponentLimit = 6;

}  // namespace

std::string_view CellText(const Cell& cell, std::string& scratch) {
  if (cell.type() != SQLITE_FLOAT) return cell.text();
  const double real = cell.real();
  if (std::isinf(real)) return real > 0 ? "+Inf" : "-Inf";
  scratch = ShortestDecimal(real, kDriverExponentLimit);
  return scratch;
}

std::string_view StringOf(const Json& value) {
  return value.is_string() ? std::string_view(value.as_string()) : std::string_view();
}

}  // namespace wombat

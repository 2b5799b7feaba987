#include "common/filter/placeholders.h"

#include "common/base/json_text.h"
#include "common/filter/quote.h"

namespace wombat {
namespace {

std::string FilterText(const Json& value) {
  if (value.is_null()) return "null";
  if (value.is_bool()) return value.as_bool() ? "true" : "false";
  if (value.is_number()) return PlainDecimal(value.as_number());
  if (value.is_string() && !value.as_string().empty()) return filter::Quote(value.as_string());
  return filter::Quote(value.Dump());
}

}  // namespace

std::string FillPlaceholders(std::string_view filter, const Json& params) {
  std::string out;
  out.reserve(filter.size());
  while (!filter.empty()) {
    const auto start = filter.find("{:");
    const auto end = start == filter.npos ? filter.npos : filter.find('}', start);
    if (end == filter.npos) break;
    const Json* value = params.Find(filter.substr(start + 2, end - start - 2));
    if (value) {
      out += filter.substr(0, start);
      out += FilterText(*value);
      filter.remove_prefix(end + 1);
    } else {
      out += filter.substr(0, start + 2);
      filter.remove_prefix(start + 2);
    }
  }
  out += filter;
  return out;
}

}  // namespace wombat

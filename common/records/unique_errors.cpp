#include "common/base/text.h"
#include "common/records/validate.h"

namespace wombat {

Json UniqueErrors(const Collection& collection, const std::string& sqlite_message) {
  constexpr std::string_view kPrefix = "unique constraint failed:";
  Json errors = Json::Object();
  const std::string lower = AsciiLower(sqlite_message);
  const std::size_t start = lower.find(kPrefix);
  if (start == lower.npos) return errors;
  const std::string table = AsciiLower(collection.name) + ".";
  for (std::string_view column : Split(std::string_view(lower).substr(start + kPrefix.size()), ',')) {
    column = TrimBlanks(column);
    if (!column.starts_with(table)) continue;
    column.remove_prefix(table.size());
    for (const auto& field : collection.fields) {
      if (!EqualsIgnoreCase(field->name, column)) continue;
      AddFieldError(errors, field->name, {"validation_not_unique", "Value must be unique", {}});
    }
  }
  return errors;
}

}  // namespace wombat

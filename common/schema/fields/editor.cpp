#include "common/schema/fields/editor.h"

#include "common/schema/fields/cells.h"
#include "common/schema/fields/checks.h"

namespace wombat {

Result<std::optional<FieldError>> EditorField::Validate(const Json& value, ValidationContext&) const {
  const std::string_view text = StringOf(value);
  if (text.empty() && required) return FieldError::Required();
  const std::int64_t limit = max_size > 0 ? max_size : kDefaultMaxSize;
  if (std::int64_t(text.size()) > limit) {
    return FieldError{"validation_content_size_limit", "The maximum allowed content size is {{.maxSize}} bytes",
                      Json::Object({{"maxSize", limit}})};
  }
  return std::nullopt;
}

void EditorField::ValidateSettings(const SettingsContext&, const std::string& path, Json& errors) const {
  CheckRange(errors, path + ".maxSize", max_size, 0, kMaxSafeInteger);
}

const std::vector<Field::Option>& EditorField::OptionTable() const {
  static const std::vector<Option> options = {
      MakeOption("convertURLs", &EditorField::convert_urls),
      MakeOption("maxSize", &EditorField::max_size),
  };
  return options;
}

}  // namespace wombat

#include "common/schema/fields/file.h"

#include <algorithm>

#include "common/records/record.h"
#include "common/schema/fields/checks.h"
#include "common/storage/mime_sniff.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxShownNameBytes = 250, kMaxShownOriginalBytes = 300, kMaxNameBytes = 150;

// "<width>x<height>" with an optional t, b or f; both digits groups are needed.
bool IsThumbSize(std::string_view text) {
  const auto digits = [&text] {
    std::size_t count = 0;
    while (count < text.size() && text[count] >= '0' && text[count] <= '9') ++count;
    text.remove_prefix(count);
    return count > 0;
  };
  if (!digits() || !text.starts_with('x')) return false;
  text.remove_prefix(1);
  if (!digits()) return false;
  return text.empty() || text == "t" || text == "b" || text == "f";
}

bool IsSizeless(std::string_view text) { return text == "0x0" || text == "0x0t" || text == "0x0b" || text == "0x0f"; }

}  // namespace

// Unlike other lists, an element that is itself a list counts when it holds exactly one name. Its nesting is bounded by
// the JSON parser's own limit.
std::vector<std::string> FileField::Items(const Json& value) const {
  if (!value.is_array()) return CastToList(value);
  Json::Array names;
  for (const Json& element : value.as_array()) {
    std::vector<std::string> items = Items(element);
    if (items.size() == 1) names.emplace_back(std::move(items.front()));
  }
  return CastToList(Json(std::move(names)));
}

Result<std::optional<FieldError>> FileField::Validate(const Json& value, ValidationContext& context) const {
  const std::vector<std::string> names = Items(value);
  if (names.empty()) {
    if (required) return FieldError::Required();
    return std::nullopt;
  }
  const std::vector<std::string> stored = Items(context.record().Original(name));
  Json::Array unknown;
  std::string shown;
  for (const std::string& file : names) {
    if (std::ranges::find(stored, file) != stored.end() || context.record().FindUpload(file)) continue;
    unknown.emplace_back(std::string_view(file).substr(0, kMaxShownNameBytes));
    shown.append(shown.empty() ? "" : " ").append(unknown.back().as_string());
  }
  if (!unknown.empty()) {
    return FieldError{"validation_invalid_file", "Invalid new files: [" + shown + "].",
                      Json::Object({{"invalidFiles", Json(std::move(unknown))}})};
  }
  if (std::int64_t(names.size()) > limit()) {
    return FieldError{"validation_too_many_files", "The maximum allowed files is {{.maxSelect}}",
                      Json::Object({{"maxSelect", limit()}})};
  }
  for (const std::string& file : names)
    if (const RecordUpload* upload = context.record().FindUpload(file))
      if (auto error = CheckUpload(*upload)) return error;
  return std::nullopt;
}

std::optional<FieldError> FileField::CheckUpload(const RecordUpload& upload) const {
  if (upload.name.size() > kMaxNameBytes) {
    return FieldError{"validation_length_out_of_range", "the length must be between {{.min}} and {{.max}}",
                      Json::Object({{"min", 1}, {"max", kMaxNameBytes}})};
  }
  const std::uint64_t most = std::uint64_t(max_size > 0 ? max_size : kDefaultMaxSize);
  if (upload.size > most) {
    std::string shown = upload.original_name.substr(0, kMaxShownOriginalBytes);
    if (shown.size() < upload.original_name.size()) shown += "...";
    return FieldError{"validation_file_size_limit",
                      "Failed to upload {{.file}} - the maximum allowed file size is {{.maxSize}} bytes.",
                      Json::Object({{"file", std::move(shown)}, {"maxSize", std::int64_t(most)}})};
  }
  if (!mime_types || mime_types->empty()) return std::nullopt;
  std::string listed;
  for (const std::string& allowed : *mime_types) {
    if (IsMimeType(upload.content_type, allowed)) return std::nullopt;
    listed.append(listed.empty() ? "" : ", ").append(allowed);
  }
  return FieldError{"validation_invalid_mime_type", "\"" + upload.name + "\" mime type must be one of: " + listed + ".", {}};
}

void FileField::ValidateSettings(const SettingsContext&, const std::string& path, Json& errors) const {
  CheckRange(errors, path + ".maxSelect", max_select, 0, kMaxSafeInteger);
  CheckRange(errors, path + ".maxSize", max_size, 0, kMaxSafeInteger);
  if (!thumbs) return;
  for (std::size_t i = 0; i < thumbs->size(); ++i) {
    const std::string& size = (*thumbs)[i];
    const std::string at = path + ".thumbs." + std::to_string(i);
    if (IsSizeless(size)) {
      AddFieldError(errors, at, {"validation_not_in_invalid", "must not be in list", {}});
    } else if (!size.empty() && !IsThumbSize(size)) {
      AddFieldError(errors, at, {"validation_match_invalid", "must be in a valid format", {}});
    }
  }
}

const std::vector<Field::Option>& FileField::OptionTable() const {
  static const std::vector<Option> options = {
      MakeOption("maxSelect", &ListField::max_select), MakeOption("maxSize", &FileField::max_size),
      MakeOption("mimeTypes", &FileField::mime_types), MakeOption("protected", &FileField::is_protected),
      MakeOption("thumbs", &FileField::thumbs),
  };
  return options;
}

}  // namespace wombat

// Names of files that are kept in the storage; the column holds only them.    Behaviour: spec 02 §5.15.
#pragma once

#include "common/schema/fields/list_field.h"
#include "common/schema/fields/options.h"

namespace wombat {

struct RecordUpload;

class FileField final : public TypedField<FileField, ListField> {
 public:
  std::int64_t max_size = 0;  // bytes of one file; 0: kDefaultMaxSize
  OptionalList mime_types;
  OptionalList thumbs;
  bool is_protected = false;
  static constexpr std::int64_t kDefaultMaxSize = 5 << 20;

  std::string_view type() const override { return "file"; }
  Result<std::optional<FieldError>> Validate(const Json& value, ValidationContext& context) const override;
  void ValidateSettings(const SettingsContext& context, const std::string& path, Json& errors) const override;

 protected:
  std::vector<std::string> Items(const Json& value) const override;
  const std::vector<Option>& OptionTable() const override;

 private:
  std::optional<FieldError> CheckUpload(const RecordUpload& upload) const;
};

}  // namespace wombat

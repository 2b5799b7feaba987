#include "common/schema/fields/email.h"

#include "common/schema/fields/cells.h"
#include "common/schema/fields/checks.h"
#include "common/schema/fields/formats.h"

namespace wombat {

Result<std::optional<FieldError>> EmailField::Validate(const Json& value, ValidationContext&) const {
  const std::string_view address = StringOf(value);
  if (address.empty()) {
    if (required) return FieldError::Required();
    return std::nullopt;
  }
  if (!IsEmailAddress(address)) return FieldError{"validation_is_email", "must be a valid email address", {}};
  if (!IsDomainAllowed(address.substr(address.rfind('@') + 1), only_domains, except_domains)) {
    return FieldError{"validation_email_domain_not_allowed", "Email domain is not allowed", {}};
  }
  return std::nullopt;
}

void EmailField::ValidateSettings(const SettingsContext&, const std::string& path, Json& errors) const {
  CheckDomainOptions(errors, path, only_domains, except_domains);
}

const std::vector<Field::Option>& EmailField::OptionTable() const {
  static const std::vector<Option> options = {
      MakeOption("exceptDomains", &EmailField::except_domains),
      MakeOption("onlyDomains", &EmailField::only_domains),
  };
  return options;
}

}  // namespace wombat

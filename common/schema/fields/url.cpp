#include "common/schema/fields/url.h"

#include "common/schema/fields/cells.h"
#include "common/schema/fields/checks.h"
#include "common/schema/fields/formats.h"

namespace wombat {

Result<std::optional<FieldError>> UrlField::Validate(const Json& value, ValidationContext&) const {
  const std::string_view address = StringOf(value);
  if (address.empty()) {
    if (required) return FieldError::Required();
    return std::nullopt;
  }
  const std::optional<std::string> host = WebAddressHost(address);
  if (!host) return FieldError{"validation_invalid_url", "Must be a valid url", {}};
  if (!IsDomainAllowed(*host, only_domains, except_domains)) {
    return FieldError{"validation_url_domain_not_allowed", "Url domain is not allowed", {}};
  }
  return std::nullopt;
}

void UrlField::ValidateSettings(const SettingsContext&, const std::string& path, Json& errors) const {
  CheckDomainOptions(errors, path, only_domains, except_domains);
}

const std::vector<Field::Option>& UrlField::OptionTable() const {
  static const std::vector<Option> options = {
      MakeOption("exceptDomains", &UrlField::except_domains),
      MakeOption("onlyDomains", &UrlField::only_domains),
  };
  return options;
}

}  // namespace wombat

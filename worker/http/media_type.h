// Content-Type and Content-Disposition values.                                             Behaviour: spec 01 §1.6.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wombat {

struct MediaType {
  std::string type;  // lower-case: "multipart/form-data", "form-data"
  std::vector<std::pair<std::string, std::string>>
      parameters;  // names lower-case; "name*" (RFC 2231) is decoded to "name"

  // Null when absent.
  const std::string* Find(std::string_view name) const;
};

// nullopt for a malformed value: not a token, a parameter without value, one name with two values.
std::optional<MediaType> ParseMediaType(std::string_view value);

}  // namespace wombat

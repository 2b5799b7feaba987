// The sidecar that describes an object of the local storage.                              Behaviour: spec 05 §2.5, 06 §14.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace wombat {

// Base64 of the MD5 of the content.
std::string ContentMd5(std::string_view content);
// The same of the first `size` bytes of a file. Error: it cannot be read, or is shorter.
Result<std::string> FileMd5(int file, std::uint64_t size);

// One line of JSON with its line end. `original_name` is cut to 255 bytes; "" gives no metadata.
std::string AttributesText(std::string_view content_type, std::string_view original_name, std::string_view md5);

// The content type in a sidecar's text; an error for what is no JSON object.
Result<std::string> ContentTypeOf(std::string_view attributes);

}  // namespace wombat

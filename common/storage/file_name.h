// The name under which an uploaded file is stored.                                        Behaviour: spec 05 §2.4, 02 §5.15.
#pragma once

#include <string>
#include <string_view>

namespace wombat {

// "My Photo (1).PNG" -> "my_photo_1_<10 random>.PNG". A name without a usable extension gets the one of its content.
std::string StoredFileName(std::string_view client_name, std::string_view content);

}  // namespace wombat

// Content types of files that are served by their name.                                    Behaviour: spec 05 §8.6.
#pragma once

#include <string>
#include <string_view>

namespace wombat {

// How much of a file SniffContentType looks at.
inline constexpr std::size_t kSniffBytes = 512;

// By the extension of `path`, as written and then in lower case: first the types every server must agree on, then the
// system's table (shared-mime-info, else /etc/mime.types), which is read at the first call. Text types say
// "; charset=utf-8". "" when nothing knows the extension. May block at the first call; any thread.
std::string TypeByExtension(std::string_view path);

// By the first bytes of the content (WHATWG MIME Sniffing); "application/octet-stream" at the end.
std::string_view SniffContentType(std::string_view start);

}  // namespace wombat

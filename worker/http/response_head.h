// The head of an answer as bytes.                                              Behaviour: spec 01 §1.1, §1.2, §1.9.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/app/http.h"

namespace wombat {

struct HeadOptions {
  bool http10 = false;
  bool keep_alive = true;                       // false: "Connection: close"
  std::optional<std::uint64_t> content_length;  // nullopt: no such header (204, 304, an error answer to HEAD)
  bool chunked = false;
};

// Appends status line, headers and the empty line. Line breaks inside header values become blanks.
void AppendResponseHead(std::string& out, const HttpResponse& response, const HeadOptions& options);

// "OK", "Not Found", …; "" for a status without a registered phrase.
std::string_view ReasonPhrase(int status);

// Now, as in the Date header. Formatted once a second; one thread only.
std::string_view HttpDateNow();

}  // namespace wombat

// Splits a multipart/form-data body (RFC 2046, RFC 7578) that is in memory as a whole.     Behaviour: spec 01 §1.6.
// Nothing is copied: parts are views into the body.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace wombat {

inline constexpr std::size_t kMaxParts = 1000;

struct MultipartPart {
  std::string name;       // "" when the part has no usable Content-Disposition: callers skip it
  std::string file_name;  // last path segment; "" for a value
  std::string content_type;
  std::string_view content;  // still encoded when quoted_printable
  bool quoted_printable = false;
};

// The error is for the log. Errors: no boundary line, a part that never ends, a malformed header, more than kMaxParts.
std::expected<std::vector<MultipartPart>, std::string> ParseMultipart(std::string_view body, std::string_view boundary);

// False when `text` is not quoted-printable.
bool DecodeQuotedPrintable(std::string_view text, std::string& decoded);

}  // namespace wombat

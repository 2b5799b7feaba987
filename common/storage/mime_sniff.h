// What kind of content a file has, told from its first bytes.                             Behaviour: spec 05 §2.5, 02 §5.15.
// Neither its name nor what a client says about it is looked at.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wombat {

// How many bytes of a file are looked at.
inline constexpr std::size_t kMimeSniffBytes = 3072;

struct SniffedType {
  std::string type;              // "text/plain; charset=utf-8", "image/png", "application/octet-stream" for anything unknown
  std::string_view extension;    // ".txt", ".png"; "" when the type has none
};

// `content` may be the whole file or its first kMimeSniffBytes at least.
SniffedType SniffMimeType(std::string_view content);

// True when `allowed` names `type` or another name of it; parameters ("; charset=…") and letter case do not count.
bool IsMimeType(std::string_view type, std::string_view allowed);

}  // namespace wombat

// Answers a GET or HEAD with stored content: conditions and ranges.                  Behaviour: spec 05 §2.1, §8.6.
//
// 200, 206 (one range, or several as multipart/byteranges), 304, 412 or 416. The caller adds its own headers afterwards
// and looks at the status first: a 304 must not get a Content-Type, a 416 no Cache-Control.
#pragma once

#include <cstdint>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/app/http.h"

namespace wombat {

struct ContentInfo {
  std::string content_type;
  std::optional<std::time_t> modified;  // Last-Modified; absent: no such header and no condition on it
  std::string etag;                     // quoted, as in the header; "" none
};

// `size` bytes of an open file. It is read while the answer is sent (file_sender.h).
HttpResponse ServeFile(const HttpRequest& request, std::shared_ptr<UniqueFd> file, std::uint64_t size,
                       const ContentInfo& info);

// The same of content that is kept elsewhere.
HttpResponse ServeSource(const HttpRequest& request, std::shared_ptr<ContentSource> source, std::uint64_t size,
                         const ContentInfo& info);

// Content that is in memory; what is sent is copied.
HttpResponse ServeBytes(const HttpRequest& request, std::string_view content, const ContentInfo& info);

}  // namespace wombat

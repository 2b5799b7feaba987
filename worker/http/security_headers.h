// The headers that every answer past the middlewares carries.                              Behaviour: spec 01 §1.9.
#pragma once

#include "common/app/http.h"

namespace wombat {

// A header of the same name that the handler has set stays as it is.
inline void ApplySecurityHeaders(HttpResponse& response) {
  unsigned bits = kSecurityHeaders & ~response.omitted_headers;
  if (!response.headers.empty()) {
    if (HasHeader(response, "X-XSS-Protection")) bits &= ~unsigned{kXssProtection};
    if (HasHeader(response, "X-Content-Type-Options")) bits &= ~unsigned{kNoSniff};
    if (HasHeader(response, "X-Frame-Options")) bits &= ~unsigned{kSameOriginFrames};
  }
  response.standard_headers |= bits;
}

}  // namespace wombat

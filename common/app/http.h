// One HTTP request and its answer as plain data, for handlers, middlewares and hooks. Knows nothing of connections.
// Behaviour: spec 01 §1.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/json.h"
#include "common/base/unique_fd.h"

namespace wombat {

class ContentSource;
class ResponseStream;
struct SubmittedForm;

struct HeaderView {
  std::string_view name;    // as received
  std::string_view value;   // surrounding blanks dropped
};

// Everything is a view into the connection's buffers, which stay untouched until the request was answered.
struct HttpRequest {
  std::string_view method;                 // upper-case as received
  std::string_view target;                 // as received: "/api/x?y=1"
  std::string_view path;                   // still escaped, without the query; "/" at least
  std::string_view query;                  // still escaped, without "?"
  std::vector<HeaderView> headers;
  std::string_view body;                   // empty when `form` is there
  const SubmittedForm* form = nullptr;     // a large multipart body, read as it came (worker/http/submitted_form.h)
  bool has_body = false;                   // false: Content-Length 0 or no body (spec 01 §1.6: then the type does not matter)
  std::string remote_ip;                   // spec 01 §1.10: IPv4 dotted, IPv6 fully expanded

  // First header of that name (any letter case); nullopt-like null when absent.
  const HeaderView* FindHeader(std::string_view name) const;
  std::string_view Header(std::string_view name) const { const auto* h = FindHeader(name); return h ? h->value : std::string_view(); }
};

// Decoded pairs of a query string or urlencoded body; malformed pairs are dropped and reported in `malformed`.
std::vector<std::pair<std::string, std::string>> ParseQuery(std::string_view text, bool* malformed = nullptr);

// Headers that nearly every answer carries, as bits of HttpResponse::standard_headers: they cost no allocation.
enum StandardHeader : unsigned {
  kVaryOrigin = 1 << 0,                    // Vary: Origin
  kAllowAnyOrigin = 1 << 1,                // Access-Control-Allow-Origin: *
  kXssProtection = 1 << 2,                 // X-XSS-Protection: 1; mode=block
  kNoSniff = 1 << 3,                       // X-Content-Type-Options: nosniff
  kSameOriginFrames = 1 << 4,              // X-Frame-Options: SAMEORIGIN
  kSecurityHeaders = kXssProtection | kNoSniff | kSameOriginFrames,
};

// One of several pieces of a file answer: `head` is sent, then that part of the file.
struct FilePart {
  std::string head;
  std::uint64_t offset = 0, length = 0;
};

struct HttpResponse {
  int status = 200;
  std::string content_type;                // "": no Content-Type header
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  unsigned standard_headers = 0;           // bits of StandardHeader
  unsigned omitted_headers = 0;            // those of them that nobody shall add later
  // Instead of `body`: this part of a file is sent (static files).
  std::shared_ptr<UniqueFd> file;
  // … or of content that is kept elsewhere (worker/http/content_source.h).
  std::shared_ptr<ContentSource> source;
  std::uint64_t file_offset = 0, file_length = 0;
  std::vector<FilePart> file_parts;        // not empty: sent instead of that one part, and then `body` behind them
  bool close = false;                      // close the connection after the answer
  // Instead of `body`: what comes over time, until either side ends it (worker/http/stream.h).
  std::shared_ptr<ResponseStream> stream;
};

// Header names in any letter case. Set replaces every header of that name, also a standard one; Add keeps them.
void SetHeader(HttpResponse& response, std::string_view name, std::string value);
void AddHeader(HttpResponse& response, std::string_view name, std::string value);
void RemoveHeader(HttpResponse& response, std::string_view name);
bool HasHeader(const HttpResponse& response, std::string_view name);

// One uploaded file of a multipart body.
struct UploadedFile {
  std::string key;                         // the part's name
  std::string file_name;                   // as the client sent it
  std::string content_type;                // as the client sent it: never trusted
  std::string_view content;                // the whole of it; with `spooled` its beginning
  std::uint64_t size = 0;
  // A large one is in a file without a name, which goes with the last owner of this. Read it by position only.
  std::shared_ptr<UniqueFd> spooled;
  std::string md5;                         // of the content of `spooled`, in base64
};

}  // namespace wombat

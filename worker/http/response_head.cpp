#include "worker/http/response_head.h"

#include <ctime>

#include <algorithm>
#include <array>
#include <charconv>

#include "worker/http/http_date.h"

namespace wombat {
namespace {

struct Phrase {
  int status;
  std::string_view text;
};
constexpr auto kPhrases = std::to_array<Phrase>({
    {100, "Continue"},
    {101, "Switching Protocols"},
    {102, "Processing"},
    {103, "Early Hints"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {207, "Multi-Status"},
    {208, "Already Reported"},
    {226, "IM Used"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {305, "Use Proxy"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Request Entity Too Large"},
    {414, "Request URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Requested Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {418, "I'm a teapot"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Entity"},
    {423, "Locked"},
    {424, "Failed Dependency"},
    {425, "Too Early"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {506, "Variant Also Negotiates"},
    {507, "Insufficient Storage"},
    {508, "Loop Detected"},
    {510, "Not Extended"},
    {511, "Network Authentication Required"},
});

void AppendNumber(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void AppendValue(std::string& out, std::string_view value) {
  const std::size_t start = out.size();
  out.append(value);
  if (value.find_first_of("\r\n") == std::string_view::npos) return;
  for (std::size_t i = start; i < out.size(); ++i)
    if (out[i] == '\r' || out[i] == '\n') out[i] = ' ';
}

void AppendHeaderLine(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  AppendValue(out, value);
  out.append("\r\n");
}

void AppendStandardHeaders(std::string& out, unsigned bits) {
  if (bits == 0) return;
  if (bits & kAllowAnyOrigin) out.append("Access-Control-Allow-Origin: *\r\n");
  if (bits & kVaryOrigin) out.append("Vary: Origin\r\n");
  if (bits & kNoSniff) out.append("X-Content-Type-Options: nosniff\r\n");
  if (bits & kSameOriginFrames) out.append("X-Frame-Options: SAMEORIGIN\r\n");
  if (bits & kXssProtection) out.append("X-Xss-Protection: 1; mode=block\r\n");
}

}  // namespace

std::string_view ReasonPhrase(int status) {
  const auto* found = std::lower_bound(kPhrases.begin(), kPhrases.end(), status,
                                       [](const Phrase& phrase, int wanted) { return phrase.status < wanted; });
  return found != kPhrases.end() && found->status == status ? found->text : std::string_view();
}

std::string_view HttpDateNow() {
  static thread_local std::time_t second = -1;
  static thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now != second) {
    second = now;
    text = FormatHttpDate(now);
  }
  return text;
}

void AppendResponseHead(std::string& out, const HttpResponse& response, const HeadOptions& options) {
  out.append(options.http10 ? "HTTP/1.0 " : "HTTP/1.1 ");
  AppendNumber(out, static_cast<std::uint64_t>(response.status));
  out.push_back(' ');
  const auto phrase = ReasonPhrase(response.status);
  if (phrase.empty()) {
    out.append("status code ");
    AppendNumber(out, static_cast<std::uint64_t>(response.status));
  } else {
    out.append(phrase);
  }
  out.append("\r\n");
  if (!response.content_type.empty()) AppendHeaderLine(out, "Content-Type", response.content_type);
  AppendStandardHeaders(out, response.standard_headers);
  for (const auto& [name, value] : response.headers) AppendHeaderLine(out, name, value);
  out.append("Date: ").append(HttpDateNow()).append("\r\n");
  if (options.content_length) {
    out.append("Content-Length: ");
    AppendNumber(out, *options.content_length);
    out.append("\r\n");
  }
  if (options.chunked) out.append("Transfer-Encoding: chunked\r\n");
  // Each version names only what is not its default.
  if (options.keep_alive == options.http10)
    out.append(options.http10 ? "Connection: keep-alive\r\n" : "Connection: close\r\n");
  out.append("\r\n");
}

}  // namespace wombat

#include "worker/http/redirect.h"

#include <cstring>
#include <vector>

#include "common/base/text.h"

namespace wombat {
namespace {

bool IsUnreserved(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c && std::strchr("-_.~", c));
}

void AppendEscaped(std::string& out, std::string_view path) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const unsigned char c : path) {
    if (IsUnreserved(c) || (c && std::strchr("$&+,/:;=@", c))) {
      out.push_back(static_cast<char>(c));
    } else {
      out.push_back('%');
      out.push_back(kDigits[c >> 4]);
      out.push_back(kDigits[c & 15]);
    }
  }
}

// The path in its escaped form: as sent when that is well escaped, else escaped anew.
std::string EscapedPath(std::string_view path) {
  bool valid = true;
  for (const unsigned char c : path) valid = valid && (IsUnreserved(c) || (c && std::strchr("!$&'()*+,;=:@[]%/", c)));
  if (valid) return std::string(path);
  std::string decoded, escaped;
  if (!PercentDecode(path, false, decoded)) return std::string(path);
  AppendEscaped(escaped, decoded);
  return escaped;
}

bool IsClean(std::string_view path) {
  if (!path.starts_with('/')) return false;
  for (std::size_t at = path.find('/'); at != std::string_view::npos;) {
    const auto next = path.find('/', at + 1);
    const auto segment = path.substr(at + 1, next == std::string_view::npos ? next : next - at - 1);
    if (segment == "." || segment == ".." || (segment.empty() && next != std::string_view::npos)) return false;
    at = next;
  }
  return true;
}

std::string Cleaned(std::string_view path) {
  std::vector<std::string_view> kept;
  for (const auto segment : Split(path, '/')) {
    if (segment.empty() || segment == ".") continue;
    if (segment != "..")
      kept.push_back(segment);
    else if (!kept.empty())
      kept.pop_back();
  }
  std::string clean;
  for (const auto segment : kept) clean.append("/").append(segment);
  if (clean.empty() || (path.ends_with('/') && !clean.ends_with('/'))) clean.push_back('/');
  return clean;
}

HttpResponse TemporaryRedirect(const HttpRequest& request, std::string location) {
  if (request.target.find('?') != std::string_view::npos) location.append("?").append(request.query);
  HttpResponse response;
  response.status = 307;
  const bool is_get = request.method == "GET";
  if (is_get || request.method == "HEAD") response.content_type = "text/html; charset=utf-8";
  if (is_get) response.body = "<a href=\"" + EscapeHtml(location) + "\">Temporary Redirect</a>.\n\n";
  response.headers.emplace_back("Location", std::move(location));
  return response;
}

}  // namespace

std::optional<HttpResponse> CleanPathRedirect(const HttpRequest& request) {
  if (request.method == "CONNECT") return std::nullopt;
  if (IsClean(request.path) && request.path.find('\\') == std::string_view::npos) return std::nullopt;
  const std::string escaped = EscapedPath(request.path);
  if (IsClean(escaped)) return std::nullopt;
  // Like the reference, the cleaned path is escaped once more: a "%20" in an unclean path arrives as "%2520".
  std::string location;
  AppendEscaped(location, Cleaned(escaped));
  return TemporaryRedirect(request, std::move(location));
}

HttpResponse SubtreeRedirect(const HttpRequest& request) {
  std::string location;
  AppendEscaped(location, request.path);
  return TemporaryRedirect(request, location + "/");
}

}  // namespace wombat

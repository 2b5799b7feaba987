#include "worker/http/cors.h"

#include <utility>

#include "common/base/text.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxPatternOrigin = 261;  // scheme, "://" and the longest host name
constexpr std::string_view kMethods = "GET,HEAD,PUT,PATCH,POST,DELETE";

// `*` any sequence, `?` one character. Linear: only the last `*` is ever tried again.
bool Matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace

Cors::Cors(std::vector<std::string> origins) : origins_(std::move(origins)) {}

std::string_view Cors::Allowed(std::string_view origin) const {
  for (const auto& allowed : origins_) {
    if (allowed == "*") return "*";
    if (allowed == origin) return origin;
    if (allowed.find_first_of("*?") == std::string::npos || origin.size() > kMaxPatternOrigin) continue;
    if (origin.find("://") != std::string_view::npos && Matches(allowed, origin)) return origin;
  }
  return {};
}

void Cors::Apply(const HttpRequest& request, HttpResponse& response) const {
  response.standard_headers |= kVaryOrigin;
  const auto* origin = request.FindHeader("Origin");
  if (!origin || origin->value.empty()) return;
  const auto allowed = Allowed(origin->value);
  if (allowed == "*")
    response.standard_headers |= kAllowAnyOrigin;
  else if (!allowed.empty())
    AddHeader(response, "Access-Control-Allow-Origin", std::string(allowed));
}

std::optional<HttpResponse> Cors::Preflight(const HttpRequest& request) const {
  if (request.method != "OPTIONS") return std::nullopt;
  HttpResponse response;
  response.status = 204;
  Apply(request, response);
  const bool allowed = HasHeader(response, "Access-Control-Allow-Origin");
  if (!allowed) return response;
  AddHeader(response, "Vary", "Access-Control-Request-Method");
  AddHeader(response, "Vary", "Access-Control-Request-Headers");
  AddHeader(response, "Access-Control-Allow-Methods", std::string(kMethods));
  const auto wanted = request.Header("Access-Control-Request-Headers");
  if (!wanted.empty()) AddHeader(response, "Access-Control-Allow-Headers", std::string(wanted));
  return response;
}

}  // namespace wombat

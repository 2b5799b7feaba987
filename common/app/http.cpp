#include "common/app/http.h"

#include <algorithm>
#include <array>

#include "common/base/text.h"

namespace wombat {
namespace {

struct NamedBit {
  std::string_view name;
  unsigned bits;
};
constexpr std::array<NamedBit, 5> kNamedBits = {{
    {"Vary", kVaryOrigin},
    {"Access-Control-Allow-Origin", kAllowAnyOrigin},
    {"X-XSS-Protection", kXssProtection},
    {"X-Content-Type-Options", kNoSniff},
    {"X-Frame-Options", kSameOriginFrames},
}};

unsigned StandardBits(std::string_view name) {
  for (const auto& entry : kNamedBits)
    if (EqualsIgnoreCase(entry.name, name)) return entry.bits;
  return 0;
}

}  // namespace

const HeaderView* HttpRequest::FindHeader(std::string_view name) const {
  for (const auto& header : headers)
    if (header.name.size() == name.size() && EqualsIgnoreCase(header.name, name)) return &header;
  return nullptr;
}

std::vector<std::pair<std::string, std::string>> ParseQuery(std::string_view text, bool* malformed) {
  std::vector<std::pair<std::string, std::string>> pairs;
  if (malformed) *malformed = false;
  while (!text.empty()) {
    const auto end = text.find('&');
    const auto piece = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (piece.empty()) continue;
    const auto equals = piece.find('=');
    std::pair<std::string, std::string> pair;
    const bool readable =
        piece.find(';') == std::string_view::npos && PercentDecode(piece.substr(0, equals), true, pair.first) &&
        (equals == std::string_view::npos || PercentDecode(piece.substr(equals + 1), true, pair.second));
    if (readable)
      pairs.push_back(std::move(pair));
    else if (malformed)
      *malformed = true;
  }
  return pairs;
}

void RemoveHeader(HttpResponse& response, std::string_view name) {
  response.standard_headers &= ~StandardBits(name);
  std::erase_if(response.headers, [&](const auto& header) { return EqualsIgnoreCase(header.first, name); });
}

void SetHeader(HttpResponse& response, std::string_view name, std::string value) {
  if (EqualsIgnoreCase(name, "Content-Type")) {
    response.content_type = std::move(value);
    return;
  }
  RemoveHeader(response, name);
  response.headers.emplace_back(name, std::move(value));
}

void AddHeader(HttpResponse& response, std::string_view name, std::string value) {
  response.headers.emplace_back(name, std::move(value));
}

bool HasHeader(const HttpResponse& response, std::string_view name) {
  if (EqualsIgnoreCase(name, "Content-Type")) return !response.content_type.empty();
  if (response.standard_headers & StandardBits(name)) return true;
  return std::any_of(response.headers.begin(), response.headers.end(),
                     [&](const auto& header) { return EqualsIgnoreCase(header.first, name); });
}

}  // namespace wombat

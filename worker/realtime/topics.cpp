#include "worker/realtime/topics.h"

#include <algorithm>

#include "common/app/http.h"
#include "common/base/text.h"
#include "common/schema/field.h"
#include "common/schema/json_read.h"

namespace wombat {
namespace {

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool MayFollowInScheme(char c) { return IsLetter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'; }

// The reference reads the whole text as a URL reference: a colon in its first segment has to end a scheme.
bool ColonIsFine(std::string_view path) {
  const std::string_view first = path.substr(0, path.find('/'));
  const std::size_t colon = first.find(':');
  if (colon == std::string_view::npos) return true;
  return colon > 0 && IsLetter(first[0]) &&
         std::all_of(first.begin(), first.begin() + std::ptrdiff_t(colon), MayFollowInScheme);
}

bool IsUrl(std::string_view text, std::string_view path) {
  const bool has_controls =
      std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  std::string decoded;
  return !has_controls && ColonIsFine(path) && PercentDecode(path, false, decoded);
}

std::vector<std::pair<std::string, std::string>> ReadStrings(const Json* object) {
  std::vector<std::pair<std::string, std::string>> strings;
  if (!object || !object->is_object()) return strings;
  for (const auto& [name, value] : object->as_object()) {
    const bool scalar = value.is_string() || value.is_number() || value.is_bool();
    strings.emplace_back(name, scalar ? CastToText(value) : std::string());
  }
  return strings;
}

}  // namespace

std::string_view TopicBase(std::string_view subscription) { return subscription.substr(0, subscription.find('?')); }

std::string_view TopicCollection(std::string_view subscription) {
  return subscription.substr(0, subscription.find_first_of("/?"));
}

std::string_view TopicOptions::Query(std::string_view name) const {
  for (const auto& [key, value] : query)
    if (key == name) return value;
  return {};
}

RequestInfo TopicOptions::RequestOf(std::shared_ptr<const Record> auth) const {
  RequestInfo request;
  request.context = "realtime";
  request.method = "GET";
  request.query = query;
  request.headers = headers;
  request.auth = std::move(auth);
  return request;
}

TopicOptions ParseTopicOptions(std::string_view subscription) {
  TopicOptions options;
  const std::string_view url = subscription.substr(0, subscription.find('#'));
  const std::size_t mark = url.find('?');
  if (mark == std::string_view::npos || !IsUrl(subscription, url.substr(0, mark))) return options;
  for (const auto& [name, value] : ParseQuery(url.substr(mark + 1))) {
    if (name != "options") continue;
    auto json = ParseJson(value);
    if (!json || !json->is_object()) return options;
    options.query = ReadStrings(FindMember(*json, "query"));
    options.headers = ReadStrings(FindMember(*json, "headers"));
    return options;
  }
  return options;
}

}  // namespace wombat

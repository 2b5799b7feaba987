#include "worker/rate_limit.h"

#include <algorithm>
#include <ctime>
#include <limits>

#include "common/base/text.h"
#include "worker/http/client_ip.h"

namespace wombat {
namespace {

using LimitRule = Settings::RateLimitRule;

bool IsLimited(const RequestContext& context) {
  const auto& limits = context.settings->rate_limits;
  return limits.enabled && !context.is_superuser() && !context.user_ip.empty() &&
         !IpListContains(limits.excluded_ips, context.user_ip);
}

void AddPathLabels(const RequestContext& context, std::vector<std::string>& labels) {
  std::string path;
  if (!PercentDecode(context.http.path, false, path)) path = context.http.path;
  labels.push_back(std::string(context.http.method) + " " + path);
  labels.push_back(std::move(path));
}

std::uint32_t Clamped(std::int64_t value) {
  return std::uint32_t(std::clamp<std::int64_t>(value, 0, std::numeric_limits<std::uint32_t>::max()));
}

ApiResult<void> Count(const RequestContext& context, const Settings::RateLimitRule& rule, std::string_view counter) {
  auto& table = context.runtime.config.page->rate_limits;
  const std::uint64_t key = RateTable::KeyOf(context.settings->generation, counter, context.user_ip);
  if (table.Take(key, {Clamped(rule.max_requests), Clamped(rule.duration)}, std::uint32_t(std::time(nullptr)))) return {};
  return Refuse(429);
}

}  // namespace

// For each label in turn the rule of that name, then the first one in the list for a path that it lies under.
const Settings::RateLimitRule* FindRateLimitRule(const Settings& settings, std::span<const std::string> labels, bool authenticated) {
  const auto applies = [&](const Settings::RateLimitRule& rule) {
    return rule.audience.empty() || rule.audience == (authenticated ? "@auth" : "@guest");
  };
  for (const std::string& label : labels) {
    for (const Settings::RateLimitRule& rule : settings.rate_limits.rules)
      if (rule.label == label && applies(rule)) return &rule;
    const std::string as_folder = label + "/";
    for (const Settings::RateLimitRule& rule : settings.rate_limits.rules)
      if (rule.label.ends_with('/') && as_folder.starts_with(rule.label) && applies(rule)) return &rule;
  }
  return nullptr;
}

ApiResult<void> CountRequest(RequestContext& context) {
  if (context.rate_counted || !IsLimited(context)) return {};
  context.rate_counted = true;
  std::vector<std::string> labels;
  AddPathLabels(context, labels);
  const Settings::RateLimitRule* rule = FindRateLimitRule(*context.settings, labels, context.info.auth != nullptr);
  return rule ? Count(context, *rule, rule->label + "@@" + rule->audience) : ApiResult<void>();
}

ApiResult<void> CountRequest(RequestContext& context, const Collection& collection, std::span<const std::string_view> tags) {
  if (context.rate_counted || !IsLimited(context)) return {};
  context.rate_counted = true;
  std::vector<std::string> labels;
  std::string counter = collection.id + "@@" + std::string(context.route_pattern);
  for (std::string_view tag : tags) {
    if (tag.empty()) continue;
    labels.push_back(collection.name + ":" + std::string(tag));
    counter.append("@@").append(tag);
  }
  for (std::string_view tag : tags)
    if (!tag.empty()) labels.push_back("*:" + std::string(tag));
  AddPathLabels(context, labels);
  const Settings::RateLimitRule* rule = FindRateLimitRule(*context.settings, labels, context.info.auth != nullptr);
  return rule ? Count(context, *rule, counter + "@@" + rule->audience) : ApiResult<void>();
}

}  // namespace wombat

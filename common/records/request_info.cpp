#include "common/records/request_info.h"

namespace wombat {
namespace {

// Whether `header` written in snake_case is `snake_name`: lower case, runs of other characters as one "_" between
// words.
bool IsSnakeCaseOf(std::string_view header, std::string_view snake_name) {
  std::size_t matched = 0;
  bool gap = false;
  const auto take = [&](char c) { return matched < snake_name.size() && snake_name[matched++] == c; };
  for (const char c : header) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !(c >= '0' && c <= '9')) {
      gap = matched > 0;
      continue;
    }
    if (gap && !take('_')) return false;
    gap = false;
    if (!take(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c)) return false;
  }
  return matched == snake_name.size();
}

}  // namespace

const std::string* RequestInfo::FindQuery(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return &value;
  }
  return nullptr;
}

const std::string* RequestInfo::FindHeader(std::string_view snake_name) const {
  if (snake_name.empty()) return nullptr;
  for (const auto& [key, value] : headers) {
    if (IsSnakeCaseOf(key, snake_name)) return &value;
  }
  return nullptr;
}

}  // namespace wombat

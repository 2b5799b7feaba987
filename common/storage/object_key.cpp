#include "common/storage/object_key.h"

#include <charconv>
#include <cstdio>

namespace wombat {
namespace {

constexpr std::string_view kEscapeStart = "__0x", kEscapeEnd = "__";

void AppendEscaped(std::string& out, unsigned char c) {
  char text[16];
  out.append(text, std::size_t(std::snprintf(text, sizeof text, "__0x%x__", c)));
}

bool NeedsEscape(std::string_view key, std::size_t i) {
  const auto c = static_cast<unsigned char>(key[i]);
  if (c < 32) return true;
  if (c != '/') return false;
  // "../", a second "/" in a row, and one at the end would name something else as a path.
  const bool parent = i >= 2 && key[i - 1] == '.' && key[i - 2] == '.';
  return parent || (i > 0 && key[i - 1] == '/') || i + 1 == key.size();
}

}  // namespace

std::string KeyToPath(std::string_view key) {
  std::string path;
  path.reserve(key.size());
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (NeedsEscape(key, i))
      AppendEscaped(path, static_cast<unsigned char>(key[i]));
    else
      path += key[i];
  }
  // What is left of a leading "/" or a whole segment of dots must not escape either.
  if (path.starts_with('/')) path.replace(0, 1, "__0x2f__");
  return path;
}

std::string PathToKey(std::string_view path) {
  std::string key;
  while (!path.empty()) {
    const auto end = path.starts_with(kEscapeStart) ? path.find(kEscapeEnd, kEscapeStart.size()) : std::string_view::npos;
    unsigned code = 0;
    if (end != std::string_view::npos) {
      const auto digits = path.substr(kEscapeStart.size(), end - kEscapeStart.size());
      const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
      if (error == std::errc() && stop == digits.data() + digits.size() && code < 256) {
        key += static_cast<char>(code);
        path.remove_prefix(end + kEscapeEnd.size());
        continue;
      }
    }
    key += path.front();
    path.remove_prefix(1);
  }
  return key;
}

}  // namespace wombat

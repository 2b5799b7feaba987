#include "common/storage/file_name.h"

#include "common/base/random.h"
#include "common/storage/mime_sniff.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxClientName = 300, kMaxExtension = 20, kMinBase = 3, kMaxBase = 100, kSuffix = 10;

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsWord(char c) { return IsUpper(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

std::string_view WithoutOuterDots(std::string_view text) {
  while (text.starts_with('.')) text.remove_prefix(1);
  while (text.ends_with('.')) text.remove_suffix(1);
  return text;
}

// Where ".gz" or ".tar.gz" begins; the end of the name when it has no dot.
std::size_t ExtensionStart(std::string_view name) {
  const auto last = name.rfind('.');
  if (last == std::string_view::npos) return name.size();
  const auto before = last == 0 ? std::string_view::npos : name.rfind('.', last - 1);
  return before == std::string_view::npos ? last : before;
}

std::string Extension(std::string_view raw, std::string_view content) {
  constexpr std::string_view kAlsoAllowed = "_.*-+=#";
  std::string kept;
  for (const char c : raw)
    if (IsWord(c) || kAlsoAllowed.find(c) != std::string_view::npos) kept += c;
  auto extension = WithoutOuterDots(kept);
  if (extension.empty()) return std::string(SniffMimeType(content).extension);
  if (extension.size() > kMaxExtension) extension = WithoutOuterDots(extension.substr(extension.size() - kMaxExtension));
  return "." + std::string(extension);
}

// Words joined with "_": humps of camel case and whatever is no ASCII letter or digit separate them.
std::string SnakeCase(std::string_view text) {
  std::string snake;
  char previous = '_';
  for (const char c : text) {
    const bool separates = !IsWord(c);
    if ((separates || (IsUpper(c) && !IsUpper(previous))) && !snake.empty() && snake.back() != '_') snake += '_';
    if (!separates) snake += IsUpper(c) ? char(c - 'A' + 'a') : c;
    previous = c;
  }
  if (snake.ends_with('_')) snake.pop_back();
  return snake;
}

}  // namespace

std::string StoredFileName(std::string_view client_name, std::string_view content) {
  if (client_name.size() > kMaxClientName) client_name.remove_prefix(client_name.size() - kMaxClientName);
  const auto start = ExtensionStart(client_name);
  std::string base = SnakeCase(WithoutOuterDots(client_name.substr(0, start)));
  if (base.size() < kMinBase) base += RandomText(kSuffix, kLowerAlphanumeric);
  base.resize(std::min(base.size(), kMaxBase));
  return base + "_" + RandomText(kSuffix, kLowerAlphanumeric) + Extension(client_name.substr(start), content);
}

}  // namespace wombat

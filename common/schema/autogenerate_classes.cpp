#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "common/base/utf8.h"
#include "common/schema/autogenerate_node.h"

namespace wombat {
namespace {

constexpr std::uint32_t kMaxCodePoint = 0x10ffff;
constexpr std::uint32_t kFirstSurrogate = 0xd800;
constexpr std::uint32_t kLastSurrogate = 0xdfff;
constexpr std::uint32_t kLongS = 0x17f;
constexpr std::uint32_t kKelvin = 0x212a;

bool Covers(const CodeRanges& ranges, std::uint32_t code) {
  return std::ranges::any_of(ranges, [code](const auto& range) { return range.first <= code && code <= range.second; });
}

}  // namespace

CodeRanges Normalized(CodeRanges ranges) {
  std::ranges::sort(ranges);
  CodeRanges out;
  for (const auto& range : ranges) {
    if (!out.empty() && range.first <= out.back().second + 1) {
      out.back().second = std::max(out.back().second, range.second);
    } else {
      out.push_back(range);
    }
  }
  return out;
}

CodeRanges Negated(const CodeRanges& ranges) {
  CodeRanges out;
  std::uint32_t next = 0;
  for (const auto& [first, last] : Normalized(ranges)) {
    if (first > next) out.emplace_back(next, first - 1);
    next = last + 1;
  }
  if (next <= kMaxCodePoint) out.emplace_back(next, kMaxCodePoint);
  return out;
}

CodeRanges Folded(CodeRanges ranges) {
  CodeRanges added;
  for (std::uint32_t upper = 'A'; upper <= 'Z'; ++upper) {
    const std::uint32_t lower = upper + 0x20;
    const std::uint32_t third = upper == 'S' ? kLongS : upper == 'K' ? kKelvin : upper;
    if (!Covers(ranges, upper) && !Covers(ranges, lower) && !Covers(ranges, third)) continue;
    for (std::uint32_t code : {upper, lower, third}) added.emplace_back(code, code);
  }
  ranges.insert(ranges.end(), added.begin(), added.end());
  return Normalized(std::move(ranges));
}

CodeRanges PerlClass(char letter) {
  CodeRanges ranges;
  switch (letter | 0x20) {
    case 'd':
      ranges = {{'0', '9'}};
      break;
    case 's':
      ranges = {{'\t', '\n'}, {'\f', '\r'}, {' ', ' '}};
      break;
    default:
      ranges = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
      break;
  }
  return letter < 'a' ? Negated(ranges) : ranges;
}

std::optional<CodeRanges> PosixClass(std::string_view name) {
  using Entry = std::pair<std::string_view, CodeRanges>;
  static const std::array<Entry, 14> classes = {
      Entry{"alnum", {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}}},
      Entry{"alpha", {{'A', 'Z'}, {'a', 'z'}}},
      Entry{"ascii", {{0, 0x7f}}},
      Entry{"blank", {{'\t', '\t'}, {' ', ' '}}},
      Entry{"cntrl", {{0, 0x1f}, {0x7f, 0x7f}}},
      Entry{"digit", {{'0', '9'}}},
      Entry{"graph", {{'!', '~'}}},
      Entry{"lower", {{'a', 'z'}}},
      Entry{"print", {{' ', '~'}}},
      Entry{"punct", {{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}}},
      Entry{"space", {{'\t', '\r'}, {' ', ' '}}},
      Entry{"upper", {{'A', 'Z'}}},
      Entry{"word", {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}},
      Entry{"xdigit", {{'0', '9'}, {'A', 'F'}, {'a', 'f'}}},
  };
  for (const auto& [known, ranges] : classes) {
    if (known == name) return ranges;
  }
  return std::nullopt;
}

// The matcher has the tables; asking it about every code point is done once per pattern that names such a class.
std::optional<CodeRanges> UnicodeClass(std::string_view name) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  const re2::RE2 member("\\p{" + std::string(name) + "}", options);
  if (!member.ok()) return std::nullopt;
  CodeRanges ranges;
  std::string text;
  for (std::uint32_t code = 0; code <= kMaxCodePoint; ++code) {
    if (code == kFirstSurrogate) code = kLastSurrogate + 1;
    text.clear();
    AppendUtf8(text, code);
    if (!re2::RE2::FullMatch(text, member)) continue;
    if (!ranges.empty() && ranges.back().second + 1 == code) {
      ranges.back().second = code;
    } else {
      ranges.emplace_back(code, code);
    }
  }
  return ranges;
}

}  // namespace wombat

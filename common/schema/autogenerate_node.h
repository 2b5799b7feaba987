// The tree of an autogenerate pattern. Private to autogenerate*.cpp.    Behaviour: spec 02 §5.2.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wombat {

// Inclusive ranges of code points, ascending and apart.
using CodeRanges = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

struct AutogenerateNode {
  // What has no text keeps the number that the reference's error names.
  enum class Kind {
    kEmpty = 2,
    kLiteral = 3,
    kClass = 4,
    kAny = 5,
    kBeginLine = 7,
    kEndLine = 8,
    kBeginText = 9,
    kEndText = 10,
    kWordBoundary = 11,
    kNoWordBoundary = 12,
    kGroup = 13,
    kRepeat = 17,
    kConcat = 18,
    kAlternate = 19,
  };
  static constexpr int kUnlimited = -1;

  Kind kind = Kind::kEmpty;
  std::uint32_t literal = 0;               // kLiteral
  CodeRanges ranges;                       // kClass
  int min = 0;                             // kRepeat
  int max = 0;                             // kRepeat; kUnlimited for none
  std::vector<AutogenerateNode> children;  // one for kGroup and kRepeat

  bool operator==(const AutogenerateNode&) const = default;
};

// nullopt for what is no regular expression, or nests deeper than anyone writes.
std::optional<AutogenerateNode> ParseAutogenerate(std::string_view pattern);

// Rewrites alternatives as the reference's parser does, because it shows: common beginnings are taken out ("a|ab"
// becomes "a(?:|b)", which cannot be generated) and single characters become one class.
AutogenerateNode MakeAlternate(std::vector<AutogenerateNode> branches);

// The ranges of \d \s \w (or \D \S \W), of a POSIX class name, of a Unicode class name.
CodeRanges PerlClass(char letter);
std::optional<CodeRanges> PosixClass(std::string_view name);
std::optional<CodeRanges> UnicodeClass(std::string_view name);
CodeRanges Normalized(CodeRanges ranges);
CodeRanges Negated(const CodeRanges& ranges);
// Adds the other letter cases, as (?i) does. ASCII, and the two letters outside it that fold into it.
CodeRanges Folded(CodeRanges ranges);

}  // namespace wombat

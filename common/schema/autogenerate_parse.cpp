#include <charconv>

#include "common/base/utf8.h"
#include "common/schema/autogenerate_node.h"

namespace wombat {
namespace {

using Node = AutogenerateNode;
using Kind = AutogenerateNode::Kind;

constexpr int kMaxDepth = 200;
constexpr int kMaxRepeat = 1000;

Node Leaf(Kind kind) {
  Node node;
  node.kind = kind;
  return node;
}

Node Literal(std::uint32_t code) {
  Node node = Leaf(Kind::kLiteral);
  node.literal = code;
  return node;
}

bool IsAsciiLetter(std::uint32_t code) { return (code | 0x20) >= 'a' && (code | 0x20) <= 'z'; }

// A class of one character is a literal, and so is a letter's two cases (as its upper case: "[Aa]" gives "A").
Node Class(CodeRanges ranges) {
  const bool one = ranges.size() == 1 && ranges[0].first == ranges[0].second;
  const bool two = ranges.size() == 2 && ranges[0].first == ranges[0].second && ranges[1].first == ranges[1].second;
  if (one) return Literal(ranges[0].first);
  // k and s have a third case each, which a pair leaves out.
  if (two && IsAsciiLetter(ranges[0].first) && ranges[0].first + 0x20 == ranges[1].first && ranges[0].first != 'K' &&
      ranges[0].first != 'S') {
    return Literal(ranges[0].first);
  }
  Node node = Leaf(Kind::kClass);
  node.ranges = std::move(ranges);
  return node;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::optional<Node> Parse() {
    Node node = Alternation(0);
    if (failed_ || at_ != text_.size()) return std::nullopt;
    return node;
  }

 private:
  struct Flags {
    bool fold = false;
    bool multi_line = false;
  };

  bool AtEnd() const { return at_ >= text_.size(); }
  bool LooksAt(std::string_view word) const { return text_.substr(at_).starts_with(word); }
  bool Take(std::string_view word) {
    if (!LooksAt(word)) return false;
    at_ += word.size();
    return true;
  }
  Node Fail() {
    failed_ = true;
    return {};
  }

  std::uint32_t TakeCodePoint() {
    std::size_t length = 0;
    const char32_t code = Utf8CodePoint(text_.substr(at_), length);
    at_ += length;
    return code;
  }

  Node Alternation(int depth) {
    if (depth > kMaxDepth) return Fail();
    std::vector<Node> branches;
    do {
      branches.push_back(Concatenation(depth));
    } while (!failed_ && Take("|"));
    if (branches.size() == 1) return std::move(branches.front());
    return MakeAlternate(std::move(branches));
  }

  Node Concatenation(int depth) {
    std::vector<Node> parts;
    while (!failed_ && !AtEnd() && !LooksAt("|") && !LooksAt(")")) {
      if (Take("\\Q")) {
        TakeQuoted(parts);
        continue;
      }
      Node node = Atom(depth);
      if (failed_) return {};
      if (flags_only_) {
        flags_only_ = false;
        continue;
      }
      Append(parts, Repeated(std::move(node)));
    }
    if (parts.empty()) return Leaf(Kind::kEmpty);
    if (parts.size() == 1) return std::move(parts.front());
    Node node = Leaf(Kind::kConcat);
    node.children = std::move(parts);
    return node;
  }

  // A group without capture leaves no trace in a sequence.
  static void Append(std::vector<Node>& parts, Node node) {
    if (node.kind != Kind::kConcat) return parts.push_back(std::move(node));
    for (Node& child : node.children) parts.push_back(std::move(child));
  }

  void TakeQuoted(std::vector<Node>& parts) {
    while (!failed_ && !AtEnd() && !Take("\\E")) {
      Node literal = FoldedLiteral(TakeCodePoint());
      const bool last = AtEnd() || LooksAt("\\E");
      if (last && Take("\\E")) {
        parts.push_back(Repeated(std::move(literal)));
        return;
      }
      parts.push_back(std::move(literal));
    }
  }

  Node FoldedLiteral(std::uint32_t code) const {
    if (flags_.fold && code >= 'a' && code <= 'z') code -= 0x20;
    return Literal(code);
  }

  Node Atom(int depth) {
    if (Take("(")) return Group(depth);
    if (Take("[")) return BracketClass();
    if (Take(".")) return Leaf(Kind::kAny);
    if (Take("^")) return Leaf(flags_.multi_line ? Kind::kBeginLine : Kind::kBeginText);
    if (Take("$")) return Leaf(flags_.multi_line ? Kind::kEndLine : Kind::kEndText);
    if (LooksAt("\\")) return Escape();
    if (LooksAt("*") || LooksAt("+") || LooksAt("?")) return Fail();
    return FoldedLiteral(TakeCodePoint());
  }

  Node Group(int depth) {
    const Flags outer = flags_;
    bool captures = true;
    if (Take("?P<") || Take("?<")) {
      const std::size_t end = text_.find('>', at_);
      if (end == std::string_view::npos) return Fail();
      at_ = end + 1;
    } else if (Take("?")) {
      captures = false;
      if (!TakeFlags()) return Fail();
      if (Take(")")) {  // (?i) holds until the end of the group around it
        flags_only_ = true;
        return {};
      }
      if (!Take(":")) return Fail();
    }
    Node inner = Alternation(depth + 1);
    if (failed_ || !Take(")")) return Fail();
    flags_ = outer;
    if (!captures) return inner;
    Node group = Leaf(Kind::kGroup);
    group.children.push_back(std::move(inner));
    return group;
  }

  bool TakeFlags() {
    bool on = true;
    for (; !AtEnd() && !LooksAt(":") && !LooksAt(")"); ++at_) {
      switch (text_[at_]) {
        case 'i':
          flags_.fold = on;
          break;
        case 'm':
          flags_.multi_line = on;
          break;
        case 's':
        case 'U':
          break;  // neither changes what is generated
        case '-':
          on = false;
          break;
        default:
          return false;
      }
    }
    return !AtEnd();
  }

  // The anchors; nullopt for any other escape.
  std::optional<Kind> TakeAnchor() {
    if (Take("\\A")) return Kind::kBeginText;
    if (Take("\\z")) return Kind::kEndText;
    if (Take("\\b")) return Kind::kWordBoundary;
    if (Take("\\B")) return Kind::kNoWordBoundary;
    return std::nullopt;
  }

  Node Escape() {
    if (auto anchor = TakeAnchor()) return Leaf(*anchor);
    CodeRanges ranges;
    if (TakeClassEscape(ranges)) return Class(std::move(ranges));
    const std::uint32_t code = EscapedCodePoint();
    return failed_ ? Node() : FoldedLiteral(code);
  }

  // \d \s \w \pN \p{Greek} and their negations; false for any other escape, which is left alone.
  bool TakeClassEscape(CodeRanges& ranges) {
    if (at_ + 1 >= text_.size()) return false;
    const char letter = text_[at_ + 1];
    if (std::string_view("dswDSW").find(letter) != std::string_view::npos) {
      at_ += 2;
      ranges = PerlClass(letter);
      return true;
    }
    if (letter != 'p' && letter != 'P') return false;
    at_ += 2;
    std::string_view name = text_.substr(at_, 1);
    if (Take("{")) {
      const std::size_t end = text_.find('}', at_);
      name = text_.substr(at_, end - at_);
      at_ = end == std::string_view::npos ? text_.size() : end + 1;
    } else {
      at_ = std::min(at_ + 1, text_.size());
    }
    bool negated = letter == 'P';
    if (name.starts_with('^')) {
      negated = !negated;
      name.remove_prefix(1);
    }
    const std::optional<CodeRanges> named = UnicodeClass(name);
    if (!named) failed_ = true;
    ranges = named.value_or(CodeRanges());
    if (negated) ranges = Negated(ranges);
    return true;
  }

  std::uint32_t EscapedCodePoint() {
    Take("\\");
    if (AtEnd()) {
      failed_ = true;
      return 0;
    }
    const char c = text_[at_];
    static constexpr std::string_view kNames = "afnrtv";
    static constexpr std::string_view kValues = "\a\f\n\r\t\v";
    if (const std::size_t name = kNames.find(c); name != std::string_view::npos) {
      ++at_;
      return static_cast<unsigned char>(kValues[name]);
    }
    if (c == 'x') {
      ++at_;
      return HexCodePoint();
    }
    if (c >= '0' && c <= '7') return TakeNumber(std::min<std::size_t>(3, text_.size() - at_), 8);
    return TakeCodePoint();
  }

  std::uint32_t HexCodePoint() {
    if (!Take("{")) return TakeNumber(2, 16);
    const std::size_t end = text_.find('}', at_);
    if (end == std::string_view::npos) {
      failed_ = true;
      return 0;
    }
    const std::uint32_t code = TakeNumber(end - at_, 16);
    Take("}");
    return code;
  }

  std::uint32_t TakeNumber(std::size_t most, int base) {
    const std::string_view digits = text_.substr(at_, most);
    std::uint32_t code = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, base);
    if (error != std::errc() || code > 0x10ffff) failed_ = true;
    at_ += std::size_t(end - digits.data());
    return code;
  }

  Node BracketClass() {
    const bool negated = Take("^");
    CodeRanges ranges;
    for (bool first = true; failed_ || first || !LooksAt("]"); first = false) {
      if (failed_ || AtEnd()) return Fail();
      TakeClassMember(ranges);
    }
    Take("]");
    if (flags_.fold) ranges = Folded(std::move(ranges));
    return Class(negated ? Negated(ranges) : Normalized(std::move(ranges)));
  }

  void TakeClassMember(CodeRanges& ranges) {
    CodeRanges named;
    if (LooksAt("[:") && text_.find(":]", at_) != std::string_view::npos) {
      const std::size_t end = text_.find(":]", at_);
      std::string_view name = text_.substr(at_ + 2, end - at_ - 2);
      const bool negated = name.starts_with('^');
      if (negated) name.remove_prefix(1);
      const std::optional<CodeRanges> posix = PosixClass(name);
      if (!posix) failed_ = true;
      named = posix.value_or(CodeRanges());
      if (negated) named = Negated(named);
      at_ = end + 2;
    } else if (!LooksAt("\\") || !TakeClassEscape(named)) {
      const std::uint32_t low = ClassCharacter();
      std::uint32_t high = low;
      const bool range = LooksAt("-") && at_ + 1 < text_.size() && text_[at_ + 1] != ']';
      if (range && Take("-")) high = ClassCharacter();
      if (high < low) failed_ = true;
      named = {{low, high}};
    }
    ranges.insert(ranges.end(), named.begin(), named.end());
  }

  std::uint32_t ClassCharacter() {
    if (AtEnd()) {
      failed_ = true;
      return 0;
    }
    return LooksAt("\\") ? EscapedCodePoint() : TakeCodePoint();
  }

  Node Repeated(Node node) {
    int min = 0;
    int max = 0;
    while (TakeRepetition(min, max)) {
      Take("?");  // lazy: generates the same
      Node repeat = Leaf(Kind::kRepeat);
      repeat.min = min;
      repeat.max = max;
      repeat.children.push_back(std::move(node));
      node = std::move(repeat);
      if (!AtEnd() && (LooksAt("*") || LooksAt("+") || LooksAt("?"))) return Fail();  // a** is no expression
    }
    return node;
  }

  bool TakeRepetition(int& min, int& max) {
    min = LooksAt("+") ? 1 : 0;
    max = LooksAt("?") ? 1 : Node::kUnlimited;
    if (Take("*") || Take("+") || Take("?")) return true;
    if (!LooksAt("{")) return false;
    // Anything but {n}, {n,} and {n,m} is literal text.
    const std::size_t start = at_++;
    const std::optional<int> low = TakeCount();
    bool good = low.has_value();
    min = low.value_or(0);
    max = min;
    if (good && Take(",")) {
      max = Node::kUnlimited;
      if (!LooksAt("}")) {
        const std::optional<int> high = TakeCount();
        good = high.has_value();
        max = high.value_or(0);
      }
    }
    if (good && Take("}")) {
      if (min > kMaxRepeat || max > kMaxRepeat || (max != Node::kUnlimited && max < min)) failed_ = true;
      return true;
    }
    at_ = start;
    return false;
  }

  std::optional<int> TakeCount() {
    int count = 0;
    const char* begin = text_.data() + at_;
    if (AtEnd() || *begin < '0' || *begin > '9') return std::nullopt;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), count);
    if (error != std::errc()) return std::nullopt;
    at_ += std::size_t(end - begin);
    return count;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Flags flags_;
  bool failed_ = false;
  bool flags_only_ = false;
};

}  // namespace

std::optional<AutogenerateNode> ParseAutogenerate(std::string_view pattern) { return Parser(pattern).Parse(); }

}  // namespace wombat

#include "common/schema/autogenerate.h"

#include "common/base/random.h"
#include "common/base/utf8.h"
#include "common/schema/autogenerate_node.h"

namespace wombat {
namespace {

using Node = AutogenerateNode;
using Kind = AutogenerateNode::Kind;
using Outcome = std::expected<void, std::string>;

constexpr int kUnlimitedRepeat = 6;
constexpr std::size_t kMaxSteps = 4 * kMaxGeneratedBytes;

class Generator {
 public:
  Outcome Walk(const Node& node) {
    if (++steps_ > kMaxSteps || text.size() > kMaxGeneratedBytes)
      return std::unexpected("the generated value is too long");
    switch (node.kind) {
      case Kind::kLiteral:
        return AppendUtf8(text, node.literal), Outcome();
      case Kind::kAny:
        return text += kAlphanumeric[RandomBelow(kAlphanumeric.size())], Outcome();
      case Kind::kClass:
        return WalkClass(node.ranges);
      case Kind::kAlternate:
        return Walk(node.children[RandomBelow(std::uint32_t(node.children.size()))]);
      case Kind::kRepeat:
        return WalkRepeat(node);
      case Kind::kGroup:
      case Kind::kConcat:
        for (const Node& child : node.children) {
          if (auto walked = Walk(child); !walked) return walked;
        }
        return {};
      default:
        return std::unexpected("unsupported pattern operator " + std::to_string(int(node.kind)));
    }
  }

  std::string text;

 private:
  Outcome WalkClass(const CodeRanges& ranges) {
    std::uint32_t total = 0;
    for (const auto& [first, last] : ranges) total += last - first + 1;
    if (total == 0) return std::unexpected("no runes to choose from");
    std::uint32_t chosen = RandomBelow(total);
    for (const auto& [first, last] : ranges) {
      const std::uint32_t size = last - first + 1;
      if (chosen < size) {
        AppendUtf8(text, first + chosen);
        break;
      }
      chosen -= size;
    }
    return {};
  }

  // The upper bound is never reached: {1,5} gives one to four, "?" none at all.
  Outcome WalkRepeat(const Node& node) {
    const int max = node.max == Node::kUnlimited ? std::max(kUnlimitedRepeat, node.min) : node.max;
    const int count = max > node.min ? node.min + int(RandomBelow(std::uint32_t(max - node.min))) : node.min;
    for (int i = 0; i < count; ++i) {
      if (auto walked = Walk(node.children.front()); !walked) return walked;
    }
    return {};
  }

  std::size_t steps_ = 0;
};

}  // namespace

AutogeneratePattern::AutogeneratePattern(std::string text) : text_(std::move(text)) {
  if (text_.empty()) return;
  if (auto root = ParseAutogenerate(text_)) root_ = std::make_shared<const AutogenerateNode>(std::move(*root));
}

std::expected<std::string, std::string> AutogeneratePattern::Generate() const {
  if (!root_) return std::unexpected(text_.empty() ? "unsupported pattern operator 2" : "invalid pattern");
  Generator generator;
  if (auto walked = generator.Walk(*root_); !walked) return std::unexpected(walked.error());
  return std::move(generator.text);
}

}  // namespace wombat

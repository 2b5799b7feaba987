#include <algorithm>
#include <functional>

#include "common/schema/autogenerate_node.h"

namespace wombat {
namespace {

using Node = AutogenerateNode;
using Kind = AutogenerateNode::Kind;

// A branch as the sequence of its parts; empty for an empty branch.
using Parts = std::vector<Node>;

Parts ToParts(Node node) {
  if (node.kind == Kind::kConcat) return std::move(node.children);
  Parts parts;
  if (node.kind != Kind::kEmpty) parts.push_back(std::move(node));
  return parts;
}

Node FromParts(Parts parts) {
  if (parts.size() == 1) return std::move(parts.front());
  Node node;
  node.kind = parts.empty() ? Kind::kEmpty : Kind::kConcat;
  node.children = std::move(parts);
  return node;
}

bool IsCharacter(const Node& node) {
  return node.kind == Kind::kLiteral || node.kind == Kind::kClass || node.kind == Kind::kAny;
}

// What may be taken out in front of alternatives besides literal text.
bool IsFactor(const Node& node) {
  if (node.kind == Kind::kClass || node.kind == Kind::kAny) return true;
  const bool anchor = node.kind >= Kind::kBeginLine && node.kind <= Kind::kNoWordBoundary;
  return anchor || (node.kind == Kind::kRepeat && node.min == node.max && IsCharacter(node.children.front()));
}

std::size_t CommonLiterals(const Parts& a, const Parts& b, std::size_t limit) {
  std::size_t count = 0;
  while (count < std::min({limit, a.size(), b.size()}) && a[count].kind == Kind::kLiteral && a[count] == b[count]) {
    ++count;
  }
  return count;
}

// Joins runs of branches that share `common(a, b, limit)` leading parts: x y | x z becomes x ( y | z ).
std::vector<Parts> Factor(std::vector<Parts> branches,
                          const std::function<std::size_t(const Parts&, const Parts&, std::size_t)>& common) {
  std::vector<Parts> out;
  for (std::size_t start = 0; start < branches.size();) {
    std::size_t shared = SIZE_MAX;
    std::size_t end = start + 1;
    for (; end < branches.size(); ++end) {
      const std::size_t same = common(branches[start], branches[end], shared);
      if (same == 0) break;
      shared = same;
    }
    if (end - start == 1) {
      out.push_back(std::move(branches[start]));
    } else {
      const auto split = std::ptrdiff_t(shared);
      Parts joined(branches[start].begin(), branches[start].begin() + split);
      std::vector<Node> rests;
      for (std::size_t i = start; i < end; ++i) {
        branches[i].erase(branches[i].begin(), branches[i].begin() + split);
        rests.push_back(FromParts(std::move(branches[i])));
      }
      joined.push_back(MakeAlternate(std::move(rests)));
      out.push_back(std::move(joined));
    }
    start = end;
  }
  return out;
}

void MergeInto(Node& target, const Node& other) {
  if (target.kind == Kind::kAny) return;
  if (other.kind == Kind::kAny) {
    target = other;
    return;
  }
  const auto ranges_of = [](const Node& node) {
    return node.kind == Kind::kLiteral ? CodeRanges{{node.literal, node.literal}} : node.ranges;
  };
  CodeRanges ranges = ranges_of(target);
  const CodeRanges more = ranges_of(other);
  ranges.insert(ranges.end(), more.begin(), more.end());
  target.kind = Kind::kClass;
  target.literal = 0;
  target.ranges = Normalized(std::move(ranges));
}

}  // namespace

AutogenerateNode MakeAlternate(std::vector<AutogenerateNode> branches) {
  std::vector<Parts> sequences;
  for (Node& branch : branches) {
    if (branch.kind == Kind::kAlternate) {
      for (Node& child : branch.children) sequences.push_back(ToParts(std::move(child)));
    } else {
      sequences.push_back(ToParts(std::move(branch)));
    }
  }
  sequences = Factor(std::move(sequences), CommonLiterals);
  sequences = Factor(std::move(sequences), [](const Parts& a, const Parts& b, std::size_t) {
    return std::size_t(!a.empty() && !b.empty() && IsFactor(a.front()) && a.front() == b.front() ? 1 : 0);
  });
  Node node;
  node.kind = Kind::kAlternate;
  for (Parts& parts : sequences) {
    Node branch = FromParts(std::move(parts));
    Node* last = node.children.empty() ? nullptr : &node.children.back();
    const bool repeated_empty = last && last->kind == Kind::kEmpty && branch.kind == Kind::kEmpty;
    if (repeated_empty) continue;
    if (last && IsCharacter(*last) && IsCharacter(branch)) {
      MergeInto(*last, branch);
    } else {
      node.children.push_back(std::move(branch));
    }
  }
  if (node.children.size() == 1) return std::move(node.children.front());
  return node;
}

}  // namespace wombat

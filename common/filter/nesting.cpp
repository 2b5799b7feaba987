#include "common/filter/nesting.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace wombat::filter {
namespace {

struct Node {
  enum class Kind : unsigned char { kComparison, kAnd, kOr };
  Kind kind = Kind::kComparison;
  std::size_t comparison = 0;
  std::vector<int> children;
  int levels = 0;  // of joins below and with this node
};

class Tree {
 public:
  explicit Tree(std::vector<Fragment> comparisons) : comparisons_(std::move(comparisons)) {}

  void Build(std::span<const Step> steps);
  void Append(Fragment& out) { AppendTop(out, root_); }

 private:
  // What a pair of parentheses holds so far: finished terms of the OR, and the factors of the AND that is being read.
  struct Group {
    std::vector<int> terms, factors;
  };

  int Join(Node::Kind kind, std::vector<int> children);
  int Close(Group& group);
  int DeepestChild(const Node& node) const;
  const Node& node(int index) const { return nodes_[std::size_t(index)]; }

  void AppendTop(Fragment& out, int index);
  void AppendNode(Fragment& out, int index, Node::Kind around);
  void AppendJoined(Fragment& out, Node::Kind kind, std::span<const int> children, int without);
  void AppendCase(Fragment& out, int index);

  std::vector<Fragment> comparisons_;
  std::vector<Node> nodes_;
  int root_ = -1;
};

int Tree::Join(Node::Kind kind, std::vector<int> children) {
  if (children.size() == 1) return children[0];
  Node joined{.kind = kind, .children = {}};
  for (const int child : children) {
    Node& below = nodes_[std::size_t(child)];
    if (below.kind == kind) {
      joined.children.insert(joined.children.end(), below.children.begin(), below.children.end());
    } else {
      joined.children.push_back(child);
    }
  }
  for (const int child : joined.children) joined.levels = std::max(joined.levels, node(child).levels + 1);
  nodes_.push_back(std::move(joined));
  return int(nodes_.size()) - 1;
}

int Tree::Close(Group& group) {
  group.terms.push_back(Join(Node::Kind::kAnd, std::move(group.factors)));
  return Join(Node::Kind::kOr, std::move(group.terms));
}

void Tree::Build(std::span<const Step> steps) {
  std::vector<Group> groups(1);
  std::size_t next = 0;
  for (const Step& step : steps) {
    Group& group = groups.back();
    switch (step.kind) {
      case StepKind::kComparison:
        nodes_.push_back({.comparison = next++, .children = {}});
        group.factors.push_back(int(nodes_.size()) - 1);
        break;
      case StepKind::kAnd:
        break;
      case StepKind::kOr:
        group.terms.push_back(Join(Node::Kind::kAnd, std::exchange(group.factors, {})));
        break;
      case StepKind::kOpen:
        groups.emplace_back();
        break;
      case StepKind::kClose: {
        const int closed = Close(group);
        groups.pop_back();
        groups.back().factors.push_back(closed);
        break;
      }
    }
  }
  root_ = Close(groups.back());
}

int Tree::DeepestChild(const Node& parent) const {
  return *std::ranges::max_element(parent.children, {}, [&](int child) { return node(child).levels; });
}

void Tree::AppendJoined(Fragment& out, Node::Kind kind, std::span<const int> children, int without) {
  bool first = true;
  for (const int child : children) {
    if (child == without) continue;
    if (!first) out.sql += kind == Node::Kind::kAnd ? " AND " : " OR ";
    first = false;
    AppendNode(out, child, kind);
  }
}

// A conjunction at the top keeps its factors visible: an index can serve them.
void Tree::AppendTop(Fragment& out, int index) {
  if (node(index).kind == Node::Kind::kAnd) {
    AppendJoined(out, Node::Kind::kAnd, node(index).children, -1);
  } else {
    AppendNode(out, index, Node::Kind::kOr);
  }
}

// Calls itself at most kPlainLevels times, and through AppendCase once more for each halving of the comparisons.
void Tree::AppendNode(Fragment& out, int index, Node::Kind around) {
  const Node& what = node(index);
  if (what.kind == Node::Kind::kComparison) {
    Fragment& comparison = comparisons_[what.comparison];
    out.sql += comparison.sql;
    std::ranges::move(comparison.values, std::back_inserter(out.values));
    return;
  }
  if (what.levels > kPlainLevels) return AppendCase(out, index);
  const bool parenthesised = what.kind == Node::Kind::kOr && around == Node::Kind::kAnd;
  if (parenthesised) out.sql += '(';
  AppendJoined(out, what.kind, what.children, -1);
  if (parenthesised) out.sql += ')';
}

// Follows the deepest child down: at each level its siblings either decide or leave the answer to it.
void Tree::AppendCase(Fragment& out, int index) {
  out.sql += "CASE";
  while (node(index).levels > kPlainLevels) {
    const Node& level = node(index);
    const int deepest = DeepestChild(level);
    out.sql += " WHEN (";
    AppendJoined(out, level.kind, level.children, deepest);
    out.sql += level.kind == Node::Kind::kAnd ? ") IS NOT TRUE THEN 0" : ") THEN 1";
    index = deepest;
  }
  out.sql += " ELSE ";
  AppendNode(out, index, Node::Kind::kOr);
  out.sql += " END";
}

}  // namespace

bool NestsDeeply(const Ast& ast) {
  int depth = 0;
  for (const Step& step : ast.steps) {
    if (step.needed && step.kind == StepKind::kOpen && ++depth > kPlainLevels) return true;
    if (step.needed && step.kind == StepKind::kClose) --depth;
  }
  return false;
}

void AppendNested(Fragment& out, std::span<const Step> steps, std::vector<Fragment> comparisons) {
  Tree tree(std::move(comparisons));
  tree.Build(steps);
  tree.Append(out);
}

}  // namespace wombat::filter

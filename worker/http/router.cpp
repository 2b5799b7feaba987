#include "worker/http/router.h"

#include <algorithm>

#include "common/base/text.h"

namespace wombat {
namespace {

bool IsWildcard(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

template <class Leaves>
auto PickLeaf(const Leaves& leaves, std::string_view method) -> decltype(leaves.data()) {
  const auto with = [&](std::string_view wanted) {
    const auto found =
        std::find_if(leaves.begin(), leaves.end(), [&](const auto& leaf) { return leaf.method == wanted; });
    return found == leaves.end() ? nullptr : &*found;
  };
  if (const auto* own = method.empty() ? nullptr : with(method)) return own;
  if (const auto* get = method == "HEAD" ? with("GET") : nullptr) return get;
  return with("");
}

}  // namespace

std::string_view RouteMatch::Escaped(std::string_view name) const {
  for (std::size_t i = 0; i < count_; ++i)
    if ((*names_)[i] == name) return values_[i];
  return {};
}

std::string RouteMatch::Parameter(std::string_view name) const {
  std::string decoded;
  PercentDecode(Escaped(name), false, decoded);  // the parser has refused paths with malformed escapes
  return decoded;
}

RouteTree::RouteTree() : nodes_(1) {}

bool RouteTree::Add(std::string_view route, std::size_t index) {
  const auto blank = route.find(' ');
  Leaf leaf;
  if (blank != std::string_view::npos) leaf.method = route.substr(0, blank);
  const auto pattern = blank == std::string_view::npos ? route : route.substr(blank + 1);
  if (!pattern.starts_with('/')) return false;
  leaf.pattern = pattern;
  leaf.index = index;
  std::size_t node = 0;
  bool takes_rest = false;
  for (auto segment : Split(pattern.substr(1), '/')) {
    if (takes_rest) return false;
    if (IsWildcard(segment)) {
      auto name = segment.substr(1, segment.size() - 2);
      takes_rest = name.ends_with("...");
      if (takes_rest) name.remove_suffix(3);
      if (leaf.names.size() == kMaxRouteParameters) return false;
      leaf.names.emplace_back(name);
      if (takes_rest) continue;
      if (nodes_[node].wildcard == 0) {
        nodes_[node].wildcard = nodes_.size();
        nodes_.emplace_back();
      }
      node = nodes_[node].wildcard;
      continue;
    }
    auto& literals = nodes_[node].literals;
    auto place = std::lower_bound(literals.begin(), literals.end(), segment,
                                  [](const auto& literal, std::string_view wanted) { return literal.first < wanted; });
    if (place == literals.end() || place->first != segment) {
      place = literals.emplace(place, segment, nodes_.size());
      node = place->second;
      nodes_.emplace_back();
    } else {
      node = place->second;
    }
  }
  auto& leaves = takes_rest ? nodes_[node].rest : nodes_[node].leaves;
  for (const auto& other : leaves)
    if (other.method == leaf.method) return false;
  leaves.push_back(std::move(leaf));
  return true;
}

// Depth is bounded by the longest route, not by the path.
const RouteTree::Leaf* RouteTree::Search(std::size_t at, std::string_view method, std::string_view rest,
                                         RouteMatch& match, std::size_t wildcards) const {
  const auto& node = nodes_[at];
  const auto slash = rest.find('/');
  const auto segment = rest.substr(0, slash);
  const bool last = slash == std::string_view::npos;
  const auto behind = last ? std::string_view() : rest.substr(slash + 1);
  const auto descend = [&](std::size_t child, std::size_t caught) -> const Leaf* {
    if (!last) return Search(child, method, behind, match, caught);
    if (const auto* leaf = PickLeaf(nodes_[child].leaves, method)) {
      match.count_ = caught;
      return leaf;
    }
    return nullptr;
  };
  const auto literal =
      std::lower_bound(node.literals.begin(), node.literals.end(), segment,
                       [](const auto& entry, std::string_view wanted) { return entry.first < wanted; });
  if (literal != node.literals.end() && literal->first == segment)
    if (const auto* leaf = descend(literal->second, wildcards)) return leaf;
  if (node.wildcard != 0 && !segment.empty()) {
    match.values_[wildcards] = segment;
    if (const auto* leaf = descend(node.wildcard, wildcards + 1)) return leaf;
  }
  if (const auto* leaf = PickLeaf(node.rest, method)) {
    match.values_[wildcards] = rest;
    match.count_ = wildcards + 1;
    return leaf;
  }
  return nullptr;
}

std::optional<std::size_t> RouteTree::Find(std::string_view method, std::string_view path, RouteMatch& match) const {
  if (!path.starts_with('/')) return std::nullopt;
  const auto* leaf = Search(0, method, path.substr(1), match, 0);
  if (!leaf) return std::nullopt;
  match.names_ = &leaf->names;
  match.pattern_ = leaf->pattern;
  return leaf->index;
}

}  // namespace wombat

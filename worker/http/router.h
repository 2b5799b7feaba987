// Which handler a request is for.                                                          Behaviour: spec 01 §1.2.
//
//   Router<Handler> router;
//   router.Add("GET /api/collections/{collection}/records/{id}", &ViewRecord);
//   RouteMatch match;
//   if (const auto* handler = router.Find(request.method, request.path, match)) … match.Parameter("id") …
//
// Matching works on the escaped path, segment by segment, so %2F is data; what a wildcard caught is decoded afterwards.
// Finding allocates nothing. Routes are added at start-up; a Router that is no longer changed may be read by any
// thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/app/http.h"

namespace wombat {

inline constexpr std::size_t kMaxRouteParameters = 8;

// What the wildcards of the matching route caught, as views into the path.
class RouteMatch {
 public:
  // Still escaped; "" when the route has no such wildcard.
  std::string_view Escaped(std::string_view name) const;
  // Decoded.
  std::string Parameter(std::string_view name) const;
  // The pattern of the route, without its method: "/api/collections/{collection}/records".
  std::string_view pattern() const { return pattern_; }

 private:
  friend class RouteTree;
  std::string_view pattern_;
  const std::vector<std::string>* names_ = nullptr;
  std::array<std::string_view, kMaxRouteParameters> values_;
  std::size_t count_ = 0;
};

// The tree behind Router, free of the handler's type.
class RouteTree {
 public:
  RouteTree();
  // Takes "METHOD /pattern" ("/pattern" for every method) and an index to find it by. A segment is a literal or
  // "{name}"; the last may be "{name...}", which catches the rest of the path, also nothing. False: malformed, more
  // than kMaxRouteParameters wildcards, or the same method and path as an earlier route.
  bool Add(std::string_view route, std::size_t index);
  // Literal segments win over wildcards, and a route with a method over one without. HEAD is served by GET routes.
  std::optional<std::size_t> Find(std::string_view method, std::string_view path, RouteMatch& match) const;

 private:
  struct Leaf {
    std::string method;  // "" any
    std::string pattern;
    std::vector<std::string> names;
    std::size_t index = 0;
  };
  struct Node {
    std::vector<std::pair<std::string, std::size_t>> literals;  // sorted by name
    std::size_t wildcard = 0;                                   // 0: none (the root is nobody's child)
    std::vector<Leaf> leaves;                                   // the path ends here
    std::vector<Leaf> rest;                                     // "{name...}"
  };

  const Leaf* Search(std::size_t node, std::string_view method, std::string_view rest, RouteMatch& match,
                     std::size_t depth) const;
  std::vector<Node> nodes_;
};

template <class Handler>
class Router {
 public:
  bool Add(std::string_view route, Handler handler) {
    if (!tree_.Add(route, handlers_.size())) return false;
    handlers_.push_back(std::move(handler));
    return true;
  }
  // Null when no route matches: an unknown path, or a known one with another method (both are 404).
  const Handler* Find(std::string_view method, std::string_view path, RouteMatch& match) const {
    const auto index = tree_.Find(method, path, match);
    return index ? &handlers_[*index] : nullptr;
  }

 private:
  RouteTree tree_;
  std::vector<Handler> handlers_;
};

}  // namespace wombat

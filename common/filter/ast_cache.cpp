// The cache of parsed expressions. One a thread: rules are few and small, and a lookup takes no lock.
#include <list>
#include <unordered_map>

#include "common/filter/parser.h"

namespace wombat::filter {
namespace {

constexpr std::size_t kMaxCachedExpressions = 512;
// Longer texts are parsed each time: they cost more memory than they save.
constexpr std::size_t kMaxCachedBytes = 8192;

class AstCache {
 public:
  const AstPtr* Find(std::string_view expression) {
    const auto found = by_text_.find(expression);
    if (found == by_text_.end()) return nullptr;
    recent_.splice(recent_.begin(), recent_, found->second);
    return &found->second->ast;
  }

  void Add(std::string_view expression, AstPtr ast) {
    if (recent_.size() >= kMaxCachedExpressions) {
      by_text_.erase(recent_.back().text);
      recent_.pop_back();
    }
    recent_.push_front({std::string(expression), std::move(ast)});
    by_text_.emplace(recent_.front().text, recent_.begin());
  }

 private:
  struct Entry {
    std::string text;  // not Ast::source, which may have been repaired
    AstPtr ast;
  };
  std::list<Entry> recent_;  // most recently used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_text_;
};

}  // namespace

Result<AstPtr> ParseCached(std::string_view expression) {
  thread_local AstCache cache;
  if (const AstPtr* found = cache.Find(expression)) return *found;
  auto parsed = Parse(expression);
  if (parsed && expression.size() <= kMaxCachedBytes) cache.Add(expression, *parsed);
  return parsed;
}

}  // namespace wombat::filter

// A regular expression option (text and password `pattern`), compiled once and shared by all copies of its field.
// Behaviour: spec 02 conventions (REGEX), §5.1. Matching is safe on any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace wombat {

class Pattern {
 public:
  Pattern() = default;
  explicit Pattern(std::string text);

  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }
  // "error parsing regexp: …" when the text is no expression; nullopt for a good or empty one.
  std::optional<std::string> Problem() const;
  // Unanchored search. An empty pattern matches everything, a broken one nothing.
  bool Matches(std::string_view value) const;

 private:
  std::string text_;
  std::shared_ptr<const re2::RE2> compiled_;  // null when empty
};

// What is wrong with an expression, in the reference's words; nullopt when nothing is.
std::optional<std::string> PatternProblem(std::string_view text);

}  // namespace wombat

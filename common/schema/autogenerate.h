// Random text that follows an expression: a text field's autogeneratePattern.    Behaviour: spec 02 §5.2.
//
// Understands what is a valid regular expression (fields/pattern.h tells whether it is one). Parsed once and shared by
// all copies; generating is safe on any thread and draws from the kernel's generator.
#pragma once

#include <expected>
#include <memory>
#include <string>

namespace wombat {

// A generated text is never longer; a pattern of nested repetitions could otherwise grow without limit.
inline constexpr std::size_t kMaxGeneratedBytes = 1 << 20;

struct AutogenerateNode;

class AutogeneratePattern {
 public:
  AutogeneratePattern() = default;
  explicit AutogeneratePattern(std::string text);

  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }

  // Error: "unsupported pattern operator <N>" for what has no text (anchors, empty alternatives, …).
  std::expected<std::string, std::string> Generate() const;

 private:
  std::string text_;
  std::shared_ptr<const AutogenerateNode> root_;  // null when empty or not understood
};

}  // namespace wombat

#include "common/schema/fields/pattern.h"

#include <re2/re2.h>

namespace wombat {
namespace {

bool IsNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

// RE2 and the reference differ in two spellings: (?<name>…) is only known there, \C only here. The first is rewritten
// to
// (?P<name>…), the second reported through `unsupported`.
std::string ToRe2Syntax(std::string_view text, bool& unsupported) {
  std::string out;
  out.reserve(text.size());
  bool in_class = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    out += c;
    if (c == '\\' && i + 1 < text.size()) {
      const char escaped = text[++i];
      out += escaped;
      if (escaped == 'C') unsupported = true;
      if (escaped == 'Q') {  // literal text up to \E
        const std::size_t end = std::min(text.find("\\E", i + 1), text.size());
        out += text.substr(i + 1, end - i - 1);
        i = end - 1;
      }
    } else if (in_class) {
      in_class = c != ']';
    } else if (c == '[') {
      in_class = true;
      // A "]" right behind the opening bracket (or its "^") is a member, not the end.
      if (i + 1 < text.size() && text[i + 1] == '^') out += text[++i];
      if (i + 1 < text.size() && text[i + 1] == ']') out += text[++i];
    } else if (c == '(' && text.substr(i + 1, 2) == "?<" && i + 3 < text.size() && IsNameStart(text[i + 3])) {
      out += "?P<";
      i += 2;
    }
  }
  return out;
}

re2::RE2::Options QuietOptions() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  return options;
}

std::string_view ErrorWords(re2::RE2::ErrorCode code) {
  switch (code) {
    case re2::RE2::ErrorBadEscape:
      return "invalid escape sequence";
    case re2::RE2::ErrorBadCharClass:
      return "invalid character class";
    case re2::RE2::ErrorBadCharRange:
      return "invalid character class range";
    case re2::RE2::ErrorMissingBracket:
      return "missing closing ]";
    case re2::RE2::ErrorMissingParen:
      return "missing closing )";
    case re2::RE2::ErrorUnexpectedParen:
      return "unexpected )";
    case re2::RE2::ErrorTrailingBackslash:
      return "trailing backslash at end of expression";
    case re2::RE2::ErrorRepeatArgument:
      return "missing argument to repetition operator";
    case re2::RE2::ErrorRepeatSize:
      return "invalid repeat count";
    case re2::RE2::ErrorRepeatOp:
      return "invalid nested repetition operator";
    case re2::RE2::ErrorBadPerlOp:
      return "invalid or unsupported Perl syntax";
    case re2::RE2::ErrorBadUTF8:
      return "invalid UTF-8";
    case re2::RE2::ErrorBadNamedCapture:
      return "invalid named capture";
    case re2::RE2::ErrorPatternTooLarge:
      return "expression too large";
    default:
      return "expression nests too deeply";
  }
}

std::string Describe(std::string_view words, std::string_view fragment) {
  std::string out = "error parsing regexp: ";
  return out.append(words).append(": `").append(fragment).append("`");
}

std::optional<std::string> Problem(const re2::RE2& compiled, std::string_view text, bool unsupported) {
  if (unsupported) return Describe("invalid escape sequence", "\\C");
  if (compiled.ok()) return std::nullopt;
  std::string fragment = compiled.error_arg();
  const bool whole =
      compiled.error_code() == re2::RE2::ErrorMissingParen || compiled.error_code() == re2::RE2::ErrorUnexpectedParen;
  if (whole) fragment = text;
  return Describe(ErrorWords(compiled.error_code()), fragment);
}

}  // namespace

Pattern::Pattern(std::string text) : text_(std::move(text)) {
  if (text_.empty()) return;
  bool unsupported = false;
  compiled_ = std::make_shared<const re2::RE2>(ToRe2Syntax(text_, unsupported), QuietOptions());
}

std::optional<std::string> Pattern::Problem() const { return PatternProblem(text_); }

bool Pattern::Matches(std::string_view value) const {
  if (!compiled_) return true;
  if (!compiled_->ok()) return false;
  return re2::RE2::PartialMatch(re2::StringPiece(value.data(), value.size()), *compiled_);
}

std::optional<std::string> PatternProblem(std::string_view text) {
  bool unsupported = false;
  const re2::RE2 compiled(ToRe2Syntax(text, unsupported), QuietOptions());
  return Problem(compiled, text, unsupported);
}

}  // namespace wombat

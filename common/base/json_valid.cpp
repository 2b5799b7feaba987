// The grammar of JSON alone: cheaper than a parse, and more tolerant than one. A number of any size and a lone
// surrogate are fine here, because the text is kept as text.
#include <bitset>

#include "common/base/json.h"

namespace wombat {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHexDigit(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

class Scanner {
 public:
  explicit Scanner(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool Document() {
    bool value_expected = true;
    for (;;) {
      SkipBlanks();
      if (!value_expected && depth_ == 0) return at_ == end_;
      if (at_ == end_) return false;
      if (!(value_expected ? BeginValue(value_expected) : Continue(value_expected))) return false;
    }
  }

 private:
  bool BeginValue(bool& value_expected) {
    if (*at_ != '{' && *at_ != '[') {
      value_expected = false;
      return Scalar();
    }
    if (depth_ == std::size_t(kMaxJsonDepth)) return false;
    const bool object = *at_++ == '{';
    is_object_[depth_++] = object;
    SkipBlanks();
    if (Take(object ? '}' : ']')) {
      --depth_;
      value_expected = false;
      return true;
    }
    return !object || MemberName();
  }

  // After a value inside a container: its end, or the comma before the next one.
  bool Continue(bool& value_expected) {
    const bool object = is_object_[depth_ - 1];
    if (Take(object ? '}' : ']')) {
      --depth_;
      return true;
    }
    if (!Take(',')) return false;
    value_expected = true;
    SkipBlanks();
    return !object || MemberName();
  }

  bool MemberName() {
    if (!String()) return false;
    SkipBlanks();
    return Take(':');
  }

  bool Scalar() {
    switch (*at_) {
      case '"':
        return String();
      case 't':
        return Word("true");
      case 'f':
        return Word("false");
      case 'n':
        return Word("null");
      default:
        return Number();
    }
  }

  bool Word(std::string_view word) {
    if (std::string_view(at_, std::size_t(end_ - at_)).substr(0, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  bool Number() {
    Take('-');
    if (!Take('0') && !Digits()) return false;
    if (Take('.') && !Digits()) return false;
    if (!Take('e') && !Take('E')) return true;
    if (!Take('+')) Take('-');
    return Digits();
  }

  bool Digits() {
    const char* first = at_;
    while (at_ != end_ && IsDigit(*at_)) ++at_;
    return at_ != first;
  }

  bool String() {
    if (!Take('"')) return false;
    for (; at_ != end_; ++at_) {
      const char c = *at_;
      if (c == '"') {
        ++at_;
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c == '\\' && !Escape()) return false;
    }
    return false;
  }

  // Leaves the scanner on the last character of the escape.
  bool Escape() {
    if (++at_ == end_) return false;
    if (*at_ != 'u') return std::string_view("\"\\/bfnrt").find(*at_) != std::string_view::npos;
    if (end_ - at_ < 5) return false;
    for (int i = 0; i < 4; ++i) {
      if (!IsHexDigit(*++at_)) return false;
    }
    return true;
  }

  bool Take(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }

  void SkipBlanks() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }

  const char* at_;
  const char* end_;
  std::bitset<kMaxJsonDepth> is_object_;  // of the containers that are open, outermost first
  std::size_t depth_ = 0;
};

}  // namespace

bool IsValidJson(std::string_view text) { return Scanner(text).Document(); }

}  // namespace wombat

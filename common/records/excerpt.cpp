#include "common/records/excerpt.h"

#include <algorithm>
#include <array>

#include "common/base/utf8.h"
#include "common/records/html_tree.h"

namespace wombat {
namespace {

constexpr auto kLeftOut = std::to_array<std::string_view>({"applet", "button", "dialog", "embed", "form", "head",
                                                           "iframe", "img", "input", "object", "option", "picture",
                                                           "script", "select", "style", "svg", "template", "textarea"});
constexpr auto kInline = std::to_array<std::string_view>(
    {"a", "abbr",  "acronym", "b",     "bdo",  "big",    "br",     "button", "cite", "code", "em",
     "i", "label", "q",       "small", "span", "strike", "strong", "sub",    "sup",  "time"});
static_assert(std::ranges::is_sorted(kLeftOut) && std::ranges::is_sorted(kInline));

class Collector {
 public:
  Collector(const HtmlTree& tree, std::size_t max) : tree_(tree), max_(max) {}

  // Recursive: ParseHtml limits the depth.
  void Collect(int index) {
    const HtmlNode& node = tree_[std::size_t(index)];
    if (node.name.empty()) return AppendText(node.text);
    if (std::ranges::binary_search(kLeftOut, node.name)) return;
    const bool apart = !std::ranges::binary_search(kInline, node.name);
    if (apart) AppendSpace();
    // Two more for the blanks at both ends, which are trimmed later. In bytes, as the reference counts here.
    if (text_.size() <= max_ + 2) {
      for (int child = node.first_child; child >= 0; child = tree_[std::size_t(child)].next) Collect(child);
    }
    if (apart) AppendSpace();
  }

  const std::string& text() const { return text_; }

 private:
  void AppendText(std::string_view text) {
    for (const char c : text) {
      if (c == ' ' || (c >= '\t' && c <= '\r' && c != '\v')) {
        AppendSpace();
      } else {
        text_.push_back(c);
      }
    }
  }

  void AppendSpace() {
    if (!text_.ends_with(' ')) text_.push_back(' ');
  }

  const HtmlTree& tree_;
  std::size_t max_;
  std::string text_;
};

bool IsUnicodeBlank(char32_t point) {
  return (point >= 0x09 && point <= 0x0D) || point == 0x20 || point == 0x85 || point == 0xA0 || point == 0x1680 ||
         (point >= 0x2000 && point <= 0x200A) || point == 0x2028 || point == 0x2029 || point == 0x202F ||
         point == 0x205F || point == 0x3000;
}

std::string_view TrimUnicode(std::string_view text) {
  std::size_t length = 0;
  while (!text.empty() && IsUnicodeBlank(Utf8CodePoint(text, length))) text.remove_prefix(length);
  for (;;) {
    std::size_t start = text.size();
    while (start > 0 && (static_cast<unsigned char>(text[--start]) & 0xC0) == 0x80) {
    }
    if (start == text.size() || !IsUnicodeBlank(Utf8CodePoint(text.substr(start), length))) return text;
    text = text.substr(0, start);
  }
}

}  // namespace

std::string Excerpt(std::string_view html, std::size_t max, bool with_ellipsis) {
  const auto tree = ParseHtml(html);
  if (!tree) return {};
  Collector collector(*tree, max);
  collector.Collect(0);
  const std::string_view text = TrimUnicode(collector.text());
  std::size_t end = 0;
  for (std::size_t count = 0; count < max && end < text.size(); ++count) {
    std::size_t length = 0;
    Utf8CodePoint(text.substr(end), length);
    end += length;
  }
  if (end == text.size()) return std::string(text);
  std::string cut(TrimUnicode(text.substr(0, end)));
  if (with_ellipsis) cut += "...";
  return cut;
}

}  // namespace wombat

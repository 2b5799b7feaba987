#include "common/mail/html_to_text.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/utf8.h"
#include "common/records/html_tree.h"

namespace wombat {
namespace {

constexpr auto kLeftOut =
    std::to_array<std::string_view>({"applet", "button", "form", "iframe", "img", "input", "object", "option", "script",
                                     "select", "style", "svg", "template", "textarea"});
constexpr auto kInline =
    std::to_array<std::string_view>({"a", "b", "em", "i", "small", "span", "strike", "strong", "sub", "sup", "u"});
static_assert(std::ranges::is_sorted(kLeftOut) && std::ranges::is_sorted(kInline));

class Converter {
 public:
  explicit Converter(const HtmlTree& tree) : tree_(tree) {}

  // Recursive: ParseHtml limits the depth.
  void Convert(int index) {
    const HtmlNode& node = tree_[std::size_t(index)];
    if (node.name.empty()) return Text(node.text);
    if (std::ranges::binary_search(kLeftOut, node.name)) return;
    if (node.name == "a") return Link(node);
    if (node.name == "br" || (line_has_text_ && !std::ranges::binary_search(kInline, node.name))) NewLine();
    if (node.name == "li") *current_ += "- ";
    Children(node);
  }

  const std::string& text() const { return out_; }

 private:
  void Children(const HtmlNode& node) {
    for (int child = node.first_child; child >= 0; child = tree_[std::size_t(child)].next) Convert(child);
  }

  void NewLine() {
    *current_ += "\r\n";
    line_has_text_ = false;
  }

  // A run of white space is one blank, and none at the start of a line.
  void Text(std::string_view text) {
    bool in_blanks = false;
    for (const char c : text) {
      const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
      if (blank && !in_blanks && line_has_text_) *current_ += ' ';
      in_blanks = blank;
      if (blank) continue;
      *current_ += c;
      line_has_text_ = true;
    }
  }

  // A link inside another one, which only a table makes possible, is written before it.
  void Link(const HtmlNode& node) {
    std::string label;
    std::string* around = std::exchange(current_, &label);
    Children(node);
    current_ = around;
    const std::string_view shown = TrimWhiteSpace(label);
    out_.append("[").append(shown.empty() ? "LINK" : shown).append("]");
    if (!node.link.empty()) out_.append("(").append(node.link).append(")");
  }

  const HtmlTree& tree_;
  std::string out_;
  std::string* current_ = &out_;  // a link's text is gathered first
  bool line_has_text_ = false;
};

}  // namespace

std::string HtmlToText(std::string_view html) {
  const auto tree = ParseHtml(html);
  if (!tree) return {};
  Converter converter(*tree);
  converter.Convert(0);
  return std::string(TrimWhiteSpace(converter.text()));
}

}  // namespace wombat

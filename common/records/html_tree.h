// HTML text as a tree of elements and text, built by the rules that browsers follow for any input: unclosed paragraphs,
// misnested tags, text between table cells. What only matters for a rendered page is left out.   Behaviour: spec 01
// §1.15.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wombat {

struct HtmlNode {
  std::string name;  // of an element, in lower case; "" for text
  std::string text;
  std::string link;  // of an <a>
  int parent = -1;
  int first_child = -1, last_child = -1;
  int previous = -1, next = -1;
};

// Nodes by index; the root, <html>, is the first.
using HtmlTree = std::vector<HtmlNode>;

// More open elements than this are refused. <html> and <body> count.
inline constexpr std::size_t kMaxOpenElements = 512;

// nullopt past the limit.
std::optional<HtmlTree> ParseHtml(std::string_view html);

}  // namespace wombat

// Groups of HTML element names that the tree builder treats alike.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace wombat::html {

template <std::size_t N>
constexpr bool Contains(const std::array<std::string_view, N>& sorted, std::string_view name) {
  return std::ranges::binary_search(sorted, name);
}

// Never has content.
inline constexpr auto kVoid =
    std::to_array<std::string_view>({"area", "base", "basefont", "bgsound", "br", "col", "embed", "hr", "img", "input",
                                     "keygen", "link", "meta", "param", "source", "track", "wbr"});
// Before any content of the body these belong to the head.
inline constexpr auto kHeadOnly = std::to_array<std::string_view>({"base", "basefont", "bgsound", "link", "meta"});
// Content is text up to the end tag; `textarea` and `title` also decode character references.
inline constexpr auto kRawText = std::to_array<std::string_view>(
    {"iframe", "noembed", "noframes", "noscript", "script", "style", "textarea", "title", "xmp"});
inline constexpr auto kHeadRawText =
    std::to_array<std::string_view>({"noframes", "noscript", "script", "style", "title"});
inline constexpr auto kFormatting = std::to_array<std::string_view>(
    {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"});
inline constexpr auto kHeadings = std::to_array<std::string_view>({"h1", "h2", "h3", "h4", "h5", "h6"});
// Their start tag ends an open paragraph.
inline constexpr auto kEndsParagraph = std::to_array<std::string_view>(
    {"address", "article", "aside",    "blockquote", "center", "dd",      "details", "dialog",  "dir",  "div",
     "dl",      "dt",      "fieldset", "figcaption", "figure", "footer",  "form",    "h1",      "h2",   "h3",
     "h4",      "h5",      "h6",       "header",     "hgroup", "hr",      "li",      "listing", "main", "menu",
     "nav",     "ol",      "p",        "plaintext",  "pre",    "section", "summary", "ul",      "xmp"});
// Their end tag ends everything inside.
inline constexpr auto kBlocks = std::to_array<std::string_view>(
    {"address", "applet", "article", "aside",  "blockquote", "button",  "center",   "dd",
     "details", "dialog", "dir",     "div",    "dl",         "dt",      "fieldset", "figcaption",
     "figure",  "footer", "header",  "hgroup", "li",         "listing", "main",     "marquee",
     "menu",    "nav",    "object",  "ol",     "pre",        "section", "summary",  "ul"});
inline constexpr auto kSpecial = std::to_array<std::string_view>(
    {"address",  "applet",   "area",     "article", "aside",   "base",     "basefont",   "bgsound", "blockquote",
     "body",     "br",       "button",   "caption", "center",  "col",      "colgroup",   "dd",      "details",
     "dir",      "div",      "dl",       "dt",      "embed",   "fieldset", "figcaption", "figure",  "footer",
     "form",     "frame",    "frameset", "h1",      "h2",      "h3",       "h4",         "h5",      "h6",
     "head",     "header",   "hgroup",   "hr",      "html",    "iframe",   "img",        "input",   "keygen",
     "li",       "link",     "listing",  "main",    "marquee", "menu",     "meta",       "nav",     "noembed",
     "noframes", "noscript", "object",   "ol",      "p",       "param",    "plaintext",  "pre",     "script",
     "section",  "select",   "source",   "style",   "summary", "table",    "tbody",      "td",      "template",
     "textarea", "tfoot",    "th",       "thead",   "title",   "tr",       "track",      "ul",      "wbr",
     "xmp"});
// An end tag does not reach past these.
inline constexpr auto kBarriers = std::to_array<std::string_view>(
    {"applet", "caption", "html", "marquee", "object", "table", "td", "template", "th"});
inline constexpr auto kTableRows = std::to_array<std::string_view>({"table", "tbody", "tfoot", "thead", "tr"});
inline constexpr auto kTableParts =
    std::to_array<std::string_view>({"caption", "col", "colgroup", "tbody", "td", "tfoot", "th", "thead", "tr"});
inline constexpr auto kSections = std::to_array<std::string_view>({"tbody", "tfoot", "thead"});
inline constexpr auto kImpliedEnds =
    std::to_array<std::string_view>({"dd", "dt", "li", "optgroup", "option", "p", "rb", "rp", "rt", "rtc"});
// Inside <svg> or <math> these end the drawing.
inline constexpr auto kLeavesDrawing = std::to_array<std::string_view>(
    {"b",     "big",   "blockquote", "body",   "br",   "center", "code",  "dd", "div",  "dl",   "dt",
     "em",    "embed", "h1",         "h2",     "h3",   "h4",     "h5",    "h6", "head", "hr",   "i",
     "img",   "li",    "listing",    "menu",   "meta", "nobr",   "ol",    "p",  "pre",  "ruby", "s",
     "small", "span",  "strike",     "strong", "sub",  "sup",    "table", "tt", "u",    "ul",   "var"});
// Elements of a drawing whose content is HTML again.
inline constexpr auto kDrawingText =
    std::to_array<std::string_view>({"desc", "foreignobject", "mi", "mn", "mo", "ms", "mtext", "title"});

static_assert(std::ranges::is_sorted(kVoid) && std::ranges::is_sorted(kHeadOnly) && std::ranges::is_sorted(kRawText));
static_assert(std::ranges::is_sorted(kHeadRawText) && std::ranges::is_sorted(kFormatting));
static_assert(std::ranges::is_sorted(kEndsParagraph) && std::ranges::is_sorted(kBlocks));
static_assert(std::ranges::is_sorted(kSpecial) && std::ranges::is_sorted(kBarriers));
static_assert(std::ranges::is_sorted(kTableRows) && std::ranges::is_sorted(kTableParts));
static_assert(std::ranges::is_sorted(kImpliedEnds) && std::ranges::is_sorted(kLeavesDrawing));
static_assert(std::ranges::is_sorted(kDrawingText) && std::ranges::is_sorted(kSections));

}  // namespace wombat::html

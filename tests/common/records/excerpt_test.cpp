#include "common/records/excerpt.h"

#include <gtest/gtest.h>

#include "common/records/html_tree.h"

namespace wombat {
namespace {

struct Case {
  const char* html;
  const char* text;
};

// What the reference answers to `:excerpt(200)`.
constexpr Case kReferenceAnswers[] = {
    {"<noscript><p>x</p></noscript>y", "y"},
    {"y<noscript><p>x</p></noscript>z", "y <p>x</p> z"},
    {"<title>t</title>a", "a"},
    {"a<title>t</title>b", "a t b"},
    {"<head><title>q</title></head><body>x</body>", "x"},
    {"<select><option>a<p>b</p></select>c", "c"},
    {"<select>a<input>b</select>c", "bc"},
    {"<select>a<select>b</select>c", "bc"},
    {"a<option>b</option>c", "ac"},
    {"<table>x<tr><td>y</td></tr>z</table>w", "xz y w"},
    {"<td>a</td>b", "ab"},
    {"a<form>b<form>c</form>d</form>e", "ade"},
    {"<form>a<div></form>b</div>c", "c"},
    {"<svg><p>x</p></svg>y", "x y"},
    {"<svg><path/>a</svg>b", "b"},
    {"<svg/>b", "b"},
    {"<div/>b", "b"},
    {"<math><mi>x</mi></math>b", "x b"},
    {"<frameset><frame></frameset>abc", ""},
    {"a</p>b", "a b"},
    {"a</br>b", "ab"},
    {"a</div>b", "ab"},
    {"<s>a<p>b</s>c", "a b c"},
    {"<b>a<div>b</b>c</div>d", "a bc d"},
    {"<button>a<button>b</button>c", "c"},
    {"<textarea>a</textarea>b", "b"},
    {"<p>a<p>b", "a b"},
    {"a<plaintext>b<b>c", "a b<b>c"},
    {"a<xmp><b>c</xmp>d", "a <b>c d"},
    {"<!doctype html>a", "a"},
    {"a<!b>c", "ac"},
    {"a<?b>c", "ac"},
    {"a</ b>c", "ac"},
    {"a<>b", "a<>b"},
    {"a< b", "a< b"},
    {"a<3", "a<3"},
    {"a</>b", "ab"},
    {"a<b", "a"},
    {"a<b x=\"", "a"},
    {"a<b x=\">\">c</b>d", "acd"},
    {"a<!-->b", "ab"},
    {"a<!-- b", "a"},
    {"a<!--a--!>b", "ab"},
    {"<ul><li>a<li>b</ul>c", "a b c"},
    {"<dl><dt>a<dd>b</dl>", "a b"},
    {"<h1>a<h2>b</h1>c", "a b c"},
    {"<script>a<!-- <script> </script> b --></script>c", "c"},
    {"<style>x</style>y", "y"},
    {"a<wbr>b", "a b"},
    {"<a>x<a>y</a>z", "xyz"},
    {"<table><tr><td>a<td>b<tr><td>c</table>d", "a b c d"},
    {"<template>a</template>b", "b"},
    {"<picture>a</picture>b", "b"},
    {"<dialog>a</dialog>b", "b"},
    {"<object>a</object>b", "b"},
    {"<label>a</label>b", "ab"},
    {"<span>a</span><span>b</span>", "ab"},
    {"a<font>b</font>c", "a b c"},
    {"a&#0;b&#xD800;c&#x110000;d&#x81;e&#13;f",
     "a\xEF\xBF\xBD"
     "b\xEF\xBF\xBD"
     "c\xEF\xBF\xBD"
     "d\xC2\x81"
     "e f"},
    {"&lt;b&gt;x", "<b>x"},
    {"x&ampy", "x&y"},
    {"&NotEqualTilde;x", "\xE2\x89\x82\xCC\xB8x"},
    {"<b>a</b >c", "ac"},
    {"a</b/>c", "ac"},
    {"<IMG src=x>a<Div>b</DIV>c", "a b c"},
    {"a<select><div>b</div></select>c", "ac"},
    {"a<svg><title>x</title></svg>b", "ab"},
    {"<image>a", "a"},
    {"<input>a", "a"},
    {"<body><head>x</head>y", "xy"},
    {"<ruby>a<rt>b</ruby>c", "a b c"},
    {"<keygen>a", "a"},
    {"a<input>b", "ab"},
    {"a<img>b", "ab"},
    {"a<embed>b", "ab"},
    {"a<script>b</script>c", "ac"},
    {"a<svg></svg>b", "ab"},
    {"a<applet>b</applet>c", "ac"},
    {"<caption>a</caption>b", "ab"},
    {"<table><caption>a</caption>b</table>c", "b a c"},
    {"<table><b>a</b><tr><td>c", "a c"},
    {"a<center>b</center>c", "a b c"},
    {"a<noembed><b>x</noembed>c", "a <b>x c"},
    {"a<iframe><b>x</iframe>c", "ac"},
    {"a<noframes><b>x</noframes>c", "a <b>x c"},
    {"<table><form>a</form><tr><td>b</table>c", "a b c"},
    {"<table>a<input>b<tr><td>c", "ab c"},
    {"a<textarea>\n&amp;</textarea>b", "ab"},
    {"a<title>&amp;<b></title>b", "a &<b> b"},
    {"<select><button>a</button>x</select>b", "b"},
    {"a<b>b</b>c", "abc"},
    {"a<div>b</div>c", "a b c"},
    {"a<br>c<hr>d", "ac d"},
    {"a<!-- x -->c", "ac"},
    {"a&nbsp;c&amp;d&eacute;&#x41;&#128;&notit;&copy &unknown;", "a\u00A0c&déA€¬it;© &unknown;"},
    {"\u00A0 a \u00A0", "a"},
    {"a \u00A0 b", "a \u00A0 b"},
    {"abc\vdef\fghi\u2003x", "abc\vdef ghi\u2003x"},
};

TEST(Excerpt, TakesTheTextThatTheReferenceTakes) {
  for (const Case& c : kReferenceAnswers) EXPECT_EQ(Excerpt(c.html, 200, false), c.text) << c.html;
}

TEST(Excerpt, CutsAtCodePointsAndTrimsTheCut) {
  EXPECT_EQ(Excerpt("hello world", 5, false), "hello");
  EXPECT_EQ(Excerpt("hello world", 6, true), "hello...");
  EXPECT_EQ(Excerpt("ééé", 2, true), "éé...");
  EXPECT_EQ(Excerpt("hello", 5, true), "hello");
}

TEST(Excerpt, StopsDescendingWhenItHasEnoughBytes) {
  constexpr std::string_view kHtml = "éé<b>éé</b>éé<i>éé</i>éé<u>éé</u>";
  EXPECT_EQ(Excerpt(kHtml, 7, true), "ééééééé...");
  EXPECT_EQ(Excerpt(kHtml, 8, true), "éééééééé");
  EXPECT_EQ(Excerpt(kHtml, 10, true), "éééééééé");
  EXPECT_EQ(Excerpt(kHtml, 11, true), "éééééééééé");
  EXPECT_EQ(Excerpt("éééé<div>ab</div>éé", 5, true), "éééé...");
  EXPECT_EQ(Excerpt("éééé<div>ab</div>éé", 6, true), "éééé é...");
  EXPECT_EQ(Excerpt("éééé<div>ab</div>éé<p>xx</p>", 8, true), "éééé ab...");
}

std::string Repeated(std::string_view text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

TEST(Excerpt, IsEmptyForElementsNestedTooDeep) {
  EXPECT_EQ(Excerpt(Repeated("<div>", kMaxOpenElements - 2) + "x", 200, false), "x");
  EXPECT_EQ(Excerpt(Repeated("<div>", kMaxOpenElements - 1) + "x", 200, false), "");
  EXPECT_EQ(Excerpt(Repeated("<p>", 2000) + "x", 200, false), "x");
}

TEST(Excerpt, SurvivesAnyBytes) {
  for (const std::string_view html :
       {"<", "</", "<!",  "<!-",  "<!--",           "<!--->",   "<a",        "<a ", "<a b",   "<a b=",       "<a b='",
        "&", "&#", "&#x", "&#x;", "\xFF<\xFF>\xC3", "<script>", "<textarea", "</p", "<svg><", "<table><tr><"}) {
    EXPECT_LE(Excerpt(html, 200, true).size(), html.size() * 3) << html;
  }
}

}  // namespace
}  // namespace wombat

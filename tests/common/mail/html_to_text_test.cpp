#include "common/mail/html_to_text.h"

#include <gtest/gtest.h>

namespace wombat {
namespace {

struct Sample {
  std::string_view html, text;
};

// What the reference makes of them.
constexpr Sample kSamples[] = {
    {"<span>a</span>   b   <div>c</div>", "a b \r\nc"},
    {"<div>deep</div><a href=\"u\">x</a>", "deep[x](u)"},
    {"a<br>b<br><br>c", "a\r\nb\r\n\r\nc"},
    {"<ul><li>one</li><li>two <b>bold</b></li></ul>tail", "- one\r\n- two boldtail"},
    {"<ol><li>1</li><li><p>para</p></li></ol>", "- 1\r\n- para"},
    {"<a>no href</a>", "[no href]"},
    {"<a href=\"\">empty</a>", "[empty]"},
    {"<a href='x'></a>", "[LINK](x)"},
    {"<a href='x'><b>y</b> z</a>", "[y z](x)"},
    {"<a href='x'> spaced </a>", "[spaced](x)"},
    {"<p>a</p><p>b</p>", "a\r\nb"},
    {"<p>a</p>text<p>b</p>", "atext\r\nb"},
    {"<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1\r\n2\r\n3"},
    {"<h1>T</h1>x<h2>U</h2>", "Tx\r\nU"},
    {"<pre>  keep\n  me  </pre>", "keep me"},
    {"a<style>s</style>b<script>x</script>c", "abc"},
    {"<button>b</button>|<select><option>o</option></select>|<textarea>t</textarea>|<img alt=x>|<svg><text>t</text></svg>|<form>f<input value=1></form>|<object>o</object>|<template>t</template>|<iframe>i</iframe>", "||||||||"},
    {"&amp; &lt;b&gt; &nbsp;x&#39; &euro;", "& <b>  x' €"},
    {"a\n\n\nb\tc", "a b c"},
    {"x<div></div>y", "x\r\ny"},
    {"x<div> </div>y", "x\r\ny"},
    {"<i>a</i><u>b</u><sub>c</sub><code>d</code><label>e</label><font>f</font>", "abc\r\nd\r\ne\r\nf"},
    {"<section>a</section><hr>b", "a\r\nb"},
    {"<a href='a\"b'>q</a>", "[q](a\"b)"},
    {"<a href='u'><img src=x></a>", "[LINK](u)"},
    {"<a href='u'><div>block</div></a>", "[block](u)"},
    {"<p>one<br></p><p>two</p>", "one\r\ntwo"},
    {"<br><br>x", "x"},
    {"<div>a<br><div>b</div></div>", "a\r\nb"},
    {"<li>bare</li>", "- bare"},
    {"x <!-- c --> y", "x  y"},
    {"<p>unclosed <b>bold<p>next", "unclosed bold\r\nnext"},
    {"<a href='1'>a<a href='2'>b", "[a](1)[b](2)"},
    {"", ""},
    {"a&nbsp;&nbsp;b", "a  b"},
    {"<dl><dt>t</dt><dd>d</dd></dl>", "t\r\nd"},
    {"<noscript>ns</noscript>z", "nsz"},
    {"a <b> b </b> c", "a  b  c"},
    {"x<li>a</li>", "x\r\n- a"},
    {"x<br/> y", "x\r\ny"},
    {"x <br> y", "x \r\ny"},
    {"<A HREF='Up'>Case</A>", "[Case](Up)"},
    {"<a title='t' href='h1' href='h2'>x</a>", "[x](h1)"},
    {"<a href=' sp '>x</a>", "[x]( sp )"},
    {"<div>a</div>\n<div>b</div>", "a \r\nb"},
    {"<a href='&amp;x&lt;'>e</a>", "[e](&x<)"},
    {"<a href='u'>a<br>b</a>", "[a\r\nb](u)"},
    {"<p> </p>z", "z"},
    {"<ul>\n<li>one</li>\n<li>two</li>\n</ul>", "- one \r\n- two"},
    {"<p>a</p><br><p>b</p>", "a\r\nb"},
    {"a<p></p><p></p>b<br><p></p>c", "a\r\nb\r\nc"},
    {"<a href='x'></a><p>b</p>", "[LINK](x)b"},
    {"t<a href='u'> x </a>y", "t[x](u)y"},
    {"<p></p><a href='u'>x</a><p>b</p>", "[x](u)\r\nb"},
    {"<a href='u'>a<br></a><p>b</p>", "[a](u)b"},
    {"<a href='u'><table><tr><td><a href='v'>in</a></td></tr></table>out</a>z", "[in](v)[out](u)z"},
    {"<a><li>x</li></a>", "[- x]"},
    {"<a href=u/v?x=1&y=2>z</a>", "[z](u/v?x=1&y=2)"},
    {"<a href>z</a>", "[z]"},
    {"<a href='u?a=1&copy=2&reg;'>z</a>", "[z](u?a=1&copy=2®)"},
};

TEST(HtmlToText, GivesTheTextThatTheReferenceGives) {
  for (const Sample& sample : kSamples)
    EXPECT_EQ(HtmlToText("<html><head><style>s</style></head>\n<body>\n" + std::string(sample.html) + "\n</body></html>"), sample.text)
        << sample.html;
}

TEST(HtmlToText, GivesNothingForHtmlThatIsNestedTooDeep) {
  std::string html;
  for (int i = 0; i < 600; i++) html += "<div>";
  EXPECT_EQ(HtmlToText(html + "x"), "");
}

}  // namespace
}  // namespace wombat

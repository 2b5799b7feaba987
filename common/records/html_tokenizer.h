// Cuts HTML text into tags and text, as browsers do with any input.                              Behaviour: spec 01
// §1.15.
#pragma once

#include <string>
#include <string_view>

namespace wombat {

struct HtmlToken {
  enum class Kind { kEnd, kText, kStartTag, kEndTag };
  Kind kind = Kind::kEnd;
  std::string name;  // of a tag, in lower case
  std::string text;  // with its character references decoded
  std::string link;  // the value of a start tag's first "href"
  bool self_closing = false;
};

// Comments, doctypes and all attributes but links are read and dropped: nobody needs them here.
class HtmlTokenizer {
 public:
  explicit HtmlTokenizer(std::string_view html) : rest_(html) {}

  HtmlToken Next();
  // Everything up to the end tag of `name`, which is consumed too: the content of <script>, <textarea> … . "": the
  // rest.
  std::string RawText(std::string_view name, bool decode);

 private:
  HtmlToken Text();
  bool Markup(HtmlToken& token);
  bool Tag(HtmlToken& token, std::size_t name_at);
  void Attribute(HtmlToken& token);
  void SkipBlanks();
  void SkipPast(std::string_view end);
  void SkipComment();

  std::string_view rest_;
};

}  // namespace wombat

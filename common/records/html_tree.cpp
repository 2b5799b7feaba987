#include "common/records/html_tree.h"

#include <map>
#include <utility>

#include "common/records/html_names.h"
#include "common/records/html_tokenizer.h"

namespace wombat {
namespace {

using namespace html;  // the groups of names

bool IsBlankText(std::string_view text) { return text.find_first_not_of(" \t\n\r\f") == text.npos; }

class TreeBuilder {
 public:
  explicit TreeBuilder(std::string_view html) : tokens_(html) {
    Push(NewNode("html"), false);
    Attach(0, NewNode("body"));
    Push(1, false);
  }

  std::optional<HtmlTree> Build() {
    while (!finished_) {
      const HtmlToken token = tokens_.Next();
      if (token.kind == HtmlToken::Kind::kEnd) break;
      if (token.kind == HtmlToken::Kind::kText) Text(token.text);
      if (token.kind == HtmlToken::Kind::kStartTag) StartTag(token);
      if (token.kind == HtmlToken::Kind::kEndTag) EndTag(token.name);
      if (open_.size() > kMaxOpenElements) return std::nullopt;
    }
    return std::move(tree_);
  }

 private:
  struct Open {
    int node;
    bool drawing;  // part of <svg> or <math>
  };

  // ---- nodes
  int NewNode(std::string_view name, std::string text = {}) {
    HtmlNode node;
    node.name = name;
    node.text = std::move(text);
    tree_.push_back(std::move(node));
    return int(tree_.size()) - 1;
  }
  HtmlNode& node(int index) { return tree_[std::size_t(index)]; }

  void Attach(int parent, int child) {
    node(child).parent = parent;
    node(child).previous = node(parent).last_child;
    if (node(parent).last_child >= 0) node(node(parent).last_child).next = child;
    if (node(parent).first_child < 0) node(parent).first_child = child;
    node(parent).last_child = child;
  }

  void AttachBefore(int sibling, int child) {
    const int parent = node(sibling).parent;
    node(child).parent = parent;
    node(child).next = sibling;
    node(child).previous = node(sibling).previous;
    if (node(sibling).previous >= 0) {
      node(node(sibling).previous).next = child;
    } else {
      node(parent).first_child = child;
    }
    node(sibling).previous = child;
  }

  // What stands between a table's cells is shown before the table.
  void Insert(int child, bool table_part) {
    const int parent = open_.back().node;
    if (table_part || !Contains(kTableRows, node(parent).name)) return Attach(parent, child);
    int table = parent;
    while (node(table).name != "table" && node(table).parent >= 0) table = node(table).parent;
    if (node(table).parent < 0) return Attach(parent, child);
    AttachBefore(table, child);
  }

  // ---- open elements
  const std::string& NameAt(std::size_t depth) { return node(open_[depth].node).name; }
  const std::string& CurrentName() { return NameAt(open_.size() - 1); }
  void Push(int index, bool drawing) {
    open_.push_back({index, drawing});
    ++open_names_[node(index).name];
  }
  void Remove(std::size_t depth) {
    --open_names_[NameAt(depth)];
    open_.erase(open_.begin() + std::ptrdiff_t(depth));
  }
  void Pop() {
    if (open_.size() > 2) Remove(open_.size() - 1);  // <html> and <body> stay
  }
  // Spares most walks through deep nesting.
  bool IsOpen(std::string_view name) const {
    const auto count = open_names_.find(name);
    return count != open_names_.end() && count->second > 0;
  }

  int AddElement(std::string_view name, bool keep_open, bool drawing = false, bool table_part = false) {
    const int element = NewNode(name);
    Insert(element, table_part);
    if (keep_open) Push(element, drawing);
    return element;
  }

  // Depth of the innermost open element that `matches`, if no `barrier` is further inside; 0: none.
  template <class Match, class Barrier>
  std::size_t Find(Match matches, Barrier barrier) {
    for (std::size_t depth = open_.size() - 1; depth >= 2; --depth) {
      if (!open_[depth].drawing && matches(NameAt(depth))) return depth;
      if (!open_[depth].drawing && barrier(NameAt(depth))) return 0;
    }
    return 0;
  }
  std::size_t FindInScope(std::string_view name, std::string_view extra_barrier = {}) {
    if (!IsOpen(name)) return 0;
    return Find([&](std::string_view open) { return open == name; },
                [&](std::string_view open) { return Contains(kBarriers, open) || open == extra_barrier; });
  }
  std::size_t FindOpen(std::string_view name) {
    if (!IsOpen(name)) return 0;
    return Find([&](std::string_view open) { return open == name; }, [](std::string_view) { return false; });
  }
  void CloseFrom(std::size_t depth) {
    while (depth >= 2 && open_.size() > depth) Remove(open_.size() - 1);
  }
  void CloseInScope(std::string_view name, std::string_view extra_barrier = {}) {
    CloseFrom(FindInScope(name, extra_barrier));
  }
  void CloseParagraph() { CloseInScope("p", "button"); }

  // The innermost part of a table that content would go into: "table" context between cells, or a cell (false).
  bool BetweenCells() {
    const std::size_t depth = Find(
        [](std::string_view open) { return Contains(kTableRows, open); },
        [](std::string_view open) { return open == "td" || open == "th" || open == "caption" || open == "template"; });
    return depth != 0;
  }

  // ---- tokens
  void Text(const std::string& text) {
    if (text.empty() || (before_body_ && IsBlankText(text))) return;
    before_body_ = false;
    const bool blank_in_table = Contains(kTableRows, CurrentName()) && IsBlankText(text);
    Insert(NewNode({}, text), blank_in_table);
  }

  void StartTag(const HtmlToken& token) {
    const std::string& name = token.name;
    if (open_.back().drawing && !Contains(kDrawingText, CurrentName())) {
      if (!Contains(kLeavesDrawing, name)) return (void)AddElement(name, !token.self_closing, true);
      while (open_.back().drawing && !Contains(kDrawingText, CurrentName())) Pop();
    }
    if (name == "html" || name == "head" || name == "body") {
      before_body_ = before_body_ && name != "body";
      return;
    }
    if (before_body_ && HeadElement(name)) return;
    before_body_ = false;
    if (FindOpen("select") != 0 && !InSelect(name)) return;
    if (TablePart(name)) return;
    BodyElement(token);
  }

  bool HeadElement(std::string_view name) {
    if (Contains(kHeadOnly, name)) return true;
    if (Contains(kHeadRawText, name)) return tokens_.RawText(name, false), true;
    if (name != "frameset") return false;
    finished_ = true;  // a page of frames has no text of its own
    return true;
  }

  // False: nothing more to do with the tag.
  bool InSelect(std::string_view name) {
    if (name == "option" || name == "optgroup" || name == "hr") {
      if (CurrentName() == "option") Pop();
      if (name != "option" && CurrentName() == "optgroup") Pop();
      AddElement(name, name != "hr");
      return false;
    }
    if (name == "script" || name == "template") return true;
    if (name == "select") return CloseFrom(FindOpen("select")), false;
    const bool ends_select = name == "input" || name == "keygen" || name == "textarea" ||
                             (FindOpen("table") != 0 && (name == "table" || Contains(kTableParts, name)));
    if (ends_select) {
      CloseFrom(FindOpen("select"));
    } else if (Contains(kRawText, name)) {
      tokens_.RawText(name, false);  // the tag is ignored, its content is no markup all the same
    }
    return ends_select;
  }

  bool TablePart(std::string_view name) {
    if (name == "table") {
      if (BetweenCells()) CloseFrom(FindOpen("table"));
      AddElement(name, true);
      return true;
    }
    if (name == "frame" || name == "frameset") return true;
    if (!Contains(kTableParts, name)) return false;
    if (FindOpen("table") == 0 || name == "col") return true;
    if (name == "td" || name == "th") {
      OpenRow();
    } else if (name == "tr") {
      OpenSection();
    } else {
      CloseFrom(FindOpen("table") + 1);
    }
    AddElement(name, true, false, true);
    return true;
  }

  void OpenSection() {
    const auto never = [](std::string_view) { return false; };
    CloseFrom(Find([](std::string_view open) { return Contains(kSections, open) || open == "table"; }, never) + 1);
    if (CurrentName() == "table") AddElement("tbody", true, false, true);
  }

  void OpenRow() {
    const auto never = [](std::string_view) { return false; };
    CloseFrom(Find([](std::string_view open) { return Contains(kTableRows, open); }, never) + 1);
    if (CurrentName() == "tr") return;
    OpenSection();
    AddElement("tr", true, false, true);
  }

  void BodyElement(const HtmlToken& token) {
    const std::string_view name = token.name == "image" ? "img" : std::string_view(token.name);
    if (name == "form") {
      if (form_ >= 0) return;
      const bool between_cells = BetweenCells();
      if (!between_cells) CloseParagraph();
      form_ = AddElement(name, !between_cells);
      return;
    }
    if (name == "button") CloseInScope("button");
    if (name == "li" || name == "dd" || name == "dt") CloseListItem(name);
    if ((name == "option" || name == "optgroup") && CurrentName() == "option") Pop();
    if (Contains(kEndsParagraph, name)) CloseParagraph();
    if (Contains(kHeadings, name) && Contains(kHeadings, CurrentName())) Pop();
    if (name == "a" || name == "nobr") EndFormatting(name);
    const bool drawing = name == "svg" || name == "math";
    if (Contains(kRawText, name)) {
      const int element = AddElement(name, false);
      Attach(element, NewNode({}, tokens_.RawText(name, name == "textarea" || name == "title")));
    } else if (name == "plaintext") {
      Attach(AddElement(name, false), NewNode({}, tokens_.RawText({}, false)));
    } else {
      const int element = AddElement(name, !Contains(kVoid, name) && !(drawing && token.self_closing), drawing);
      if (name == "a") node(element).link = token.link;
    }
  }

  void CloseListItem(std::string_view name) {
    const auto matches = [&](std::string_view open) {
      return name == "li" ? open == "li" : open == "dd" || open == "dt";
    };
    const auto stops = [](std::string_view open) {
      return Contains(kSpecial, open) && open != "address" && open != "div" && open != "p";
    };
    CloseFrom(Find(matches, stops));
  }

  void EndTag(const std::string& name) {
    if (open_.back().drawing && EndDrawingTag(name)) return;
    if (name == "html" || name == "head" || name == "body") {
      before_body_ = before_body_ && name == "head";
      return;
    }
    if (before_body_ && name != "br") return;
    if (name == "br" || (name == "p" && FindInScope("p", "button") == 0)) {
      before_body_ = false;
      AddElement(name, false);
      return;
    }
    if (FindOpen("select") != 0 && name != "select" && name != "option" && name != "optgroup" && name != "template")
      return;
    if (name == "p") return CloseParagraph();
    if (name == "form") return EndForm();
    if (name == "select" || name == "template") return CloseFrom(FindOpen(name));
    if (name == "table" || Contains(kTableParts, name)) return EndTablePart(name);
    if (Contains(kFormatting, name)) return EndFormatting(name);
    if (Contains(kBlocks, name)) return CloseInScope(name);
    if (Contains(kHeadings, name)) {
      return CloseFrom(Find([](std::string_view open) { return Contains(kHeadings, open); },
                            [](std::string_view open) { return Contains(kBarriers, open); }));
    }
    if (!IsOpen(name)) return;
    CloseFrom(Find([&](std::string_view open) { return open == name; },
                   [](std::string_view open) { return Contains(kSpecial, open); }));
  }

  bool EndDrawingTag(std::string_view name) {
    for (std::size_t depth = open_.size() - 1; depth >= 2 && open_[depth].drawing; --depth) {
      if (NameAt(depth) != name) continue;
      CloseFrom(depth);
      return true;
    }
    return false;
  }

  // Other elements that were opened inside the form stay open, and inside it.
  void EndForm() {
    const int form = std::exchange(form_, -1);
    if (form < 0) return;
    while (Contains(kImpliedEnds, CurrentName())) Pop();
    for (std::size_t depth = open_.size() - 1; depth >= 2; --depth) {
      if (open_[depth].node == form) Remove(depth);
    }
  }

  void EndTablePart(std::string_view name) {
    const auto matches = [&](std::string_view open) { return open == name; };
    CloseFrom(Find(matches, [](std::string_view open) { return open == "table" || open == "template"; }));
  }

  // Formatting that overlaps a block ends inside it, and the block stays open.
  void EndFormatting(std::string_view name) {
    const std::size_t depth = FindInScope(name);
    if (depth == 0) return;
    bool overlaps = false;
    for (std::size_t inner = depth + 1; inner < open_.size(); ++inner) overlaps |= Contains(kSpecial, NameAt(inner));
    if (!overlaps) return CloseFrom(depth);
    Remove(depth);
    AddElement(name, false);
  }

  HtmlTokenizer tokens_;
  HtmlTree tree_;
  std::vector<Open> open_;                              // outermost first
  std::map<std::string, int, std::less<>> open_names_;  // how many of each name
  int form_ = -1;                                       // the open <form>: there is only one
  bool before_body_ = true;                             // nothing of the body was seen yet
  bool finished_ = false;
};

}  // namespace

std::optional<HtmlTree> ParseHtml(std::string_view html) { return TreeBuilder(html).Build(); }

}  // namespace wombat

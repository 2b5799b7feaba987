#include "common/filter/parser.h"

#include <string>
#include <utility>

#include "common/base/json_text.h"
#include "common/filter/lexer.h"
#include "common/filter/quote.h"

namespace wombat::filter {
namespace {

std::unexpected<Error> Invalid(std::string message) { return Fail(std::move(message), Error::Kind::kInvalidInput); }

std::string_view KindName(const Token& token) {
  if (token.kind == TokenKind::kSign) return "sign";
  if (token.kind == TokenKind::kJoin) return "join";
  switch (token.term.kind) {
    case TermKind::kIdentifier:
      return "identifier";
    case TermKind::kFunction:
      return "function";
    case TermKind::kText:
      return "text";
    case TermKind::kNumber:
      return "number";
  }
  return {};
}

std::unexpected<Error> Unexpected(std::string_view expected, const Token& token) {
  const std::string_view text = token.kind == TokenKind::kTerm ? token.term.literal() : token.text;
  return Invalid("expected " + std::string(expected) + ", got " + Quote(text) + " (" + std::string(KindName(token)) +
                 ")");
}

class Parser {
 public:
  explicit Parser(Ast& ast) : ast_(ast), lexer_(ast.source) {}
  Result<void> Run();

 private:
  enum class Expect { kLeft, kSign, kRight, kJoin };
  // A group that is not known yet to need its parentheses: the join behind it is still to come.
  struct Pending {
    bool exists = false;
    std::size_t open = 0, close = 0;
    bool has_or = false;
    bool and_before = false;
  };
  struct Frame {
    Expect expect = Expect::kLeft;
    bool is_and = true;    // the join last seen
    bool empty = true;     // no item yet
    bool begun = false;    // a left operand was read
    bool has_or = false;   // an OR that is not inside needed parentheses
    std::size_t open = 0;  // the step of the opening parenthesis
    std::size_t outer_end = 0;
    Pending pending;
  };

  Result<void> Take(Token token);
  Result<bool> Close();  // false: the whole text was read
  void OpenGroup(const Token& token);
  void AppendJoin();
  void Settle(Pending& pending, bool and_after);
  Frame& frame() { return frames_.back(); }

  Ast& ast_;
  Lexer lexer_;
  Comparison comparison_;
  std::vector<Frame> frames_ = {Frame()};
};

Result<void> Parser::Run() {
  for (;;) {
    auto token = lexer_.Next();
    if (!token) return std::unexpected(std::move(token.error()));
    if (token->kind == TokenKind::kEnd) {
      auto more = Close();
      if (!more) return std::unexpected(std::move(more.error()));
      if (!*more) return {};
    } else if (token->kind == TokenKind::kGroup) {
      OpenGroup(*token);
    } else if (auto taken = Take(std::move(*token)); !taken) {
      return taken;
    }
  }
}

Result<void> Parser::Take(Token token) {
  switch (frame().expect) {
    case Expect::kLeft:
      if (token.kind != TokenKind::kTerm) {
        return Unexpected("left operand (identifier, function, text or number)", token);
      }
      comparison_.left = std::move(token.term);
      frame().begun = true;
      frame().expect = Expect::kSign;
      return {};
    case Expect::kSign:
      if (token.kind != TokenKind::kSign) return Unexpected("a sign operator", token);
      comparison_.op = token.op;
      comparison_.any = token.any;
      frame().expect = Expect::kRight;
      return {};
    case Expect::kRight:
      if (token.kind != TokenKind::kTerm) {
        return Unexpected("right operand (identifier, function text or number)", token);
      }
      comparison_.right = std::move(token.term);
      AppendJoin();
      ast_.steps.push_back({StepKind::kComparison});
      ast_.comparisons.push_back(std::move(comparison_));
      frame().expect = Expect::kJoin;
      return {};
    case Expect::kJoin:
      if (token.kind != TokenKind::kJoin) return Unexpected("&& or ||", token);
      frame().is_and = token.is_and;
      frame().expect = Expect::kLeft;
      return {};
  }
  return {};
}

// The reference takes a group wherever it stands: what was begun before it is forgotten, and it is joined by the join
// last seen (03 §1.3).
void Parser::OpenGroup(const Token& token) {
  AppendJoin();
  Frame inner;
  inner.open = ast_.steps.size();
  inner.outer_end = lexer_.Enter(token);
  ast_.steps.push_back({StepKind::kOpen});
  frames_.push_back(inner);
}

Result<bool> Parser::Close() {
  Frame closed = frame();
  if (closed.expect != Expect::kJoin) {
    if (closed.empty && !closed.begun) return Invalid("empty filter expression");
    return Invalid("invalid or incomplete filter expression");
  }
  Settle(frame().pending, false);
  closed.has_or = frame().has_or;
  if (frames_.size() == 1) return false;
  frames_.pop_back();
  lexer_.Leave(closed.outer_end);
  frame().pending = {.exists = true,
                     .open = closed.open,
                     .close = ast_.steps.size(),
                     .has_or = closed.has_or,
                     .and_before = closed.open > 0 && ast_.steps[closed.open - 1].kind == StepKind::kAnd};
  ast_.steps.push_back({StepKind::kClose});
  frame().expect = Expect::kJoin;
  return true;
}

void Parser::AppendJoin() {
  if (!frame().empty) {
    Settle(frame().pending, frame().is_and);
    ast_.steps.push_back({frame().is_and ? StepKind::kAnd : StepKind::kOr});
    frame().has_or = frame().has_or || !frame().is_and;
  }
  frame().empty = false;
}

void Parser::Settle(Pending& pending, bool and_after) {
  if (!pending.exists) return;
  pending.exists = false;
  const bool needed = pending.has_or && (pending.and_before || and_after);
  ast_.steps[pending.open].needed = needed;
  ast_.steps[pending.close].needed = needed;
  if (!needed) frame().has_or = frame().has_or || pending.has_or;
}

}  // namespace

Result<AstPtr> Parse(std::string_view expression) {
  auto ast = std::make_shared<Ast>(IsUtf8(expression) ? std::string(expression) : SanitizeUtf8(expression));
  if (auto parsed = Parser(*ast).Run(); !parsed) return std::unexpected(std::move(parsed.error()));
  return ast;
}

}  // namespace wombat::filter

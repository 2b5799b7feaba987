#include "common/filter/lexer.h"

#include <charconv>
#include <utility>

#include "common/filter/quote.h"

namespace wombat::filter {
namespace {

constexpr int kMaxFunctionDepth = 3;
// Comments can hide parentheses in a way that makes every nested group search anew; past this the text is refused.
constexpr std::size_t kMaxSearchedBytes = 20'000'000;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n'; }
bool IsQuote(char c) { return c == '\'' || c == '"'; }
bool IsSign(char c) { return c == '=' || c == '?' || c == '!' || c == '>' || c == '<' || c == '~'; }
bool IsJoin(char c) { return c == '&' || c == '|'; }
bool StartsIdentifier(char c) { return (IsWordCharacter(c) && !IsDigit(c)) || c == '@' || c == '#'; }
bool StartsNumber(char c) { return IsDigit(c) || c == '-'; }

std::unexpected<Error> Invalid(std::string message) { return Fail(std::move(message), Error::Kind::kInvalidInput); }

// The text between quotes, with the six escapes decoded and all others kept as written.
std::string Decode(std::string_view quoted) {
  std::string out;
  out.reserve(quoted.size());
  for (std::size_t i = 0; i < quoted.size(); ++i) {
    if (quoted[i] != '\\' || i + 1 == quoted.size()) {
      out += quoted[i];
      continue;
    }
    const char next = quoted[++i];
    switch (next) {
      case 'n':
        out += '\n';
        break;
      case 't':
        out += '\t';
        break;
      case 'r':
        out += '\r';
        break;
      case '\\':
      case '\'':
      case '"':
        out += next;
        break;
      default:
        out += '\\';
        out += next;
    }
  }
  return out;
}

bool ParseSign(std::string_view text, Token& token) {
  token.any = text.starts_with('?');
  if (token.any) text.remove_prefix(1);
  constexpr std::pair<std::string_view, Operator> kOperators[] = {
      {"=", Operator::kEqual}, {"!=", Operator::kNotEqual},  {">", Operator::kGreater}, {">=", Operator::kGreaterEqual},
      {"<", Operator::kLess},  {"<=", Operator::kLessEqual}, {"~", Operator::kLike},    {"!~", Operator::kNotLike},
  };
  for (const auto& [name, op] : kOperators) {
    if (name != text) continue;
    token.op = op;
    return true;
  }
  return false;
}

}  // namespace

bool Lexer::SkipBlanks() {
  while (!AtEnd()) {
    if (IsBlank(Current())) {
      ++position_;
    } else if (Current() == '/') {
      if (!Rest().starts_with("//")) return false;
      const auto line_end = Rest().find('\n');
      position_ = line_end == std::string_view::npos ? end_ : position_ + line_end;
    } else {
      break;
    }
  }
  return true;
}

Result<Token> Lexer::Next() {
  if (!SkipBlanks()) return Invalid("invalid comment");
  Token token;
  if (AtEnd()) return token;
  const char c = Current();
  token.kind = TokenKind::kTerm;
  Result<void> read;
  if (StartsIdentifier(c)) {
    read = ReadIdentifier(token.term, 0);
  } else if (StartsNumber(c)) {
    read = ReadNumber(token.term);
  } else if (IsQuote(c)) {
    read = ReadText(token.term);
  } else if (IsSign(c)) {
    return ReadSign();
  } else if (IsJoin(c)) {
    return ReadJoin();
  } else if (c == '(') {
    return ReadGroup();
  } else {
    return Invalid("unexpected character " + QuoteFirstCharacter(Rest()));
  }
  if (!read) return std::unexpected(std::move(read.error()));
  return token;
}

Result<void> Lexer::ReadNumber(Term& term) {
  const std::size_t start = position_;
  if (Current() == '-') ++position_;
  bool dotted = false;
  while (!AtEnd() && (IsDigit(Current()) || (Current() == '.' && !dotted))) {
    dotted = dotted || Current() == '.';
    ++position_;
  }
  const std::string_view text = text_.substr(start, position_ - start);
  if (!IsDigit(text.back())) return Invalid("invalid number " + Quote(text));
  term.kind = TermKind::kNumber;
  term.text = text;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), term.number);
  if (parsed.ec != std::errc()) term.number = 0;  // beyond a double's range
  return {};
}

std::size_t Lexer::FindTextEnd(std::size_t from) const {
  const char quote = text_[from];
  for (std::size_t i = from + 1; i < end_; ++i) {
    if (text_[i] == '\0') break;
    if (text_[i] == '\\' && i + 1 < end_ && text_[i + 1] != '\0') {
      ++i;
    } else if (text_[i] == quote) {
      return i + 1;
    }
  }
  return end_ + 1;
}

Result<void> Lexer::ReadText(Term& term) {
  const std::size_t after = FindTextEnd(position_);
  if (after > end_) {
    const std::string_view raw = Rest();
    return Invalid("invalid quoted text " + Quote(raw.substr(0, raw.find('\0'))));
  }
  term.kind = TermKind::kText;
  term.text = Decode(text_.substr(position_ + 1, after - position_ - 2));
  position_ = after;
  return {};
}

Result<void> Lexer::ReadIdentifier(Term& term, int depth) {
  const std::size_t start = position_++;
  while (!AtEnd() && (IsWordCharacter(Current()) || Current() == '.' || Current() == ':')) ++position_;
  const std::string_view name = text_.substr(start, position_ - start);
  const bool is_function = !AtEnd() && Current() == '(';
  term.text.clear();
  if (name.ends_with('.') || name.ends_with(':') || name == "_" || name == "@" || name == "#") {
    if (is_function) term.text = name;  // an argument's error names it
    return Invalid((is_function ? "invalid function name " : "invalid identifier ") + Quote(name));
  }
  if (!is_function) {
    term.kind = TermKind::kIdentifier;
    term.identifier = ParseIdentifier(name);
    return {};
  }
  term.kind = TermKind::kFunction;
  term.text = name;
  if (depth >= kMaxFunctionDepth) {
    return Invalid("max nested function arguments reached (max: " + std::to_string(kMaxFunctionDepth) + ")");
  }
  ++position_;
  return ReadArguments(term, depth + 1);
}

Result<void> Lexer::ReadArguments(Term& function, int depth) {
  bool argument_before = false;
  for (;;) {
    if (!SkipBlanks())
      return Invalid("failed to scan comment in function " + Quote(function.text) + ": invalid comment");
    if (AtEnd()) return Invalid("invalid or incomplete function " + Quote(function.text) + " (expected ')')");
    if (Current() == ')') break;
    if (Current() == ',') {
      if (!argument_before) return Invalid("unexpected comma in function " + Quote(function.text));
      argument_before = false;
      ++position_;
      continue;
    }
    if (argument_before) return Invalid("expected comma after the last argument in function " + Quote(function.text));
    if (auto read = ReadArgument(function, depth); !read) return read;
    argument_before = true;
  }
  ++position_;
  return {};
}

Result<void> Lexer::ReadArgument(Term& function, int depth) {
  const std::size_t start = position_;
  const char c = Current();
  Term argument;
  Result<void> read;
  std::string_view kind;
  if (StartsIdentifier(c)) {
    kind = "identifier";
    read = ReadIdentifier(argument, depth);
  } else if (StartsNumber(c)) {
    kind = "number";
    read = ReadNumber(argument);
  } else if (IsQuote(c)) {
    kind = "text";
    read = ReadText(argument);
  } else {
    return Invalid("unsupported argument character " + QuoteFirstCharacter(Rest()) + " in function " +
                   Quote(function.text));
  }
  if (!read) {
    std::string_view written = text_.substr(start, (kind == "text" ? end_ : position_) - start);
    if (!argument.text.empty()) written = argument.text;  // of a function only the name
    return Invalid("invalid " + std::string(kind) + " argument " + Quote(written) + " in function " +
                   Quote(function.text) + ": " + read.error().message);
  }
  function.arguments.push_back(std::move(argument));
  return {};
}

Result<Token> Lexer::ReadSign() {
  const std::size_t start = position_;
  while (!AtEnd() && IsSign(Current())) ++position_;
  Token token;
  token.kind = TokenKind::kSign;
  token.text = text_.substr(start, position_ - start);
  if (!ParseSign(token.text, token)) return Invalid("invalid sign operator " + Quote(token.text));
  return token;
}

Result<Token> Lexer::ReadJoin() {
  const std::size_t start = position_;
  while (!AtEnd() && IsJoin(Current())) ++position_;
  Token token;
  token.kind = TokenKind::kJoin;
  token.text = text_.substr(start, position_ - start);
  token.is_and = token.text == "&&";
  if (!token.is_and && token.text != "||") return Invalid("invalid join operator " + Quote(token.text));
  return token;
}

Result<Token> Lexer::ReadGroup() {
  if (closings_.empty()) closings_.resize(text_.size());
  if (closings_[position_] == 0 || closings_[position_] >= end_) {
    if (auto found = FindClosings(); !found) return std::unexpected(std::move(found.error()));
  }
  Token token;
  token.kind = TokenKind::kGroup;
  token.group_end = closings_[position_];
  return token;
}

// The search honours quotes but not comments (03 §1.1).
Result<void> Lexer::FindClosings() {
  std::vector<std::uint32_t> open;
  std::size_t i = position_;
  do {
    const char c = text_[i];
    if (IsQuote(c)) {
      const std::size_t after = FindTextEnd(i);
      if (after > end_) {
        position_ = i;
        Term unterminated;
        return ReadText(unterminated);
      }
      i = after;
      continue;
    }
    if (c == '(') open.push_back(std::uint32_t(i));
    if (c == ')') {
      closings_[open.back()] = std::uint32_t(i);
      open.pop_back();
    }
    ++i;
  } while (i < end_ && !open.empty());
  searched_bytes_ += i - position_;
  if (open.empty() && searched_bytes_ <= kMaxSearchedBytes) return {};
  return Invalid("invalid formatted group - missing " + std::to_string(open.size()) + " closing bracket(s)");
}

std::size_t Lexer::Enter(const Token& group) {
  ++position_;
  return std::exchange(end_, group.group_end);
}

void Lexer::Leave(std::size_t outer_end) {
  position_ = end_ + 1;
  end_ = outer_end;
}

}  // namespace wombat::filter

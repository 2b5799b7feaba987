// From text to tokens.  Behaviour: spec 03 §1.1, §1.2, §1.4.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/filter/ast.h"

namespace wombat::filter {

enum class TokenKind : unsigned char { kEnd, kTerm, kSign, kJoin, kGroup };

struct Token {
  TokenKind kind = TokenKind::kEnd;
  Term term;                       // kTerm
  std::string_view text;           // kSign, kJoin: as written
  Operator op = Operator::kEqual;  // kSign
  bool any = false;                // kSign
  bool is_and = false;             // kJoin
  std::size_t group_end = 0;       // kGroup: offset of the closing parenthesis
};

class Lexer {
 public:
  // `text` is valid UTF-8 and outlives the tokens.
  explicit Lexer(std::string_view text) : text_(text), end_(text.size()) {}

  Result<Token> Next();

  // The token before was a group: what follows is read up to its closing parenthesis, until Leave.
  std::size_t Enter(const Token& group);  // returns the end to give back to Leave
  void Leave(std::size_t outer_end);

 private:
  bool SkipBlanks();  // false: a "/" that starts no comment
  bool AtEnd() const { return position_ >= end_; }
  char Current() const { return text_[position_]; }
  std::string_view Rest() const { return text_.substr(position_, end_ - position_); }

  Result<void> ReadNumber(Term& term);
  Result<void> ReadText(Term& term);
  Result<void> ReadIdentifier(Term& term, int depth);
  Result<void> ReadArguments(Term& function, int depth);
  Result<void> ReadArgument(Term& function, int depth);
  Result<Token> ReadSign();
  Result<Token> ReadJoin();
  Result<Token> ReadGroup();
  Result<void> FindClosings();  // of the group at the current position and of those in it
  // Past the closing quote of the text that starts at `from`; end_ + 1 when there is none.
  std::size_t FindTextEnd(std::size_t from) const;

  std::string_view text_;
  std::size_t end_;
  std::size_t position_ = 0;
  // For each "(" seen so far the offset of its ")": nested groups are not searched again.
  std::vector<std::uint32_t> closings_;
  std::size_t searched_bytes_ = 0;
};

}  // namespace wombat::filter

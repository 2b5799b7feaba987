// A parsed expression: a flat list of steps, so that no depth of parentheses costs stack.  Behaviour: spec 03 §1.3.
// Immutable once parsed; shared by every query that uses the same text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/filter/identifier.h"

namespace wombat::filter {

enum class TermKind : unsigned char { kIdentifier, kFunction, kText, kNumber };

// One operand as written.
struct Term {
  TermKind kind = TermKind::kText;
  std::string text;  // kText: decoded; kNumber, kFunction: as written
  double number = 0;
  Identifier identifier;
  std::vector<Term> arguments;  // kFunction

  std::string_view literal() const { return kind == TermKind::kIdentifier ? identifier.text : text; }
};

enum class Operator : unsigned char { kEqual, kNotEqual, kGreater, kGreaterEqual, kLess, kLessEqual, kLike, kNotLike };

struct Comparison {
  Term left, right;
  Operator op = Operator::kEqual;
  bool any = false;  // "?=" and its family
};

enum class StepKind : unsigned char { kComparison, kAnd, kOr, kOpen, kClose };

struct Step {
  StepKind kind;
  // Of kOpen and kClose: false when dropping the pair does not change what the SQL means. SQLite's parser has a stack
  // of its own, so parentheses that say nothing must not reach it.
  bool needed = true;
};

struct Ast {
  std::string source;  // identifiers point into it: an Ast is never copied or moved
  std::vector<Step> steps;
  std::vector<Comparison> comparisons;  // in the order of their steps

  explicit Ast(std::string text) : source(std::move(text)) {}
  Ast(const Ast&) = delete;
  Ast& operator=(const Ast&) = delete;
};

}  // namespace wombat::filter

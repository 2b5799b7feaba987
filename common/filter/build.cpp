#include "common/filter/build.h"

#include <utility>

#include "common/filter/functions.h"
#include "common/filter/multi_match.h"
#include "common/filter/nesting.h"
#include "common/filter/operators.h"
#include "common/filter/quote.h"
#include "common/filter/sql_text.h"

namespace wombat::filter {
namespace {

class Builder {
 public:
  Builder(Resolver& resolver, JoinTree& joins) : resolver_(resolver), joins_(joins) {}
  Result<void> Append(Fragment& out, const Comparison& comparison);

 private:
  Result<void> Resolve(const Term& term, const char* side, Operand& operand);
  void MakeRightPattern(bool any);

  Resolver& resolver_;
  JoinTree& joins_;
  Operand left_, right_;  // kept for their buffers
};

Result<void> Builder::Resolve(const Term& term, const char* side, Operand& operand) {
  operand.Clear();
  auto resolved = ResolveTerm(term, resolver_, operand);
  if (resolved) return {};
  return Fail("invalid " + std::string(side) + " operand " + Quote(term.literal()) + " - " + resolved.error().message,
              Error::Kind::kInvalidInput);
}

void Builder::MakeRightPattern(bool any) {
  // What a multi-match reads again keeps its values: only the time function has some, and they are no patterns.
  if (!right_.multi || any) MakePattern(right_);
  if (right_.value_join < 0) return;
  // Whatever a right operand is made of becomes a pattern, the list of a submitted ":each" too (03 §3.3).
  for (SqlValue& value : joins_.join(right_.value_join).values) {
    if (auto* text = std::get_if<std::string>(&value)) *text = LikePattern(std::move(*text));
  }
}

void CloseEmailGuard(std::string& sql, const std::string& owner) {
  if (owner.empty()) return;
  sql += ") AND (";
  AppendColumn(sql, owner, "emailVisibility");
  sql += " = TRUE))";
}

Result<void> Builder::Append(Fragment& out, const Comparison& comparison) {
  if (auto resolved = Resolve(comparison.left, "left", left_); !resolved) return resolved;
  if (auto resolved = Resolve(comparison.right, "right", right_); !resolved) return resolved;
  if (comparison.op == Operator::kLike || comparison.op == Operator::kNotLike) MakeRightPattern(comparison.any);
  if (!left_.email_owner.empty()) out.sql += "((";
  if (!right_.email_owner.empty()) out.sql += "((";
  if (!comparison.any && (left_.multi || right_.multi)) {
    out.sql += '(';
    AppendPredicate(out, left_, comparison.op, right_, false);
    AppendMultiMatch(out, left_, comparison.op, right_, joins_);
    out.sql += ')';
  } else {
    AppendPredicate(out, left_, comparison.op, right_, true);
  }
  CloseEmailGuard(out.sql, left_.email_owner);
  CloseEmailGuard(out.sql, right_.email_owner);
  return {};
}

void AppendStep(std::string& sql, const Step& step) {
  switch (step.kind) {
    case StepKind::kAnd:
      sql += " AND ";
      break;
    case StepKind::kOr:
      sql += " OR ";
      break;
    case StepKind::kOpen:
      if (step.needed) sql += '(';
      break;
    case StepKind::kClose:
      if (step.needed) sql += ')';
      break;
    case StepKind::kComparison:
      break;
  }
}

}  // namespace

Result<void> AppendExpression(Fragment& out, const Ast& ast, Resolver& resolver, JoinTree& joins, int max_comparisons) {
  Builder builder(resolver, joins);
  const bool nested = NestsDeeply(ast);
  std::vector<Fragment> kept;  // when nested
  std::size_t next = 0;
  for (const Step& step : ast.steps) {
    if (step.kind == StepKind::kComparison) {
      if (next == std::size_t(max_comparisons)) {
        return Fail("max filter expressions limit reached", Error::Kind::kInvalidInput);
      }
      Fragment& to = nested ? kept.emplace_back() : out;
      if (auto appended = builder.Append(to, ast.comparisons[next++]); !appended) return appended;
    } else if (!nested) {
      AppendStep(out.sql, step);
    }
  }
  if (nested) AppendNested(out, ast.steps, std::move(kept));
  return {};
}

}  // namespace wombat::filter

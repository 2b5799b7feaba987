#include "common/filter/functions.h"

#include <array>
#include <string>
#include <utility>

#include "common/filter/quote.h"

namespace wombat::filter {
namespace {

constexpr std::size_t kMaxTimeArguments = 10;

std::unexpected<Error> Invalid(std::string message) { return Fail(std::move(message), Error::Kind::kInvalidInput); }

Result<void> ResolveIdentifier(const Identifier& identifier, Resolver& resolver, Operand& out) {
  if (identifier.macro) {
    out.SetValue(MacroValue(*identifier.macro));
    return {};
  }
  auto resolved = resolver.Resolve(identifier, out);
  if (resolved || identifier.literal == Identifier::Literal::kNone) return resolved;
  out.Clear();
  switch (identifier.literal) {
    case Identifier::Literal::kTrue:
      out.sql = "1";
      break;
    case Identifier::Literal::kFalse:
      out.sql = "0";
      break;
    default:
      out.SetNull();
  }
  return {};
}

void Append(Operand& out, std::string_view text, const Operand& argument) {
  out.sql += text;
  out.sql += argument.sql;
  out.values.insert(out.values.end(), argument.values.begin(), argument.values.end());
}

// Kilometres by the spherical law of cosines. Not clamped: for the same point rounding may leave the domain of acos,
// and the answer is NULL as in the reference.
Result<void> ResolveDistance(const Term& function, Resolver& resolver, Operand& out) {
  if (function.arguments.size() != 4) {
    return Invalid("[geoDistance] expected 4 arguments, got " + std::to_string(function.arguments.size()));
  }
  std::array<Operand, 4> arguments;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const Term& term = function.arguments[i];
    if (term.kind != TermKind::kIdentifier && term.kind != TermKind::kNumber) {
      return Invalid("[geoDistance] argument " + std::to_string(i) + " must be an identifier or number");
    }
    if (auto resolved = ResolveSimpleTerm(term, resolver, arguments[i]); !resolved) {
      return Invalid("[geoDistance] failed to resolve argument " + std::to_string(i) + ": " + resolved.error().message);
    }
  }
  const auto& [lon_a, lat_a, lon_b, lat_b] = arguments;
  Append(out, "(6371 * acos(cos(radians(", lat_a);
  Append(out, ")) * cos(radians(", lat_b);
  Append(out, ")) * cos(radians(", lon_b);
  Append(out, ") - radians(", lon_a);
  Append(out, ")) + sin(radians(", lat_a);
  Append(out, ")) * sin(radians(", lat_b);
  out.sql += "))))";
  out.null_mode = NullMode::kOff;
  return {};
}

Result<void> ResolveTimeValue(const Term& term, Resolver& resolver, Operand& out) {
  if (term.kind == TermKind::kFunction) {
    return Invalid("[strftime] expects the second argument to be of a valid time-value type");
  }
  if (auto resolved = ResolveSimpleTerm(term, resolver, out); !resolved) {
    return Invalid("[strftime] failed to resolve time-value argument: " + resolved.error().message);
  }
  return {};
}

Result<void> ResolveTime(const Term& function, Resolver& resolver, Operand& out) {
  const auto& arguments = function.arguments;
  if (arguments.empty()) return Invalid("[strftime] expected at least 1 arguments, got 0");
  if (arguments.size() > kMaxTimeArguments) {
    return Invalid("[strftime] too many arguments (max allowed 10, got " + std::to_string(arguments.size()) + ")");
  }
  if (arguments[0].kind != TermKind::kText) {
    return Invalid("[strftime] expects the first argument to be a format string");
  }
  out.sql = "strftime(?";
  out.values.emplace_back(arguments[0].text);
  out.null_mode = NullMode::kForced;
  if (arguments.size() > 1) {
    Operand time;
    if (auto resolved = ResolveTimeValue(arguments[1], resolver, time); !resolved) return resolved;
    Append(out, ",", time);
    out.multi = time.multi;
    out.value_join = time.value_join;
    out.leaf = std::move(time.leaf);
    out.leaf.strftime_modifiers = int(arguments.size()) - 2;
  }
  for (std::size_t i = 2; i < arguments.size(); ++i) {
    if (arguments[i].kind != TermKind::kText) {
      return Invalid("[strftime] invalid modifier argument " + std::to_string(i - 2) + " - can be only string");
    }
    out.sql += ",?";
    out.values.emplace_back(arguments[i].text);
  }
  out.sql += ')';
  return {};
}

}  // namespace

Result<void> ResolveSimpleTerm(const Term& term, Resolver& resolver, Operand& out) {
  switch (term.kind) {
    case TermKind::kIdentifier:
      return ResolveIdentifier(term.identifier, resolver, out);
    case TermKind::kText:
      out.SetValue(term.text);
      break;
    case TermKind::kNumber:
      out.SetValue(term.number);
      break;
    case TermKind::kFunction:
      return Invalid("unexpected function " + Quote(term.text));
  }
  return {};
}

Result<void> ResolveTerm(const Term& term, Resolver& resolver, Operand& out) {
  if (term.kind != TermKind::kFunction) return ResolveSimpleTerm(term, resolver, out);
  if (term.text == "geoDistance") return ResolveDistance(term, resolver, out);
  if (term.text == "strftime") return ResolveTime(term, resolver, out);
  return Invalid("unknown function " + Quote(term.text));
}

}  // namespace wombat::filter

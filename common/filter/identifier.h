// What the name of an operand means by its shape alone, before any schema is asked.  Behaviour: spec 03 §5.1.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "common/filter/macros.h"

namespace wombat::filter {

enum class Modifier : unsigned char { kNone, kIsset, kEach, kLength, kLower, kChanged, kUnknown };

// One part between dots. Only the last one of a path, and the first one of @request.body, may carry a modifier;
// elsewhere `full` counts.
struct Segment {
  std::string_view full;
  std::string_view name;  // `full` without its modifier; `full` when it has no colon or several
  std::string_view modifier_text;
  Modifier modifier = Modifier::kNone;
};

struct Identifier {
  enum class Kind : unsigned char { kRecord, kContext, kMethod, kAuth, kBody, kQuery, kHeaders, kCollection, kInvalid };
  enum class Literal : unsigned char { kNone, kNull, kTrue, kFalse };

  std::string_view text;  // all views point into the text given to ParseIdentifier
  Kind kind = Kind::kInvalid;
  std::vector<Segment> path;           // behind the prefix ("@request.body.", "@collection.NAME.")
  std::string_view collection, alias;  // @collection.NAME:ALIAS
  std::optional<Macro> macro;
  Literal literal = Literal::kNone;  // used only when nothing else resolves the name
  bool is_request() const { return kind >= Kind::kContext && kind <= Kind::kHeaders; }
};

// `text` must outlive the result. Never fails: a shape that is not allowed is kInvalid.
Identifier ParseIdentifier(std::string_view text);

constexpr bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace wombat::filter

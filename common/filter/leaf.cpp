#include "common/filter/leaf.h"

#include "common/filter/sql_text.h"

namespace wombat::filter {

void AppendLeaf(std::string& out, const Leaf& leaf, std::string_view alias) {
  if (leaf.strftime_modifiers >= 0) out += "strftime(?,";
  if (leaf.lower) out += "LOWER(";
  switch (leaf.kind) {
    case Leaf::Kind::kColumn:
      AppendColumn(out, alias, leaf.column);
      break;
    case Leaf::Kind::kJson:
      AppendJsonExtract(out, alias, leaf.column, leaf.json_path);
      break;
    case Leaf::Kind::kLength:
      AppendJsonLength(out, alias, leaf.column);
      break;
    case Leaf::Kind::kElement:
      AppendColumn(out, alias, "value");
      break;
  }
  if (leaf.lower) out += ')';
  if (leaf.strftime_modifiers < 0) return;
  for (int i = 0; i < leaf.strftime_modifiers; ++i) out += ",?";
  out += ')';
}

}  // namespace wombat::filter

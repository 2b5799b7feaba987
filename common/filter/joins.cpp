#include "common/filter/joins.h"

#include <utility>

#include "common/filter/sql_text.h"

namespace wombat::filter {
namespace {

// Far above what SQLite joins (64): only guards the time that a hostile expression can cost.
constexpr std::size_t kMaxJoins = 1000;

std::string NumberedAlias(char letter, int number) {
  std::string alias = "`";
  alias += letter;
  alias += ':';
  alias += std::to_string(number);
  alias += '`';
  return alias;
}

bool IsSame(const Join& a, const Join& b) {
  if (a.kind != b.kind || a.scope != b.scope || a.parent != b.parent || a.field != b.field) return false;
  if (a.kind != Join::Kind::kCollection) return a.target == b.target;
  // The same name for two collections is one join, as in the reference (03 §5.10).
  return a.alias_name == b.alias_name && (!a.alias_name.empty() || a.target == b.target);
}

bool CanRepeatRows(const Join& join) {
  switch (join.kind) {
    case Join::Kind::kRelated:
    case Join::Kind::kAuth:
      return join.target->is_view();  // elsewhere ids are primary keys
    default:
      return true;
  }
}

void AppendJoin(Fragment& out, const Join& join, std::string_view alias, std::string_view parent) {
  out.sql += " LEFT JOIN ";
  if (join.kind == Join::Kind::kElements) {
    AppendJsonEach(out.sql, parent, join.field->name);
  } else if (join.kind == Join::Kind::kSubmittedElements) {
    out.sql += "json_each(?)";
  } else {
    AppendName(out.sql, join.target->name);
  }
  out.sql += " AS ";
  out.sql += alias;
  switch (join.kind) {
    case Join::Kind::kElements:
    case Join::Kind::kSubmittedElements:
    case Join::Kind::kCollection:
      break;
    case Join::Kind::kRelated:
      out.sql += " ON ";
      AppendColumn(out.sql, alias, "id");
      out.sql += '=';
      AppendColumn(out.sql, parent, join.field->name);
      break;
    case Join::Kind::kRelatedElement:
      out.sql += " ON ";
      AppendColumn(out.sql, alias, "id");
      out.sql += '=';
      AppendColumn(out.sql, parent, "value");
      break;
    case Join::Kind::kBack:
      out.sql += " ON ";
      AppendColumn(out.sql, alias, join.field->name);
      out.sql += '=';
      AppendColumn(out.sql, parent, "id");
      break;
    case Join::Kind::kBackMultiple:
      out.sql += " ON ";
      AppendColumn(out.sql, parent, "id");
      out.sql += " IN (SELECT value FROM ";
      AppendJsonEach(out.sql, alias, join.field->name);
      out.sql += ')';
      break;
    case Join::Kind::kAuth:
    case Join::Kind::kSubmittedRelated:
      out.sql += " ON ";
      AppendColumn(out.sql, alias, "id");
      out.sql += join.several_ids ? " IN (SELECT value FROM json_each(?))" : "=?";
      break;
  }
  out.values.insert(out.values.end(), join.values.begin(), join.values.end());
}

}  // namespace

int JoinTree::AddScope(Scope scope) {
  scopes_.push_back(std::move(scope));
  return int(scopes_.size()) - 1;
}

Result<int> JoinTree::Add(Join join) {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!IsSame(nodes_[i].join, join)) continue;
    nodes_[i].join.target = join.target;
    return int(i);
  }
  if (nodes_.size() == kMaxJoins) return Fail("too many joined collections", Error::Kind::kInvalidInput);
  multiplies_rows_ = multiplies_rows_ || CanRepeatRows(join);
  reads_tables_ = reads_tables_ || join.target != nullptr;
  reads_views_ = reads_views_ || (join.target && join.target->is_view());
  if (!join.alias_name.empty()) join.alias_name = kept_names_.emplace_back(join.alias_name);
  nodes_.push_back({std::move(join), NumberedAlias('j', int(nodes_.size()) + 1)});
  return int(nodes_.size()) - 1;
}

std::string_view JoinTree::Alias(int index, int scope) const {
  return index < 0 ? scopes_[std::size_t(scope)].alias : nodes_[std::size_t(index)].alias;
}

void JoinTree::AppendAll(Fragment& out) const {
  for (const Node& node : nodes_) {
    AppendJoin(out, node.join, node.alias, Alias(node.join.parent, node.join.scope));
  }
}

std::string JoinTree::AppendChain(Fragment& out, int index) {
  std::vector<int> path;
  for (int i = index; i >= 0; i = join(i).parent) path.push_back(i);
  std::string parent(scopes_[std::size_t(join(index).scope)].alias);
  for (auto i = path.rbegin(); i != path.rend(); ++i) {
    std::string alias = NumberedAlias('m', next_chain_alias_++);
    AppendJoin(out, join(*i), alias, parent);
    parent = std::move(alias);
  }
  return parent;
}

}  // namespace wombat::filter

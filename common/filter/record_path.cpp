// Paths through records: fields, json paths, relations, back relations.  Behaviour: spec 03 §5.2–§5.5, §5.10, §5.11.
#include <algorithm>
#include <utility>

#include "common/base/text.h"
#include "common/filter/compile.h"
#include "common/filter/leaf.h"
#include "common/filter/quote.h"
#include "common/filter/record_resolver.h"
#include "common/filter/sql_text.h"
#include "common/schema/fields/relation.h"

namespace wombat::filter {
namespace {

std::unexpected<Error> Invalid(std::string message) { return Fail(std::move(message), Error::Kind::kInvalidInput); }

bool HoldsList(const Field& field) {
  const std::string_view type = field.type();
  return type == "relation" || type == "select" || type == "file";
}

bool HoldsJson(const Field& field) {
  const std::string_view type = field.type();
  return type == "json" || type == "geoPoint";
}

const std::string& TargetId(const Field& relation) { return static_cast<const RelationField&>(relation).collection_id; }

}  // namespace

Result<void> RecordResolver::Resolve(const Identifier& identifier, Operand& out) {
  using Kind = Identifier::Kind;
  if (identifier.kind == Kind::kInvalid) return Invalid("failed to resolve field " + Quote(identifier.text));
  if (identifier.is_request() && !request_) {
    out.SetNull();
    return {};
  }
  switch (identifier.kind) {
    case Kind::kRecord:
      return ResolvePath({.collection = &base()}, identifier.path, out);
    case Kind::kCollection:
      return ResolveCollection(identifier, out);
    case Kind::kAuth:
      return ResolveAuth(identifier, out);
    case Kind::kBody:
      return ResolveBody(identifier, out);
    case Kind::kQuery:
    case Kind::kHeaders:
      return ResolveStatic(identifier, out);
    case Kind::kContext:
      out.SetValue(request_->context);
      return {};
    case Kind::kMethod:
      out.SetValue(request_->method);
      return {};
    case Kind::kInvalid:
      break;
  }
  return {};
}

Result<void> RecordResolver::ResolvePath(Place place, Path path, Operand& out) {
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    const std::string_view name = path[i].full;
    const Field* field = place.collection->FindField(name);
    if (field && field->hidden && !allow_hidden_) return Invalid("non-filterable field " + Quote(name));
    if (field && HoldsJson(*field)) return ResolveJsonPath(place, *field, path.subspan(i + 1), out);
    if (i >= std::size_t(kMaxRelationHops)) return Invalid("max nested relations reached for field " + Quote(name));
    if (!field) {
      auto followed = FollowBackRelation(place, name, out);
      if (!followed) return std::unexpected(std::move(followed.error()));
      if (!*followed) return {};
      continue;
    }
    if (field->type() != "relation") return Invalid("field " + Quote(name) + " is not a valid relation");
    // The id of a single relation is the column itself: no join, so dangling ids are seen too.
    if (!field->multiple() && i + 2 == path.size() && path[i + 1].full == "id") {
      return ResolveField(place, Segment{.full = name, .name = name, .modifier_text = {}}, out);
    }
    if (auto followed = FollowRelation(place, *field); !followed) return followed;
  }
  return ResolveField(place, path.back(), out);
}

Result<void> RecordResolver::ResolveField(const Place& place, const Segment& segment, Operand& out) {
  if (segment.modifier == Modifier::kUnknown) return Invalid("unknown modifier in " + Quote(segment.full));
  const Field* field = place.collection->FindField(segment.name);
  if (!field) {
    if (!place.missing_is_null) return Invalid("unknown field " + Quote(segment.name));
    out.SetNull();
    return {};
  }
  if (field->hidden && !allow_hidden_) return Invalid("non-filterable field " + Quote(segment.name));
  if (segment.modifier == Modifier::kEach && HoldsList(*field)) return ResolveElements(place, *field, out);

  Leaf leaf{.join = place.join, .scope = scope_, .column = field->name, .json_path = {}};
  if (segment.modifier == Modifier::kLength && HoldsList(*field)) {
    leaf.kind = Leaf::Kind::kLength;
  } else {
    leaf.lower = segment.modifier == Modifier::kLower;
    if (field->type() == "json") {
      leaf.kind = Leaf::Kind::kJson;
      out.null_mode = NullMode::kOff;
    }
    if (!allow_hidden_ && field->name == "email" && place.collection->is_auth()) out.email_owner = Alias(place.join);
  }
  FinishLeaf(place, std::move(leaf), out);
  return {};
}

void RecordResolver::FinishLeaf(const Place& place, Leaf leaf, Operand& out) {
  AppendLeaf(out.sql, leaf, Alias(place.join));
  out.multi = place.multi;
  out.leaf = std::move(leaf);
}

Result<void> RecordResolver::ResolveElements(Place place, const Field& field, Operand& out) {
  auto join = joins_.Add({.kind = Join::Kind::kElements,
                          .scope = scope_,
                          .parent = place.join,
                          .field = &field,
                          .alias_name = {},
                          .values = {}});
  if (!join) return std::unexpected(std::move(join.error()));
  place.join = *join;
  place.multi = place.multi || field.multiple();
  FinishLeaf(place, {.kind = Leaf::Kind::kElement, .join = *join, .scope = scope_, .column = {}, .json_path = {}}, out);
  return {};
}

Result<void> RecordResolver::ResolveJsonPath(const Place& place, const Field& field, Path rest, Operand& out) {
  Leaf leaf{.kind = Leaf::Kind::kJson, .join = place.join, .scope = scope_, .column = field.name, .json_path = {}};
  for (const Segment& segment : rest) AppendJsonPathStep(leaf.json_path, segment.full);
  out.null_mode = NullMode::kOff;
  FinishLeaf(place, std::move(leaf), out);
  return {};
}

Result<void> RecordResolver::FollowRelation(Place& place, const Field& field) {
  const Collection* target = schema_.FindById(TargetId(field));
  if (!target) return Invalid("failed to load field " + Quote(field.name) + " collection");
  Join join{.kind = Join::Kind::kRelated,
            .scope = scope_,
            .parent = place.join,
            .field = &field,
            .target = target,
            .alias_name = {},
            .values = {}};
  if (field.multiple()) {
    auto elements = joins_.Add({.kind = Join::Kind::kElements,
                                .scope = scope_,
                                .parent = place.join,
                                .field = &field,
                                .alias_name = {},
                                .values = {}});
    if (!elements) return std::unexpected(std::move(elements.error()));
    join.kind = Join::Kind::kRelatedElement;
    join.parent = *elements;
    place.multi = true;
  }
  auto added = AddTable(std::move(join));
  if (!added) return std::unexpected(std::move(added.error()));
  place.join = *added;
  place.collection = target;
  return {};
}

Result<bool> RecordResolver::FollowBackRelation(Place& place, std::string_view segment, Operand& out) {
  constexpr std::string_view kVia = "_via_";
  std::string problem;
  const Collection* source = nullptr;
  const Field* field = nullptr;
  const auto via = segment.rfind(kVia);
  const std::string_view field_name = via == segment.npos ? std::string_view() : segment.substr(via + kVia.size());
  if (via == segment.npos || !IsWordText(segment.substr(0, via)) || !IsWordText(field_name)) {
    problem = "failed to resolve field " + Quote(segment);
  } else if (source = schema_.Find(segment.substr(0, via)); !source) {
    problem = "failed to load back relation field " + Quote(segment) + " collection";
  } else if (field = source->FindField(field_name); !field) {
    problem = "missing back relation field " + Quote(field_name);
  } else if (field->hidden && !allow_hidden_) {
    return Invalid("non-filterable back relation field " + Quote(field_name));
  } else if (field->type() != "relation") {
    problem = "invalid back relation field " + Quote(field_name);
  } else if (TargetId(*field) != place.collection->id || (place.join < 0 && joins_.scope(scope_).is_clone)) {
    problem = "invalid collection reference of a back relation field " + Quote(field_name);
  }
  if (!problem.empty()) {
    if (!place.missing_is_null) return Invalid(std::move(problem));
    out.SetNull();
    return false;
  }
  const bool several = field->multiple();
  auto added = AddTable({.kind = several ? Join::Kind::kBackMultiple : Join::Kind::kBack,
                         .scope = scope_,
                         .parent = place.join,
                         .field = field,
                         .target = source,
                         .alias_name = {},
                         .values = {}});
  if (!added) return std::unexpected(std::move(added.error()));
  place.multi = place.multi || several || !source->HasSingleColumnUniqueIndex(field->name);
  place.join = *added;
  place.collection = source;
  return true;
}

Result<void> RecordResolver::ResolveCollection(const Identifier& identifier, Operand& out) {
  const Collection* target = schema_.Find(identifier.collection);
  if (!target) {
    std::string name(identifier.collection);
    if (!identifier.alias.empty()) name.append(":").append(identifier.alias);
    return Invalid("failed to load collection " + Quote(name) + " from field path " + Quote(identifier.text));
  }
  auto added = AddTable({.kind = Join::Kind::kCollection,
                         .scope = scope_,
                         .target = target,
                         .alias_name = identifier.alias,
                         .values = {}});
  if (!added) return std::unexpected(std::move(added.error()));
  return ResolvePath({.collection = target, .join = *added, .multi = true}, identifier.path, out);
}

Result<int> RecordResolver::AddTable(Join join) {
  const Collection* target = join.target;
  auto added = joins_.Add(std::move(join));
  if (!added || allow_hidden_) return added;
  if (!target->list_rule) {
    return Invalid(Quote(target->name) +
                   " fields can be accessed only when allowHiddenFields is enabled or by superusers");
  }
  const auto is_it = [&](const Guarded& one) { return one.join == *added && one.collection == target; };
  if (!target->list_rule->empty() && std::ranges::none_of(guarded_, is_it)) guarded_.push_back({*added, target});
  return added;
}

}  // namespace wombat::filter

// @request.*: what the request says, and the records that it points to.  Behaviour: spec 03 §5.6–§5.9.
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include "common/filter/operators.h"
#include "common/filter/quote.h"
#include "common/filter/record_resolver.h"
#include "common/schema/fields/relation.h"

namespace wombat::filter {
namespace {

std::unexpected<Error> Invalid(std::string message) { return Fail(std::move(message), Error::Kind::kInvalidInput); }

bool HoldsList(const Field& field) {
  const std::string_view type = field.type();
  return type == "relation" || type == "select" || type == "file";
}

// A member of an object or, for digits, an element of a list.
const Json* Descend(const Json& value, std::string_view key) {
  if (!value.is_array()) return value.Find(key);
  std::size_t index = 0;
  const auto parsed = std::from_chars(key.data(), key.data() + key.size(), index);
  if (parsed.ec != std::errc() || parsed.ptr != key.data() + key.size() || index >= value.as_array().size()) {
    return nullptr;
  }
  return &value.as_array()[index];
}

std::string_view KeyOf(std::span<const Segment> path, std::size_t i) {
  return i + 1 == path.size() ? path[i].name : path[i].full;
}

const Json* Lookup(const Json& root, std::span<const Segment> path, std::size_t first) {
  const Json* value = &root;
  for (std::size_t i = first; value && i < path.size(); ++i) value = Descend(*value, KeyOf(path, i));
  return value;
}

std::size_t CountOf(const Json* value) {
  if (!value || value->is_null()) return 0;
  return value->is_array() ? value->as_array().size() : 1;
}

}  // namespace

const Json* RecordResolver::Submitted(const Field& field) const { return request_->body.Find(field.name); }

bool RecordResolver::SetPlainAuthField(std::string_view name, Operand& out) const {
  const Record& auth = *request_->auth;
  if (name == "id") {
    out.SetValue(std::string(auth.id()));
  } else if (name == "collectionId") {
    out.SetValue(auth.collection().id);
  } else if (name == "collectionName") {
    out.SetValue(auth.collection().name);
  } else if (name == "email") {
    out.SetValue(std::string(auth.Text(name)));
  } else if (name == "verified" || name == "emailVisibility") {
    out.SetValue(std::int64_t(auth.Bool(name)));
    out.boolean = true;
  } else {
    return false;
  }
  return true;
}

Result<void> RecordResolver::ResolveAuth(const Identifier& identifier, Operand& out) {
  if (!request_->auth) {
    out.SetNull();
    return {};
  }
  if (identifier.path.size() == 1 && SetPlainAuthField(identifier.path[0].full, out)) return {};
  const Collection& known = request_->auth->collection();
  const Collection* collection = schema_.FindById(known.id);
  if (!collection) collection = &known;
  auto added = AddTable({.kind = Join::Kind::kAuth,
                         .scope = scope_,
                         .target = collection,
                         .alias_name = {},
                         .values = {std::string(request_->auth->id())}});
  if (!added) return std::unexpected(std::move(added.error()));
  return ResolvePath({.collection = collection, .join = *added, .missing_is_null = true}, identifier.path, out);
}

Result<void> RecordResolver::ResolveBody(const Identifier& identifier, Operand& out) {
  const Segment& first = identifier.path[0];
  if (first.modifier == Modifier::kUnknown) return Invalid("unknown modifier in " + Quote(first.full));
  const Field* field = base().FindField(first.name);
  if (!field) return ResolveStatic(identifier, out);
  if (identifier.path.size() > 1 && field->type() == "relation") {
    return ResolveSubmittedRelation(*field, Path(identifier.path).subspan(1), out);
  }
  switch (first.modifier) {
    case Modifier::kChanged:
      return ResolveChanged(identifier, *field, out);
    case Modifier::kLower: {
      const Json* value = Submitted(*field);
      const bool null_text = value && value->is_null() && request_->body_is_normalized && field->type() == "json";
      out.SetValue(null_text ? std::string("null") : value ? CastToText(*value) : std::string());
      out.sql = "LOWER(?)";
      return {};
    }
    case Modifier::kEach:
    case Modifier::kLength:
      break;
    default:
      return ResolveStatic(identifier, out);
  }
  if (!HoldsList(*field)) return Invalid("field " + Quote(field->name) + " doesn't support multivalue operations");
  if (first.modifier == Modifier::kEach) return ResolveSubmittedElements(*field, out);
  const std::size_t count = CountOf(Submitted(*field));
  if (count < 2) {
    out.sql = count ? "1" : "0";
  } else {
    out.SetValue(std::int64_t(count));
    out.values_are_text = true;
  }
  return {};
}

Result<void> RecordResolver::ResolveSubmittedRelation(const Field& field, Path rest, Operand& out) {
  const Collection* target = schema_.FindById(static_cast<const RelationField&>(field).collection_id);
  if (!target) return Invalid("failed to load field " + Quote(field.name) + " collection");
  std::vector<std::string> ids;
  if (const Json* value = Submitted(field)) ids = CastToList(*value);
  if (ids.empty()) {
    out.SetNull();
    return {};
  }
  const bool several = ids.size() > 1;
  auto added = AddTable({.kind = Join::Kind::kSubmittedRelated,
                         .scope = scope_,
                         .field = &field,
                         .target = target,
                         .alias_name = {},
                         .values = {several ? Json(ids).Dump() : std::move(ids[0])},
                         .several_ids = several});
  if (!added) return std::unexpected(std::move(added.error()));
  return ResolvePath({.collection = target, .join = *added, .multi = field.multiple(), .missing_is_null = true}, rest,
                     out);
}

Result<void> RecordResolver::ResolveSubmittedElements(const Field& field, Operand& out) {
  std::string list = "[]";
  if (const Json* value = Submitted(field); value && value->is_array()) {
    list = value->Dump();
  } else if (value && !value->is_null()) {
    list = Json(Json::Array{*value}).Dump();
  }
  auto added = joins_.Add({.kind = Join::Kind::kSubmittedElements,
                           .scope = scope_,
                           .field = &field,
                           .alias_name = {},
                           .values = {std::move(list)}});
  if (!added) return std::unexpected(std::move(added.error()));
  out.value_join = *added;
  FinishLeaf({.collection = &base(), .join = *added, .multi = field.multiple()},
             {.kind = Leaf::Kind::kElement, .join = *added, .scope = scope_, .column = {}, .json_path = {}}, out);
  return {};
}

// (@request.body.F:isset = true && @request.body.F != F) as one operand.
Result<void> RecordResolver::ResolveChanged(const Identifier& identifier, const Field& field, Operand& out) {
  const Segment segment{.full = field.name, .name = field.name, .modifier_text = {}};
  Identifier plain = identifier;
  plain.path = {segment};
  Operand submitted, stored;
  if (auto resolved = ResolveStatic(plain, submitted); !resolved) return resolved;
  if (auto resolved = ResolveField({.collection = &base()}, segment, stored); !resolved) return resolved;
  Fragment difference;
  AppendPredicate(difference, submitted, Operator::kNotEqual, stored, true);
  out.sql = Submitted(field) ? "(TRUE = 1 AND " : "(FALSE = 1 AND ";
  out.sql += difference.sql;
  out.sql += ')';
  out.values = std::move(difference.values);
  out.values_are_text = true;
  out.null_mode = NullMode::kOff;
  return {};
}

void RecordResolver::SetStaticText(std::string_view text, std::string_view key, Operand& out) const {
  // A text that arrives under the name of a number field is meant as a number (03 §5.6).
  const Field* field = base().FindField(key);
  if (field && field->type() == "number") {
    if (const auto number = ParseLooseNumber(text)) {
      out.SetValue(*number);
      return;
    }
  }
  out.SetValue(std::string(text));
}

void RecordResolver::SetStaticJson(const Json& value, std::string_view key, Operand& out) const {
  if (value.is_null()) {
    out.SetNull();
  } else if (value.is_string()) {
    SetStaticText(value.as_string(), key, out);
  } else if (value.is_number()) {
    out.SetValue(value.as_number());
  } else if (value.is_bool()) {
    out.SetValue(std::int64_t(value.as_bool()));
    out.boolean = true;
  } else {
    out.SetValue(value.Dump());
  }
}

Result<void> RecordResolver::ResolveStatic(const Identifier& identifier, Operand& out) {
  const Segment& last = identifier.path.back();
  switch (last.modifier) {
    case Modifier::kUnknown:
      return Invalid("unknown modifier in " + Quote(last.full));
    case Modifier::kEach:
    case Modifier::kLength:
    case Modifier::kChanged:
      return Invalid("invalid modifier sequence " + std::string(last.name) + ":" + std::string(last.modifier_text));
    default:
      break;
  }
  const Path path(identifier.path);
  const std::string* text = nullptr;
  const Json* value = nullptr;
  Json parsed;
  const Field* field = nullptr;  // whose normal form the value has
  if (identifier.kind == Identifier::Kind::kBody) {
    if (request_->body_is_normalized) field = base().FindField(KeyOf(path, 0));
    value = request_->body.Find(KeyOf(path, 0));
    if (value && path.size() > 1 && field && field->type() == "json" && value->is_string()) {
      if (auto json = ParseJson(value->as_string())) parsed = std::move(*json);
      value = &parsed;
    }
    if (value) value = Lookup(*value, path, 1);
  } else if (path.size() == 1) {
    const bool is_query = identifier.kind == Identifier::Kind::kQuery;
    text = is_query ? request_->FindQuery(last.name) : request_->FindHeader(last.name);
  }

  if (last.modifier == Modifier::kIsset) {
    out.sql = text || value ? "TRUE" : "FALSE";
    return {};
  }
  if (text) {
    SetStaticText(*text, last.name, out);
  } else if (value && field && path.size() == 1 && field->type() == "json") {
    out.SetValue(value->is_string() ? value->as_string() : value->Dump());
  } else if (value && field && path.size() == 1 && field->type() == "geoPoint") {
    out.SetValue(field->ToColumn(*value));
  } else if (value) {
    SetStaticJson(*value, last.name, out);
  } else {
    out.SetNull();
  }
  if (last.modifier == Modifier::kLower && out.sql == "?") out.sql = "LOWER(?)";
  return {};
}

}  // namespace wombat::filter

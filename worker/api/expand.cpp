#include "worker/api/expand.h"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "common/base/json_text.h"
#include "common/base/text.h"
#include "worker/api/record_query.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxBackRelations = 1000;   // of one record

// One wanted relation of one level, resolved against the schema.
struct Relation {
  CollectionPtr target;
  int field = -1;                    // direct: index in the records' collection
  const Field* back_field = nullptr; // back relation: the field of `target` that points here
  bool single = false;               // printed as an object instead of an array
};

std::string TargetId(const Field& field) { return field.OptionsJson().StringOr("collectionId"); }

std::optional<Relation> ResolveBack(const Schema& schema, const Collection& from, std::string_view collection,
                                    std::string_view field_name) {
  Relation relation;
  relation.target = schema.FindShared(collection);
  if (!relation.target) return std::nullopt;
  relation.back_field = relation.target->FindField(field_name);
  if (!relation.back_field || relation.back_field->type() != "relation" || TargetId(*relation.back_field) != from.id)
    return std::nullopt;
  relation.single = relation.target->HasSingleColumnUniqueIndex(field_name);
  return relation;
}

std::optional<Relation> Resolve(const Schema& schema, const Collection& from, std::string_view segment) {
  if (auto via = segment.rfind("_via_"); via != std::string_view::npos && via > 0 && via + 5 < segment.size())
    return ResolveBack(schema, from, segment.substr(0, via), segment.substr(via + 5));
  // Deprecated spelling of a back relation: collection(field).
  if (auto open = segment.find('('); open != std::string_view::npos && segment.ends_with(')'))
    return ResolveBack(schema, from, segment.substr(0, open), segment.substr(open + 1, segment.size() - open - 2));
  Relation relation;
  relation.field = from.FieldIndex(segment);
  if (relation.field < 0) return std::nullopt;
  const Field& field = *from.fields[std::size_t(relation.field)];
  if (field.type() != "relation") return std::nullopt;
  relation.target = schema.FindShared(TargetId(field));
  if (!relation.target) return std::nullopt;
  relation.single = !field.multiple();
  return relation;
}

using IdsByRecord = std::unordered_map<std::string, std::vector<std::string>>;

// Which records of the target refer to each of `records`, by the id they refer to.
Result<void> FindBackIds(Connection& reader, const Relation& relation, const std::vector<Record>& records, IdsByRecord& ids) {
  const std::string table = QuoteName(relation.target->name), column = table + "." + QuoteName(relation.back_field->name);
  const bool multiple = relation.back_field->multiple();
  const std::string from = multiple ? table + ", json_each(CASE WHEN json_valid(" + column + ") THEN " + column +
                                          " ELSE json_array(" + column + ") END) je"
                                    : table;
  const std::string key = multiple ? "je.value" : column;
  auto statement = reader.Prepare("SELECT " + key + ", " + table + ".`id` FROM " + from + " WHERE " + key +
                                  " IN (SELECT value FROM json_each(?))");
  if (!statement) return std::unexpected(statement.error());
  std::vector<std::string> wanted;
  for (const Record& record : records) wanted.emplace_back(record.id());
  const std::string wanted_json = Json(wanted).Dump();
  statement->BindView(1, wanted_json);
  for (;;) {
    auto row = statement->Step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return {};
    auto& list = ids[std::string(statement->cell(0).text())];
    const std::string_view id = statement->cell(1).text();
    // A list that holds an id twice refers to it once; its rows come one after the other.
    if (list.size() < kMaxBackRelations && (list.empty() || list.back() != id)) list.emplace_back(id);
  }
}

// Reads one level after the other, each with one statement for all records of the level above.
struct Walk {
  Connection& reader;
  const Schema& schema;
  const RequestInfo& request;

  // False: this path cannot be followed (its view rule is null or cannot be run).
  Result<bool> Load(const Relation& relation, const std::vector<std::string>& ids, const ExpandTree& below, int depth,
                    ExpandedLevel& level);
  // nullopt: the path fails, for every record alike.
  Result<std::optional<ExpandedRelation>> Follow(const std::vector<Record>& records, std::string_view segment,
                                                 const ExpandTree& below, int depth);
  Result<Expansion> Records(const std::vector<Record>& records, const ExpandTree& tree, int depth);
};

Result<bool> Walk::Load(const Relation& relation, const std::vector<std::string>& ids, const ExpandTree& below, int depth,
                        ExpandedLevel& level) {
  const Collection& target = *relation.target;
  bool superuser = request.is_superuser();
  if (!superuser && !target.view_rule) return false;
  auto query = SelectMany(schema, target, ids, superuser ? Rule() : target.view_rule, request);
  if (!query) return false;
  auto statement = reader.Prepare(query->sql);
  if (!statement && statement.error().kind == Error::Kind::kInterrupted) return std::unexpected(statement.error());
  if (!statement) return false;
  statement->BindAll(query->values);
  for (;;) {
    auto row = statement->Step();
    if (!row && row.error().kind == Error::Kind::kInterrupted) return std::unexpected(row.error());
    if (!row) return false;
    if (!*row) break;
    level.records.push_back(Record::FromRow(relation.target, *statement));
  }
  *statement = Statement();
  auto nested = Records(level.records, below, depth + 1);
  if (!nested) return std::unexpected(nested.error());
  level.below = std::move(*nested);
  // A path fails with any part of it; this relation stays as long as one path through it does not.
  if (!level.records.empty() && !below.empty() && depth < kMaxExpandDepth && !level.below.followed) return false;
  auto visibility = VisibilityOf(reader, schema, level.records, request);
  if (!visibility) return std::unexpected(visibility.error());
  level.visibility = std::move(*visibility);
  return true;
}

Result<std::optional<ExpandedRelation>> Walk::Follow(const std::vector<Record>& records, std::string_view segment,
                                                     const ExpandTree& below, int depth) {
  std::optional<ExpandedRelation> failed;
  auto relation = Resolve(schema, records[0].collection(), segment);
  if (!relation) return failed;
  std::vector<std::vector<std::string>> ids_of(records.size());
  std::set<std::string> distinct;
  IdsByRecord back_ids;
  if (relation->back_field) {
    auto found = FindBackIds(reader, *relation, records, back_ids);
    if (!found && found.error().kind == Error::Kind::kInterrupted) return std::unexpected(found.error());
    if (!found) return failed;
  }
  for (std::size_t i = 0; i < records.size(); i++) {
    if (relation->back_field) {
      if (auto at = back_ids.find(std::string(records[i].id())); at != back_ids.end()) ids_of[i] = std::move(at->second);
    } else {
      ids_of[i] = records[i].List(records[i].collection().fields[std::size_t(relation->field)]->name);
    }
    distinct.insert(ids_of[i].begin(), ids_of[i].end());
  }
  ExpandedRelation expanded;
  expanded.name = segment;
  expanded.single = relation->single;
  expanded.level = std::make_unique<ExpandedLevel>();
  auto loaded = Load(*relation, {distinct.begin(), distinct.end()}, below, depth, *expanded.level);
  if (!loaded) return std::unexpected(loaded.error());
  if (!*loaded) return failed;

  std::unordered_map<std::string_view, std::uint32_t> index_of;
  const std::vector<Record>& related = expanded.level->records;
  for (std::size_t i = 0; i < related.size(); i++) index_of.emplace(related[i].id(), std::uint32_t(i));
  expanded.of.resize(records.size());
  for (std::size_t i = 0; i < records.size(); i++)
    for (const auto& id : ids_of[i])
      if (auto at = index_of.find(id); at != index_of.end()) expanded.of[i].push_back(at->second);
  return std::optional(std::move(expanded));
}

Result<Expansion> Walk::Records(const std::vector<Record>& records, const ExpandTree& tree, int depth) {
  Expansion expansion;
  if (records.empty() || tree.empty() || depth > kMaxExpandDepth) return expansion;
  for (const auto& [segment, below] : tree.children) {
    auto relation = Follow(records, segment, below, depth);
    if (!relation) return std::unexpected(relation.error());
    if (!*relation) continue;
    expansion.followed = true;
    expansion.relations.push_back(std::move(**relation));
  }
  return expansion;
}

std::vector<std::string> TextsOf(const ExpandedLevel& level) {
  const std::vector<std::string> expands = level.below.Texts(level.records.size());
  std::vector<std::string> texts(level.records.size());
  for (std::size_t i = 0; i < texts.size(); i++) AppendRecordJson(texts[i], level.records[i], level.visibility, expands[i]);
  return texts;
}

void AppendRelation(std::string& out, const ExpandedRelation& relation, std::size_t record,
                    const std::vector<std::string>& texts) {
  const auto& related = relation.of[record];
  if (related.empty()) return;
  out += out.empty() ? "{" : ",";
  AppendJsonString(out, relation.name);
  out += relation.single ? ":" : ":[";
  for (std::size_t i = 0; i < related.size(); i++) {
    if (i > 0) out += ',';
    out += texts[related[i]];
    if (relation.single) return;
  }
  out += ']';
}

}  // namespace

ExpandTree ParseExpand(std::string_view parameter) {
  ExpandTree tree;
  std::string compact = ReplaceAll(std::string(parameter), " ", "");
  for (std::string_view path : Split(compact, ',')) {
    while (path.starts_with('.')) path.remove_prefix(1);
    while (path.ends_with('.')) path.remove_suffix(1);
    if (path.empty()) continue;
    ExpandTree* at = &tree;
    int depth = 0;
    for (std::string_view segment : Split(path, '.')) {
      if (++depth > kMaxExpandDepth) break;
      at = &at->children.try_emplace(std::string(segment)).first->second;
    }
  }
  return tree;
}

// As deep as the tree of wanted relations, which ParseExpand limits.
std::vector<std::string> Expansion::Texts(std::size_t count) const {
  std::vector<std::string> texts(count);
  if (!followed) return texts;
  for (const ExpandedRelation& relation : relations) {
    const std::vector<std::string> related = TextsOf(*relation.level);
    for (std::size_t i = 0; i < count; i++) AppendRelation(texts[i], relation, i, related);
  }
  for (auto& text : texts) text += text.empty() ? "{}" : "}";
  return texts;
}

Result<Expansion> LoadExpansion(Connection& reader, const Schema& schema, const std::vector<Record>& records,
                                const ExpandTree& tree, const RequestInfo& request) {
  if (records.empty() || tree.empty()) return Expansion();
  RequestInfo info = request;
  info.context = "expand";
  return Walk{reader, schema, info}.Records(records, tree, 1);
}

Result<std::vector<std::string>> ExpandRecords(Connection& reader, const Schema& schema, const std::vector<Record>& records,
                                               const ExpandTree& tree, const RequestInfo& request) {
  auto expansion = LoadExpansion(reader, schema, records, tree, request);
  if (!expansion) return std::unexpected(expansion.error());
  return expansion->Texts(records.size());
}

Result<Visibility> VisibilityOf(Connection& reader, const Schema& schema, const std::vector<Record>& records,
                                const RequestInfo& request) {
  Visibility visibility;
  visibility.superuser = request.is_superuser();
  if (request.auth) visibility.viewer_id = request.auth->id();
  if (records.empty()) return visibility;
  const Collection& collection = records[0].collection();
  const Rule& rule = collection.auth.manage_rule;
  // Guests manage nobody, whatever the rule says (README, "Differences").
  if (visibility.superuser || !request.auth || !collection.is_auth() || !rule || rule->empty()) return visibility;

  std::vector<std::string> ids;
  for (const Record& record : records) ids.emplace_back(record.id());
  auto query = SelectMany(schema, collection, ids, rule, request, true);
  if (!query) return visibility;              // a rule that cannot be built grants nothing
  auto managed = std::make_shared<std::set<std::string, std::less<>>>();
  auto statement = reader.Prepare(query->sql);
  if (!statement) return visibility;
  statement->BindAll(query->values);
  for (;;) {
    auto row = statement->Step();
    if (!row && row.error().kind == Error::Kind::kInterrupted) return std::unexpected(row.error());
    if (!row || !*row) break;
    managed->emplace(statement->cell(0).text());
  }
  visibility.manages = [managed](std::string_view id) { return managed->contains(id); };
  return visibility;
}

}  // namespace wombat

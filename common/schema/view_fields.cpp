#include "common/schema/view_fields.h"

#include <map>

#include "common/base/random.h"
#include "common/base/text.h"
#include "common/schema/view_columns.h"
#include "common/schema/view_query.h"

namespace wombat {
namespace {

constexpr std::size_t kCloneIdLength = 4;
constexpr const char* kMissingId =
    "missing required id column (you can use `(ROW_NUMBER() OVER()) as id` if you don't have one)";

std::unique_ptr<Field> IdField() {
  return MakeKnownField(Json::Object({{"type", "text"},
                                      {"name", "id"},
                                      {"system", true},
                                      {"required", true},
                                      {"primaryKey", true},
                                      {"pattern", "^[a-z0-9]+$"}}));
}

// What nothing is known of shows whatever the cell holds. The limit only counts where values are submitted: nowhere.
std::unique_ptr<Field> UnknownField(std::string_view name) {
  if (name == "id") return IdField();
  return MakeKnownField(Json::Object({{"type", "json"}, {"name", name}, {"maxSize", 1}}));
}

std::unique_ptr<Field> NumberField(std::string_view name, bool only_int) {
  return MakeKnownField(Json::Object({{"type", "number"}, {"name", name}, {"onlyInt", only_int}}));
}

std::string_view TrimBlanksRight(std::string_view text) {
  while (!text.empty() && TrimBlanks(text.substr(text.size() - 1)).empty()) text.remove_suffix(1);
  return text;
}

// The type T of an expression that is as a whole "cast( … as T)", both in lower case; "" for anything else.
std::string_view CastType(std::string_view expression) {
  if (!expression.starts_with("cast") || !expression.ends_with(')')) return {};
  if (!TrimBlanks(expression.substr(4)).starts_with('(')) return {};
  expression = TrimBlanksRight(expression.substr(0, expression.size() - 1));
  std::size_t start = expression.size();
  while (start > 0 && IsWordText(expression.substr(start - 1, 1))) --start;
  const std::string_view type = expression.substr(start);
  std::string_view before = expression.substr(0, start);
  if (type.empty() || TrimBlanksRight(before) == before) return {};
  before = TrimBlanksRight(before);
  if (!before.ends_with("as")) return {};
  before.remove_suffix(2);
  return TrimBlanksRight(before) == before ? std::string_view() : type;
}

std::unique_ptr<Field> CastField(std::string_view name, std::string_view type) {
  if (type == "real" || type == "decimal" || type == "numeric") return NumberField(name, false);
  if (type == "int" || type == "integer") return NumberField(name, true);
  if (type == "text") return MakeKnownField(Json::Object({{"type", "text"}, {"name", name}}));
  if (type == "boolean" || type == "bool") return MakeKnownField(Json::Object({{"type", "bool"}, {"name", name}}));
  return nullptr;
}

// The tables of a query that are collections, by the alias they have in it.
class Sources {
 public:
  Sources(const Schema& schema, const std::vector<ViewIdentifier>& tables) {
    for (const ViewIdentifier& table : tables) {
      const Collection* found = nullptr;
      for (const CollectionPtr& collection : schema.collections()) {
        if (collection->name == table.original) found = collection.get();
      }
      if (found) by_alias_[table.alias] = found;
    }
    if (!tables.empty()) main_ = Find(tables.front().alias);
  }

  const Collection* main() const { return main_; }
  const Collection* Find(std::string_view alias) const {
    const auto found = by_alias_.find(alias);
    return found == by_alias_.end() ? nullptr : found->second;
  }

 private:
  std::map<std::string, const Collection*, std::less<>> by_alias_;
  const Collection* main_ = nullptr;
};

std::unique_ptr<Field> CopiedField(const ViewIdentifier& column, const Sources& sources) {
  const auto parts = Split(column.original, '.');
  const bool qualified = parts.size() == 2;
  const Collection* source = qualified ? sources.Find(parts[0]) : sources.main();
  const std::string_view name = qualified ? parts[1] : parts[0];
  if (!source) return UnknownField(column.alias);
  for (const auto& field : source->fields) {
    if (!EqualsIgnoreCase(field->name, name)) continue;
    if (EqualsIgnoreCase(name, "id")) {
      return MakeKnownField(Json::Object(
          {{"type", "relation"}, {"name", column.alias}, {"maxSelect", 1}, {"collectionId", source->id}}));
    }
    auto copy = field->Clone();
    copy->name = column.alias;
    copy->id = "_clone_" + RandomText(kCloneIdLength);
    return copy;
  }
  return UnknownField(column.alias);
}

std::unique_ptr<Field> FieldOf(const ViewIdentifier& column, const Sources& sources) {
  if (column.alias == "id") return IdField();
  const std::string lower = AsciiLower(column.original);
  if (lower.starts_with("count(")) return NumberField(column.alias, true);
  if (lower.starts_with("total(")) return NumberField(column.alias, false);
  if (auto cast = CastField(column.alias, CastType(lower))) return cast;
  return CopiedField(column, sources);
}

// Without this a copy with an id that is drawn twice would take the place of the other one.
void MakeIdUnique(Field& field, const FieldList& list) {
  const auto taken = [&] {
    for (const auto& other : list) {
      if (other->id == field.id) return true;
    }
    return false;
  };
  while (field.id.starts_with("_clone_") && taken()) field.id = "_clone_" + RandomText(kCloneIdLength);
}

ViewFields WithProblem(const Error& error) {
  ViewFields result;
  result.problem = error.message;
  return result;
}

}  // namespace

ViewFields InferViewFields(Connection& connection, const Schema& schema, std::string_view query) {
  const auto identifiers = ParseViewQuery(query);
  if (!identifiers) return WithProblem(identifiers.error());
  auto select = ViewSelect(connection, TrimViewQuery(query), identifiers->columns);
  if (!select) return WithProblem(select.error());
  const auto columns = ViewColumns(connection, *select);
  if (!columns) return WithProblem(columns.error());

  const Sources sources(schema, identifiers->tables);
  std::map<std::string_view, const ViewIdentifier*> by_alias;
  for (const ViewIdentifier& column : identifiers->columns) by_alias[column.alias] = &column;

  ViewFields result;
  result.select = *std::move(select);
  bool has_id = false;
  for (const ViewColumn& column : *columns) {
    has_id = has_id || column.name == "id";
    const auto known = by_alias.find(column.name);
    auto field = known == by_alias.end() ? UnknownField(column.name) : FieldOf(*known->second, sources);
    MakeIdUnique(*field, result.fields);
    AddToFieldList(result.fields, std::move(field));
  }
  if (!has_id) result.problem = kMissingId;
  return result;
}

bool AreSameViewFields(const FieldList& a, const FieldList& b) {
  if (a.size() != b.size()) return false;
  const auto text = [](const Field& field) {
    Json options = field.OptionsJson();
    options["id"] = "";
    return AsciiLower(options.Dump());
  };
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (text(*a[i]) != text(*b[i])) return false;
  }
  return true;
}

}  // namespace wombat

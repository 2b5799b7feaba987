#include "common/base/text.h"
#include "common/filter/compile.h"
#include "common/schema/change.h"
#include "common/schema/table_sync.h"
#include "common/schema/validation.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxIdBytes = 100;
constexpr std::size_t kMaxNameBytes = 255;

std::optional<FieldError> IdError(const ValidationState& state) {
  const std::string& id = state.collection.id;
  if (state.stored) return id == state.stored->id ? std::nullopt : std::optional(NotEqualError());
  if (id.empty()) return FieldError::Required();
  if (auto error = LengthError(id, 1, kMaxIdBytes)) return error;
  if (!IsWordText(id)) return MatchError();
  if (state.schema.FindById(id)) {
    return FieldError{"validation_invalid_or_existing_id", "The model id is invalid or already exists.", {}};
  }
  return std::nullopt;
}

std::optional<FieldError> TypeError(const ValidationState& state) {
  const std::string& type = state.collection.raw_type;
  if (type.empty()) return FieldError::Required();
  if (type != "base" && type != "auth" && type != "view") return NotInListError();
  if (state.stored && state.stored->raw_type != type) {
    return FieldError{"validation_collection_type_change", "Collection type cannot be changed.", {}};
  }
  return std::nullopt;
}

Result<std::optional<FieldError>> NameError(const ValidationState& state) {
  const std::string& name = state.collection.name;
  if (name.empty()) return FieldError::Required();
  if (auto error = LengthError(name, 1, kMaxNameBytes)) return error;
  if (ContainsVia(name)) return ViaError();
  if (!IsWordText(name)) return MatchError();
  if (state.stored && state.stored->system && state.stored->name != name) {
    return FieldError{"validation_collection_system_name_change", "System collection name cannot be changed.", {}};
  }
  const std::string& own_id = state.stored ? state.stored->id : state.collection.id;
  for (const CollectionPtr& other : state.schema.collections()) {
    if (other->id == own_id || !EqualsIgnoreCase(other->name, name)) continue;
    return FieldError{"validation_collection_name_exists", "Collection name must be unique (case insensitive).", {}};
  }
  if (state.schema.FindById(name)) {
    return FieldError{
        "validation_collection_name_id_duplicate", "The name must not match an existing collection id.", {}};
  }
  if (state.stored && EqualsIgnoreCase(state.stored->name, name)) return std::nullopt;
  // Stored already: an import validates what it has saved.
  if (state.schema.Find(name)) return std::nullopt;
  const auto exists = TableExists(state.connection, name);
  if (!exists) return std::unexpected(exists.error());
  if (*exists) {
    return FieldError{
        "validation_collection_name_invalid", "The name shouldn't match with an existing internal table.", {}};
  }
  return std::nullopt;
}

void ValidateRules(ValidationState& state) {
  const Collection& collection = state.collection;
  const Collection* stored = state.stored;
  state.CheckRuleAt("listRule", collection.list_rule, stored ? &stored->list_rule : nullptr);
  state.CheckRuleAt("viewRule", collection.view_rule, stored ? &stored->view_rule : nullptr);
  struct WriteRule {
    std::string_view key;
    const Rule Collection::*member;
  };
  for (const WriteRule& rule :
       {WriteRule{"createRule", &Collection::create_rule}, WriteRule{"updateRule", &Collection::update_rule},
        WriteRule{"deleteRule", &Collection::delete_rule}}) {
    if (collection.is_view() && collection.*rule.member) {
      state.Add(rule.key, BlankRequiredError());
      continue;
    }
    state.CheckRuleAt(rule.key, collection.*rule.member, stored ? &(stored->*rule.member) : nullptr);
  }
}

Result<void> CheckWhatAllHave(ValidationState& state) {
  if (const auto error = IdError(state)) state.Add("id", *error);
  if (state.stored && state.stored->system != state.collection.system) {
    state.Add("system", {"validation_collection_system_flag_change", "System collection state cannot be changed.", {}});
  }
  if (const auto error = TypeError(state)) state.Add("type", *error);
  const auto name_error = NameError(state);
  if (!name_error) return std::unexpected(name_error.error());
  if (*name_error) state.Add("name", **name_error);
  ValidateFieldList(state);
  ValidateRules(state);
  return ValidateIndexes(state);
}

}  // namespace

std::optional<FieldError> LengthError(std::string_view text, std::size_t min, std::size_t max) {
  if (text.empty() || (text.size() >= min && text.size() <= max)) return std::nullopt;
  return FieldError{"validation_length_out_of_range", "the length must be between {{.min}} and {{.max}}",
                    Json::Object({{"min", min}, {"max", max}})};
}

bool ContainsVia(std::string_view text) { return AsciiLower(text).find("_via_") != std::string::npos; }

const Schema& ValidationState::NewSchema() {
  if (new_schema_) return *new_schema_;
  // An import validates what it has saved already: the schema holds the new state itself.
  if (schema.FindById(collection.id) == &collection) return schema;
  std::vector<CollectionPtr> collections = {std::make_shared<const Collection>(collection)};
  for (const CollectionPtr& other : schema.collections()) {
    // A renamed collection can still be named as it was: records are stored under that name until the save.
    const bool is_old_self = stored && other->id == stored->id;
    if (!is_old_self || !EqualsIgnoreCase(other->name, collection.name)) collections.push_back(other);
  }
  new_schema_ = std::make_unique<Schema>(std::move(collections));
  return *new_schema_;
}

void ValidationState::CheckRuleAt(std::string_view path, const Rule& rule, const Rule* stored_rule) {
  if (rule && !rule->empty()) {
    const Schema& with_new_state = NewSchema();
    const Collection& base = new_schema_ ? *with_new_state.collections().front() : collection;
    auto checked = CheckRule(with_new_state, base, *rule);
    if (!checked) {
      return Add(path, {"validation_invalid_rule", "Invalid rule. Raw error: " + checked.error().message, {}});
    }
  }
  if (stored && stored->system && stored_rule && rule != *stored_rule) {
    Add(path, {"validation_collection_system_rule_change", "System collection API rule cannot be changed.", {}});
  }
}

Result<Json> ValidateCollection(Connection& connection, const Collection& collection, const Collection* stored,
                                const Schema& schema) {
  if (stored && stored->id != collection.id && !schema.Find(collection.id)) {
    return Fail("failed to retrieve old cached collection: sql: no rows in result set", Error::Kind::kNotFound);
  }
  if (!collection.is_view()) {
    ValidationState state(connection, collection, stored, schema);
    if (auto checked = CheckWhatAllHave(state); !checked) return std::unexpected(checked.error());
    if (collection.is_auth()) ValidateAuthOptions(state);
    return std::move(state.errors);
  }
  Collection view(collection);
  ViewFields inferred = InferViewFields(connection, schema, view.view_query);
  view.fields.clear();
  for (const auto& field : inferred.fields) view.fields.push_back(field->Clone());
  ValidationState state(connection, view, stored, schema);
  if (auto checked = CheckWhatAllHave(state); !checked) return std::unexpected(checked.error());
  ValidateView(state, std::move(inferred));
  return std::move(state.errors);
}

}  // namespace wombat

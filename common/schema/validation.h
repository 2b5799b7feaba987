// What the parts of a collection's validation share. Private to the folder.        Behaviour: spec 02 §1.6, conventions.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/db/sqlite.h"
#include "common/schema/collection.h"
#include "common/schema/schema.h"
#include "common/schema/view_fields.h"

namespace wombat {

inline FieldError BlankRequiredError() { return {"validation_nil", "must be blank", {}}; }
inline FieldError MatchError() { return {"validation_match_invalid", "must be in a valid format", {}}; }
inline FieldError NotEqualError() { return {"validation_values_mismatch", "values don't match", {}}; }
inline FieldError NotInListError() { return {"validation_in_invalid", "must be a valid value", {}}; }
inline FieldError ViaError() { return {"validation_found_via", "The value cannot contain \"_via_\".", {}}; }

// LEN(min,max) in bytes; an empty text passes.
std::optional<FieldError> LengthError(std::string_view text, std::size_t min, std::size_t max);
bool ContainsVia(std::string_view text);
std::optional<FieldError> FieldNameError(const std::string& name);

// One validation of one collection: the new state, the stored one (null on create), the schema as it is stored, and
// where the errors go.
class ValidationState {
 public:
  ValidationState(Connection& database, const Collection& new_state, const Collection* stored_state,
                  const Schema& stored_schema)
      : connection(database), collection(new_state), stored(stored_state), schema(stored_schema) {}

  Connection& connection;
  const Collection& collection;
  const Collection* stored;
  const Schema& schema;
  Json errors = Json::Object();

  void Add(std::string_view path, const FieldError& error) { AddFieldError(errors, path, error); }

  // Checks that the expression can be resolved against the new state, and that a system collection keeps its rule.
  void CheckRuleAt(std::string_view path, const Rule& rule, const Rule* stored_rule);

 private:
  const Schema& NewSchema();
  std::unique_ptr<Schema> new_schema_;  // made when the first rule needs it
};

void ValidateFieldList(ValidationState& state);
Result<void> ValidateIndexes(ValidationState& state);
void ValidateAuthOptions(ValidationState& state);
// `inferred`: what follows from the view query of the new state.
void ValidateView(ValidationState& state, ViewFields inferred);

}  // namespace wombat

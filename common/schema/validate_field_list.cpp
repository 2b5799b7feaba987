#include <algorithm>
#include <array>

#include "common/base/text.h"
#include "common/schema/validation.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxIdBytes = 100;
constexpr std::size_t kMaxNameBytes = 100;
constexpr std::size_t kMaxHelpBytes = 300;

constexpr std::array<std::string_view, 7> kForbiddenNames = {"null",         "true",           "false", "_rowid_",
                                                             "collectionId", "collectionName", "expand"};
constexpr std::array<std::string_view, 2> kReservedAuthNames = {"passwordConfirm", "oldPassword"};

struct AuthField {
  std::string_view name;
  std::string_view type;
  bool must_be_hidden;
};
constexpr std::array<AuthField, 5> kAuthFields = {{{"password", "password", true},
                                                   {"tokenKey", "text", true},
                                                   {"email", "email", false},
                                                   {"emailVisibility", "bool", false},
                                                   {"verified", "bool", false}}};

std::string FieldPath(std::size_t index) { return "fields." + std::to_string(index); }

bool AddDuplicates(ValidationState& state) {
  const auto& fields = state.collection.fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (fields[j]->id == fields[i]->id) {
        state.Add(FieldPath(i) + ".id",
                  {"validation_duplicated_field_id", "Duplicated or invalid field id \"" + fields[i]->id + "\"", {}});
        return true;
      }
      if (EqualsIgnoreCase(fields[j]->name, fields[i]->name)) {
        state.Add(FieldPath(i) + ".name",
                  {"validation_duplicated_field_name", "Duplicated or invalid field name {{.fieldName}}",
                   Json::Object({{"fieldName", fields[i]->name}})});
        return true;
      }
    }
  }
  return false;
}

bool AddMissingFields(ValidationState& state) {
  const Collection& collection = state.collection;
  if (collection.fields.empty()) {
    state.Add("fields", FieldError::Required());
    return true;
  }
  const Field* id = collection.FindField("id");
  if (!id || id->type() != "text" || !id->OptionsJson().BoolOr("primaryKey")) {
    state.Add("fields", {"validation_missing_primary_key", "Missing or invalid \"id\" PK field.", {}});
    return true;
  }
  if (!collection.is_auth()) return false;
  for (const AuthField& rule : kAuthFields) {
    const Field* field = collection.FindField(rule.name);
    const std::string name(rule.name);
    if (!field || field->type() != rule.type) {
      state.Add("fields", {"validation_missing_" + name + "_field", "System \"" + name + "\" field is required.", {}});
      return true;
    }
    if (rule.must_be_hidden && !(field->system && field->hidden)) {
      state.Add("fields." + name,
                {"validation_must_be_system_and_hidden", "The field must be marked as \"System\" and \"Hidden\".", {}});
      return true;
    }
    if (!field->system) {
      state.Add("fields." + name, {"validation_must_be_system", "The field must be marked as \"System\".", {}});
      return true;
    }
  }
  return false;
}

bool AddForbiddenChanges(ValidationState& state) {
  if (!state.stored || state.collection.is_view()) return false;
  for (const auto& before : state.stored->fields) {
    if (!before->system) continue;
    const Field* now = state.collection.FindFieldById(before->id);
    if (now && now->name == before->name) continue;
    state.Add("fields", {"validation_system_field_change", "System fields cannot be deleted or renamed.", {}});
    return true;
  }
  bool changed = false;
  for (std::size_t i = 0; i < state.collection.fields.size(); ++i) {
    const Field& field = *state.collection.fields[i];
    const Field* before = state.stored->FindFieldById(field.id);
    if (!before || before->type() == field.type()) continue;
    state.Add(FieldPath(i), {"validation_field_type_change", "Field type cannot be changed.", {}});
    changed = true;
  }
  return changed;
}

bool AddReservedNames(ValidationState& state) {
  if (!state.collection.is_auth()) return false;
  bool found = false;
  for (std::size_t i = 0; i < state.collection.fields.size(); ++i) {
    if (std::ranges::find(kReservedAuthNames, state.collection.fields[i]->name) == kReservedAuthNames.end()) continue;
    state.Add(FieldPath(i) + ".name",
              {"validation_reserved_field_name", "The field name is reserved and cannot be used.", {}});
    found = true;
  }
  return found;
}

void AddCommonSettings(ValidationState& state, const Field& field, const std::string& path) {
  if (field.id.empty()) state.Add(path + ".id", FieldError::Required());
  if (const auto error = LengthError(field.id, 1, kMaxIdBytes)) state.Add(path + ".id", *error);
  if (const auto error = FieldNameError(field.name)) state.Add(path + ".name", *error);
  if (const auto error = LengthError(field.help, 1, kMaxHelpBytes)) state.Add(path + ".help", *error);
}

}  // namespace

std::optional<FieldError> FieldNameError(const std::string& name) {
  if (name.empty()) return FieldError::Required();
  if (auto error = LengthError(name, 1, kMaxNameBytes)) return error;
  if (!IsWordText(name)) return MatchError();
  if (std::ranges::find(kForbiddenNames, name) != kForbiddenNames.end()) {
    return FieldError{"validation_not_in_invalid", "must not be in list", {}};
  }
  if (ContainsVia(name)) return ViaError();
  return std::nullopt;
}

void ValidateFieldList(ValidationState& state) {
  if (AddDuplicates(state) || AddMissingFields(state) || AddForbiddenChanges(state) || AddReservedNames(state)) return;
  const SettingsContext context{state.schema, state.collection, state.stored};
  for (std::size_t i = 0; i < state.collection.fields.size(); ++i) {
    const Field& field = *state.collection.fields[i];
    AddCommonSettings(state, field, FieldPath(i));
    field.ValidateSettings(context, FieldPath(i), state.errors);
  }
}

}  // namespace wombat

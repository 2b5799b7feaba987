#include "common/schema/fields/relation.h"

#include "common/schema/collection.h"
#include "common/schema/fields/checks.h"
#include "common/schema/schema.h"

namespace wombat {

Result<std::optional<FieldError>> RelationField::Validate(const Json& value, ValidationContext& context) const {
  const std::vector<std::string> ids = Items(value);
  const auto count = std::int64_t(ids.size());
  if (ids.empty()) {
    if (required) return FieldError::Required();
    return std::nullopt;
  }
  if (min_select > 0 && count < min_select) {
    return FieldError{"validation_not_enough_values", "Select at least {{.minSelect}}",
                      Json::Object({{"minSelect", min_select}})};
  }
  if (count > limit()) {
    return FieldError{"validation_too_many_values", "Select no more than {{.maxSelect}}",
                      Json::Object({{"maxSelect", limit()}})};
  }
  const Collection* target = context.schema().FindById(collection_id);
  if (!target) {
    return FieldError{"validation_missing_rel_collection", "Relation connection is missing or cannot be accessed", {}};
  }
  const Result<std::size_t> existing = context.CountExisting(*target, ids);
  if (!existing) return std::unexpected(existing.error());
  if (*existing == ids.size()) return std::nullopt;
  return FieldError{"validation_missing_rel_records", "Failed to find all relation records with the provided ids", {}};
}

void RelationField::ValidateSettings(const SettingsContext& context, const std::string& path, Json& errors) const {
  if (auto error = CheckCollection(context)) AddFieldError(errors, path + ".collectionId", *error);
  CheckMinimum(errors, path + ".minSelect", min_select, 0);
  if (min_select > 0 && max_select == 0) {
    AddFieldError(errors, path + ".maxSelect", FieldError::Required());
  } else {
    CheckMinimum(errors, path + ".maxSelect", max_select, min_select);
  }
}

std::optional<FieldError> RelationField::CheckCollection(const SettingsContext& context) const {
  if (collection_id.empty()) return FieldError::Required();
  if (context.stored) {
    const auto* stored = dynamic_cast<const RelationField*>(context.stored->FindFieldById(id));
    if (stored && stored->collection_id != collection_id) {
      return FieldError{"validation_field_relation_change", "The relation collection cannot be changed.", {}};
    }
  }
  const Collection* target = context.schema.FindById(collection_id);
  if (!target) {
    return FieldError{"validation_field_relation_missing_collection", "The relation collection doesn't exist.", {}};
  }
  if (target->is_view() && !context.collection.is_view()) {
    return FieldError{"validation_relation_field_non_view_base_collection",
                      "Only view collections are allowed to have relations to other views.",
                      {}};
  }
  return std::nullopt;
}

const std::vector<Field::Option>& RelationField::OptionTable() const {
  static const std::vector<Option> options = {
      MakeOption("cascadeDelete", &RelationField::cascade_delete),
      MakeOption("collectionId", &RelationField::collection_id),
      MakeOption("maxSelect", &ListField::max_select),
      MakeOption("minSelect", &RelationField::min_select),
  };
  return options;
}

}  // namespace wombat

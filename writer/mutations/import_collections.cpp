// PUT /api/collections/import: all of it or nothing.                                            Behaviour: spec 02 §7.
//
// Saved first and validated afterwards, so that collections of one import may refer to each other in any order.
#include <algorithm>
#include <array>
#include <set>

#include "common/schema/change.h"
#include "proto/values.h"
#include "writer/mutations/collection_chain.h"
#include "writer/mutations/mutations.h"
#include "writer/mutations/refresh_views.h"

namespace wombat {
namespace {

constexpr const char* kFailed = "Failed to import collections.";
constexpr std::string_view kFailureCode = "validation_collections_import_failure";

struct Imported {
  Collection collection;
  const Collection* stored;          // null: new
};

ApiError Failure(std::string message) {
  ApiError error{400, kFailed, Json::Object(), message};
  AddFieldError(error.data, "collections", {std::string(kFailureCode), std::move(message), {}});
  return error;
}

ApiError RawFailure(const std::string& raw) {
  return Failure("Failed to import the collections configuration. Raw error:\n" + raw);
}

const std::string& RawText(const ApiError& error) { return error.log_details.empty() ? error.message : error.log_details; }

// Field errors inside the text of an error keep the wording that they have before an answer normalises it.
std::string PlainMessage(const std::string& code, std::string message) {
  constexpr std::array<std::string_view, 12> kLowerCase = {
      "validation_required",         "validation_nil_or_not_empty_required", "validation_nil",          "validation_empty",
      "validation_match_invalid",    "validation_in_invalid",                "validation_not_in_invalid", "validation_values_mismatch",
      "validation_length_out_of_range", "validation_length_too_long",       "validation_min_greater_equal_than_required",
      "validation_max_less_equal_than_required"};
  constexpr std::array<std::string_view, 9> kWithoutDot = {
      "validation_duplicated_field_id", "validation_duplicated_field_name", "validation_missing_field",
      "validation_only_int_constraint", "validation_min_number_constraint", "validation_invalid_rule",
      "validation_invalid_view_query",  "validation_invalid_regex",         "validation_invalid_autogenerate_pattern"};
  const bool lower = std::ranges::find(kLowerCase, code) != kLowerCase.end() || code.starts_with("validation_is_");
  const bool bare = lower || std::ranges::find(kWithoutDot, code) != kWithoutDot.end();
  if (bare && message.ends_with('.')) message.pop_back();
  if (lower && !message.empty() && message[0] >= 'A' && message[0] <= 'Z') message[0] = char(message[0] - 'A' + 'a');
  return message;
}

// The tree of errors as indented JSON with the messages as leaves. As deep as error paths are, never as a document.
void AppendErrors(std::string& out, const Json& errors, int depth) {
  if (!errors.is_object()) return errors.AppendTo(out);
  const Json* code = errors.Find("code");
  if (code && code->is_string()) return Json(PlainMessage(code->as_string(), errors.StringOr("message"))).AppendTo(out);
  const std::string indent(std::size_t(depth + 1) * 2, ' ');
  out += '{';
  const char* separator = "\n";
  for (const auto& [key, value] : errors.as_object()) {
    out.append(separator).append(indent);
    Json(key).AppendTo(out);
    out += ": ";
    AppendErrors(out, value, depth + 1);
    separator = ",\n";
  }
  out.append("\n").append(indent.substr(2)).append("}");
}

class Import {
 public:
  Import(LaneTransaction& tx, proto::ImportCollections::Reader message) : tx_(tx), message_(message) {}

  HookResult Run() {
    if (auto read = Read(); !read) return read;
    if (message_.getDeleteMissing())
      if (auto deleted = DeleteMissing(); !deleted) return deleted;
    if (auto saved = Save(); !saved) return saved;
    return Validate();
  }

 private:
  HookResult Read() {
    for (auto item : message_.getCollections()) {
      auto collection = ReadCollection(item);
      if (!collection) return std::unexpected(RawFailure(collection.error().message));
      const Collection* stored = item.getIsNew() ? nullptr : tx_.schema().FindById(View(item.getId()));
      if (!item.getIsNew() && !stored) return std::unexpected(RawFailure("sql: no rows in result set"));
      imported_.push_back({std::move(*collection), stored});
    }
    return {};
  }

  HookResult DeleteMissing() {
    std::set<std::string_view> kept;
    for (const Imported& item : imported_)
      if (item.stored) kept.insert(item.stored->id);
    for (const CollectionPtr& collection : tx_.schema().collections()) {
      if (collection->system || kept.contains(collection->id)) continue;
      if (auto deleted = DeleteCollectionModel(tx_, *collection, CollectionChecks::kNone); !deleted)
        return std::unexpected(RawFailure(RawText(deleted.error())));
    }
    return {};
  }

  HookResult Save() {
    for (Imported& item : imported_) {
      auto saved = SaveCollectionModel(tx_, tx_.schema(), item.collection, item.stored, CollectionChecks::kNone);
      if (saved) continue;
      ApiError& error = saved.error();
      if (!error.data.as_object().empty()) return Refuse(400, kFailed, std::move(error.data));
      return std::unexpected(RawFailure("failed to save collection \"" + item.collection.name + "\": " + RawText(error)));
    }
    return {};
  }

  // What is stored by now, against what was stored before the import.
  HookResult Validate() {
    auto schema = LoadSchema(tx_.db(), 0);
    if (!schema) return std::unexpected(RawFailure(schema.error().message));
    for (const Imported& item : imported_) {
      const Collection* saved = (*schema)->FindById(item.collection.id);
      if (!saved) return std::unexpected(RawFailure("sql: no rows in result set"));
      auto errors = ValidateCollection(tx_.db(), *saved, item.stored ? item.stored : saved, **schema);
      if (!errors) return std::unexpected(RawFailure(errors.error().message));
      if (errors->as_object().empty()) continue;
      std::string text = "Data validations failed for collection \"" + saved->name + "\" (" + saved->id + "):\n";
      AppendErrors(text, *errors, 0);
      return std::unexpected(Failure(std::move(text)));
    }
    return {};
  }

  LaneTransaction& tx_;
  proto::ImportCollections::Reader message_;
  std::vector<Imported> imported_;
};

}  // namespace

MutationAnswer RunImportCollections(LaneTransaction& tx, proto::ImportCollections::Reader message) {
  if (auto opened = tx.EnsureSavepoint(); !opened) return MutationAnswer::Refused(WriteFailure(opened.error(), kFailed));
  if (auto imported = Import(tx, message).Run(); !imported) return MutationAnswer::Refused(imported.error());
  RefreshViewsIfPossible(tx, {});
  return MutationAnswer::Of(MutationAnswer::Kind::kDone);
}

}  // namespace wombat

#include "writer/mutations/record_chain.h"

#include <memory>

#include "common/base/text.h"
#include "common/records/validate.h"
#include "writer/mutations/after_hooks.h"
#include "writer/mutations/model_hooks.h"
#include "writer/mutations/record_dependents.h"
#include "writer/mutations/record_files.h"

namespace wombat {
namespace {

// The hooks of one kind of save.
struct SaveHooks {
  const Hook<ModelEvent>& model;
  const Hook<RecordEvent>& record;
  const Hook<ModelEvent>& model_execute;
  const Hook<RecordEvent>& record_execute;
  const Hook<ModelEvent>& model_success;
  const Hook<RecordEvent>& record_success;
  const Hook<ModelEvent>& model_error;
  const Hook<RecordEvent>& record_error;
};

SaveHooks CreateHooks(App& app) {
  return {app.on_model_create,         app.on_record_create,         app.on_model_create_execute,
          app.on_record_create_execute, app.on_model_after_create_success, app.on_record_after_create_success,
          app.on_model_after_create_error, app.on_record_after_create_error};
}

SaveHooks UpdateHooks(App& app) {
  return {app.on_model_update,         app.on_record_update,         app.on_model_update_execute,
          app.on_record_update_execute, app.on_model_after_update_success, app.on_record_after_update_success,
          app.on_model_after_update_error, app.on_record_after_update_error};
}

class Save {
 public:
  Save(LaneTransaction& tx, Record& record, const SaveOptions& options)
      : tx_(tx), record_(record), options_(options), creates_(record.is_new()),
        hooks_(creates_ ? CreateHooks(tx.app()) : UpdateHooks(tx.app())),
        model_tags_{record.collection().name, record.collection().id} {
    model_event_.app = record_event_.app = &tx.app();
    model_event_.table = record.collection().name;
    model_event_.record = record_event_.record = &record_;
    model_event_.type = record_event_.type = creates_ ? "create" : "update";
  }

  ApiResult<void> Run() {
    auto mark = tx_.Mark();
    bool has_hooks = HasHooks();
    // Hooks, and the rows that belong to an auth record, may write more than the one row.
    if (has_hooks || record_.collection().is_auth())
      if (auto opened = tx_.EnsureSavepoint(); !opened) return std::unexpected(WriteFailure(opened.error(), Message()));
    HookResult result = has_hooks ? RunWithHooks() : RunPlain();
    if (!result) {
      if (creates_) record_.MarkNew();
      tx_.FailEffectsSince(mark, result.error());
      return JoinErrors(result.error(), FireError(result.error()), Message());
    }
    record_.MarkSaved();
    if (record_.collection().is_auth()) tx_.effects().changed_auth_collections.insert(record_.collection().id);
    if (!creates_) RemoveReplacedFiles(tx_, record_);
    QueueAfterHooks();
    return {};
  }

 private:
  bool HasHooks() const {
    App& app = tx_.app();
    auto bound = [&](const auto&... hook) { return (hook.HasFor(model_tags_) || ...); };
    return bound(hooks_.model, hooks_.record, hooks_.model_execute, hooks_.record_execute, app.on_model_validate,
                 app.on_record_validate);
  }

  HookResult RunPlain() {
    if (creates_) AutogenerateValues(record_);
    if (auto valid = Validate(options_.validate ? ValidationScope::kEverything : ValidationScope::kOnlyDatabase); !valid)
      return valid;
    KeepSuperuserVerified();
    if (auto prepared = BeforeWrite(); !prepared) return prepared;
    if (auto written = Write(); !written) return written;
    RemoveInstallerOfOthers();
    return RemoveRowsOfPassword();
  }

  HookResult RunWithHooks() {
    using Builtin = Hook<RecordEvent>::Builtin;
    const Builtin autogenerate{-99, [&](RecordEvent& event) -> HookResult {
      if (creates_) AutogenerateValues(record_);
      return event.Next();
    }};
    const Builtin remove_rows{99, [&](RecordEvent& event) -> HookResult {
      if (auto saved = event.Next(); !saved) return saved;
      return RemoveRowsOfPassword();
    }};
    const Builtin builtins[] = {autogenerate, remove_rows};
    return RunModelHooks(hooks_.model, hooks_.record, model_event_, record_event_, model_tags_, model_tags_,
                         [&]() -> HookResult {
                           if (!options_.without_validation)
                             if (auto valid = RunValidation(); !valid) return valid;
                           return RunExecute();
                         },
                         builtins);
  }

  HookResult RunValidation() {
    App& app = tx_.app();
    const Hook<RecordEvent>::Builtin builtin{99, [&](RecordEvent& event) -> HookResult {
      if (auto valid = Validate(ValidationScope::kEverything); !valid) return valid;
      return event.Next();
    }};
    ModelEvent model_event = EventLike(model_event_, "validate");
    RecordEvent record_event = EventLike(record_event_, "validate");
    return RunModelHooks(app.on_model_validate, app.on_record_validate, model_event, record_event, model_tags_, model_tags_,
                         [] { return HookResult{}; }, std::span(&builtin, 1));
  }

  template <class Event>
  static Event EventLike(const Event& event, std::string_view type) {
    Event copy = event;
    copy.type = type;
    return copy;
  }

  HookResult RunExecute() {
    using Builtin = Hook<RecordEvent>::Builtin;
    const Builtin superusers{-99, [&](RecordEvent& event) -> HookResult {
      KeepSuperuserVerified();
      if (auto written = event.Next(); !written) return written;
      RemoveInstallerOfOthers();
      return {};
    }};
    const Builtin prepare{99, [&](RecordEvent& event) -> HookResult {
      if (auto prepared = BeforeWrite(); !prepared) return prepared;
      return event.Next();
    }};
    const Builtin builtins[] = {superusers, prepare};
    return RunModelHooks(hooks_.model_execute, hooks_.record_execute, model_event_, record_event_, model_tags_, model_tags_,
                         [&] { return Write(); }, builtins);
  }

  HookResult Validate(ValidationScope scope) {
    if (options_.without_validation) return {};
    auto errors = ValidateRecord(record_, tx_.schema(), &tx_.db(), scope);
    if (!errors) return std::unexpected(WriteFailure(errors.error(), Message()));
    if (scope == ValidationScope::kEverything)
      for (const auto& [field, error] : options_.worker_errors.as_object()) (*errors)[field] = error;
    if (!errors->as_object().empty()) return Refuse(400, Message(), std::move(*errors));
    return {};
  }

  // What the row still needs when the statement executes (07 §3.1 [99], §3.2).
  HookResult BeforeWrite() {
    StampAutodates(record_);
    if (auto placed = PlaceUploads(tx_, record_); !placed) return placed;
    if (creates_ || !record_.collection().is_auth()) return {};
    RefreshTokenKeyIfNeeded(record_);
    return RemoveOutdatedAuthRows(tx_, record_);
  }

  HookResult Write() {
    const Collection& collection = record_.collection();
    const auto& texts = tx_.statements(collection);
    auto statement = tx_.db().Prepare(creates_ ? texts.insert : texts.update);
    if (!statement) return std::unexpected(WriteFailure(statement.error(), Message()));
    std::vector<SqlValue> columns;
    columns.reserve(collection.fields.size());
    for (std::size_t i = 0; i < collection.fields.size(); i++)
      columns.push_back(collection.fields[i]->ToColumn(record_.value(int(i))));
    int next = statement->BindAll(columns);
    const Json& stored_id = record_.Original("id");
    if (!creates_) statement->BindView(next, stored_id.is_string() ? std::string_view(stored_id.as_string()) : "");
    auto done = statement->Step();
    if (done) return {};
    if (done.error().kind == Error::Kind::kConstraint) {
      Json errors = UniqueErrors(collection, done.error().message);
      ApiError refusal{400, Message(), std::move(errors), done.error().message};
      return std::unexpected(std::move(refusal));
    }
    return std::unexpected(WriteFailure(done.error(), Message()));
  }

  void KeepSuperuserVerified() {
    const Collection& collection = record_.collection();
    if (collection.is_superusers() && collection.verified_field >= 0) record_.SetRaw(collection.verified_field, true);
  }

  void RemoveInstallerOfOthers() {
    if (creates_ && record_.collection().is_superusers() && record_.Text("email") != kInstallerEmail)
      RemoveInstaller(tx_, record_.collection_ptr());
  }

  HookResult RemoveRowsOfPassword() { return creates_ ? HookResult{} : RemoveRowsOfChangedPassword(tx_, record_); }

  HookResult FireError(const ApiError& error) {
    return FireAfterHooks(tx_.app(), hooks_.model_error, hooks_.record_error, record_, model_event_.type, &error);
  }

  void QueueAfterHooks() {
    QueueAfter(tx_, record_, model_event_.type, {hooks_.model_success, hooks_.record_success, hooks_.model_error, hooks_.record_error});
  }

  std::string Message() const { return creates_ ? "Failed to create record." : "Failed to update record."; }

  LaneTransaction& tx_;
  Record& record_;
  SaveOptions options_;
  bool creates_;
  SaveHooks hooks_;
  Tags model_tags_;
  ModelEvent model_event_;
  RecordEvent record_event_;
};

}  // namespace

ApiResult<void> SaveRecord(LaneTransaction& tx, Record& record, const SaveOptions& options) {
  return Save(tx, record, options).Run();
}

}  // namespace wombat

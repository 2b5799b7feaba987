// Creating and changing a collection, with its hooks.                                   Behaviour: spec 02 §1.5–§4, 07 §3.4.
#include <memory>

#include "common/schema/change.h"
#include "common/schema/view_fields.h"
#include "common/settings/settings.h"
#include "proto/values.h"
#include "writer/mutations/collection_chain.h"
#include "writer/mutations/model_hooks.h"
#include "writer/mutations/mutations.h"
#include "writer/mutations/refresh_views.h"

namespace wombat {
namespace {

// What trying out a view query may take: all writes wait meanwhile.
constexpr std::chrono::seconds kViewSampleTimeLimit{2};

struct SaveHooks {
  const Hook<ModelEvent>& model;
  const Hook<CollectionEvent>& collection;
  const Hook<ModelEvent>& model_execute;
  const Hook<CollectionEvent>& collection_execute;
  const Hook<ModelEvent>& model_success;
  const Hook<CollectionEvent>& collection_success;
  const Hook<ModelEvent>& model_error;
  const Hook<CollectionEvent>& collection_error;
};

SaveHooks HooksOf(App& app, bool creates) {
  if (creates)
    return {app.on_model_create,         app.on_collection_create,         app.on_model_create_execute,
            app.on_collection_create_execute, app.on_model_after_create_success, app.on_collection_after_create_success,
            app.on_model_after_create_error, app.on_collection_after_create_error};
  return {app.on_model_update,         app.on_collection_update,         app.on_model_update_execute,
          app.on_collection_update_execute, app.on_model_after_update_success, app.on_collection_after_update_success,
          app.on_model_after_update_error, app.on_collection_after_update_error};
}

class Save {
 public:
  Save(LaneTransaction& tx, const Schema& schema, Collection& collection, const Collection* stored, CollectionChecks checks)
      : tx_(tx), schema_(schema), collection_(collection), stored_(stored), checks_(checks),
        hooks_(HooksOf(tx.app(), stored == nullptr)) {
    model_event_.app = collection_event_.app = &tx.app();
    model_event_.table = "_collections";
    model_event_.collection = collection_event_.collection = &collection_;
    model_event_.type = collection_event_.type = stored ? "update" : "create";
  }

  HookResult Run() {
    const Hook<CollectionEvent>::Builtin normalize{-99, [&](CollectionEvent& event) -> HookResult {
      NormalizeCollection(collection_, stored_, schema_);
      return event.Next();
    }};
    const Hook<CollectionEvent>::Builtin rename_labels{99, [&](CollectionEvent& event) -> HookResult {
      if (auto saved = event.Next(); !saved) return saved;
      return RenameRateLimitLabels();
    }};
    const Hook<CollectionEvent>::Builtin builtins[] = {normalize, rename_labels};
    auto mark = tx_.Mark();
    HookResult result = RunModelHooks(hooks_.model, hooks_.collection, model_event_, collection_event_, kModelTags, TagsOfCollection(),
                                      [&]() -> HookResult {
                                        TakeViewFields();
                                        if (checks_ == CollectionChecks::kAll)
                                          if (auto valid = Validate(); !valid) return valid;
                                        return Execute();
                                      },
                                      builtins);
    if (!result) {
      tx_.FailEffectsSince(mark, result.error());
      model_event_.error = collection_event_.error = result.error();
      if (!hooks_.model_error.empty() || !hooks_.collection_error.empty())
        (void)RunModelHooks(hooks_.model_error, hooks_.collection_error, model_event_, collection_event_, kModelTags,
                            TagsOfCollection(), [] { return HookResult{}; });
      return result;
    }
    tx_.effects().schema_changed = true;
    QueueAfterHooks();
    return {};
  }

 private:
  inline static const Tags kModelTags{"_collections"};

  Tags TagsOfCollection() const { return {collection_.id, collection_.name}; }

  // So that hooks see a view with its fields.
  void TakeViewFields() {
    if (!collection_.is_view()) return;
    ViewFields inferred = InferViewFields(tx_.db(), schema_, collection_.view_query);
    if (!AreSameViewFields(inferred.fields, collection_.fields)) collection_.fields = std::move(inferred.fields);
  }

  HookResult Validate() {
    App& app = tx_.app();
    const Hook<CollectionEvent>::Builtin builtin{99, [&](CollectionEvent& event) -> HookResult {
      if (collection_.is_view()) tx_.LimitStatements(kViewSampleTimeLimit);
      auto errors = ValidateCollection(tx_.db(), collection_, stored_, schema_);
      if (collection_.is_view()) tx_.LimitStatements({});
      if (!errors) return std::unexpected(RawError(errors.error().message));
      if (!errors->as_object().empty()) return Refuse(400, Message(), std::move(*errors));
      return event.Next();
    }};
    return RunModelHooks(app.on_model_validate, app.on_collection_validate, model_event_, collection_event_, kModelTags,
                         TagsOfCollection(), [] { return HookResult{}; }, std::span(&builtin, 1));
  }

  HookResult Execute() {
    return RunModelHooks(hooks_.model_execute, hooks_.collection_execute, model_event_, collection_event_, kModelTags,
                         TagsOfCollection(), [&]() -> HookResult {
                           auto saved = SaveCollection(tx_.db(), collection_, stored_);
                           if (saved) return {};
                           ChangeError& error = saved.error();
                           if (error.not_found) return Refuse(404);
                           if (!error.data.as_object().empty()) return Refuse(400, Message(), std::move(error.data));
                           return std::unexpected(RawError(error.raw));
                         });
  }

  // The labels of rate limits name collections.
  HookResult RenameRateLimitLabels() {
    if (!stored_ || stored_->name == collection_.name) return {};
    auto settings = LoadSettings(tx_.db(), tx_.settings().encryption_env);
    if (!settings) return std::unexpected(RawError(settings.error().message));
    const Settings renamed = settings->WithRenamedLabels(stored_->name, collection_.name);
    if (renamed.ToStored() == settings->ToStored()) return {};
    if (auto kept = StoreSettings(tx_.db(), renamed, tx_.settings().encryption_env); !kept)
      return std::unexpected(RawError(kept.error().message));
    tx_.effects().settings_changed = true;
    return {};
  }

  void QueueAfterHooks() {
    auto saved = std::make_shared<Collection>(collection_);
    const std::string_view type = model_event_.type;
    App* app = &tx_.app();
    const auto run = [saved, app, type](const Hook<ModelEvent>& model, const Hook<CollectionEvent>& collection,
                                        const ApiError* error) {
      ModelEvent model_event;
      CollectionEvent collection_event;
      model_event.app = collection_event.app = app;
      model_event.table = "_collections";
      model_event.collection = collection_event.collection = saved.get();
      model_event.type = collection_event.type = type;
      if (error) model_event.error = collection_event.error = *error;
      return RunModelHooks(model, collection, model_event, collection_event, kModelTags, {saved->id, saved->name},
                           [] { return HookResult{}; });
    };
    const SaveHooks hooks = hooks_;
    if (!hooks.model_success.empty() || !hooks.collection_success.empty())
      tx_.effects().after_success.push_back(
          [run, hooks] { return run(hooks.model_success, hooks.collection_success, nullptr); });
    if (!hooks.model_error.empty() || !hooks.collection_error.empty())
      tx_.effects().after_error.push_back(
          [run, hooks](const ApiError& error) { (void)run(hooks.model_error, hooks.collection_error, &error); });
  }

  std::string Message() const { return stored_ ? "Failed to update collection." : "Failed to create collection."; }
  ApiError RawError(const std::string& raw) const {
    return {400, Message() + " Raw error: \n" + raw, Json::Object(), raw};
  }

  LaneTransaction& tx_;
  const Schema& schema_;
  Collection& collection_;
  const Collection* stored_;
  CollectionChecks checks_;
  SaveHooks hooks_;
  ModelEvent model_event_;
  CollectionEvent collection_event_;
};

Rule ReadRule(proto::OptionalText::Reader in) {
  return in.getIsSet() ? Rule(std::string(View(in.getText()))) : Rule();
}

}  // namespace

Result<Collection> ReadCollection(proto::SaveCollection::Reader message) {
  auto collection = CollectionFromStored(std::string(View(message.getNewId())), message.getSystem(),
                                         std::string(View(message.getRawType())), std::string(View(message.getName())),
                                         View(message.getFields()), View(message.getIndexes()), View(message.getOptions()));
  if (!collection) return collection;
  auto rules = message.getRules();
  Rule* targets[] = {&collection->list_rule, &collection->view_rule, &collection->create_rule, &collection->update_rule,
                     &collection->delete_rule};
  for (unsigned i = 0; i < rules.size() && i < std::size(targets); i++) *targets[i] = ReadRule(rules[i]);
  collection->created = std::string(View(message.getCreated()));
  return collection;
}

HookResult SaveCollectionModel(LaneTransaction& tx, const Schema& schema, Collection& collection, const Collection* stored,
                               CollectionChecks checks) {
  return Save(tx, schema, collection, stored, checks).Run();
}

MutationAnswer RunSaveCollection(LaneTransaction& tx, proto::SaveCollection::Reader message) {
  if (auto opened = tx.EnsureSavepoint(); !opened) return MutationAnswer::Refused(WriteFailure(opened.error(), {}));
  const Collection* stored = nullptr;
  if (!message.getIsNew()) {
    stored = tx.schema().FindById(View(message.getId()));
    if (!stored) return MutationAnswer::Refused({404, {}, Json::Object(), {}});
  }
  auto collection = ReadCollection(message);
  if (!collection)
    return MutationAnswer::Refused({400, "Failed to load the submitted data due to invalid formatting.", Json::Object(),
                                    collection.error().message});
  if (auto saved = SaveCollectionModel(tx, tx.schema(), *collection, stored, CollectionChecks::kAll); !saved)
    return MutationAnswer::Refused(saved.error());
  RefreshViewsIfPossible(tx, collection->id);
  MutationAnswer answer = MutationAnswer::Of(MutationAnswer::Kind::kCollection);
  answer.collection_id = collection->id;
  return answer;
}

}  // namespace wombat

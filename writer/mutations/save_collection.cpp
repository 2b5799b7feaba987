// Creating and changing a collection, with its hooks.                                   Behaviour: spec 02 §1.5–§4, 07 §3.4.
#include <memory>

#include "common/schema/change.h"
#include "proto/values.h"
#include "writer/mutations/model_hooks.h"
#include "writer/mutations/mutations.h"

namespace wombat {
namespace {

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
  Save(LaneTransaction& tx, Collection& collection, const Collection* stored)
      : tx_(tx), collection_(collection), stored_(stored), hooks_(HooksOf(tx.app(), stored == nullptr)) {
    model_event_.app = collection_event_.app = &tx.app();
    model_event_.table = "_collections";
    model_event_.collection = collection_event_.collection = &collection_;
    model_event_.type = collection_event_.type = stored ? "update" : "create";
  }

  HookResult Run() {
    const Hook<CollectionEvent>::Builtin normalize{-99, [&](CollectionEvent& event) -> HookResult {
      NormalizeCollection(collection_, stored_, tx_.schema());
      return event.Next();
    }};
    HookResult result = RunModelHooks(hooks_.model, hooks_.collection, model_event_, collection_event_, kModelTags, TagsOfCollection(),
                                      [&]() -> HookResult {
                                        if (auto valid = Validate(); !valid) return valid;
                                        return Execute();
                                      },
                                      std::span(&normalize, 1));
    if (!result) {
      model_event_.error = collection_event_.error = result.error();
      if (!hooks_.model_error.empty() || !hooks_.collection_error.empty())
        (void)RunModelHooks(hooks_.model_error, hooks_.collection_error, model_event_, collection_event_, kModelTags,
                            TagsOfCollection(), [] { return HookResult{}; });
      return result;
    }
    tx_.effects().schema_changed = true;
    QueueSuccess();
    return {};
  }

 private:
  inline static const Tags kModelTags{"_collections"};

  Tags TagsOfCollection() const { return {collection_.id, collection_.name}; }

  HookResult Validate() {
    App& app = tx_.app();
    const Hook<CollectionEvent>::Builtin builtin{99, [&](CollectionEvent& event) -> HookResult {
      auto errors = ValidateCollection(tx_.db(), collection_, stored_, tx_.schema());
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

  void QueueSuccess() {
    if (hooks_.model_success.empty() && hooks_.collection_success.empty()) return;
    auto saved = std::make_shared<Collection>(collection_);
    auto hooks = hooks_;
    App* app = &tx_.app();
    std::string_view type = model_event_.type;
    tx_.effects().after_success.push_back([saved, hooks, app, type]() -> HookResult {
      ModelEvent model_event;
      CollectionEvent collection_event;
      model_event.app = collection_event.app = app;
      model_event.table = "_collections";
      model_event.collection = collection_event.collection = saved.get();
      model_event.type = collection_event.type = type;
      return RunModelHooks(hooks.model_success, hooks.collection_success, model_event, collection_event, kModelTags,
                           {saved->id, saved->name}, [] { return HookResult{}; });
    });
  }

  std::string Message() const { return stored_ ? "Failed to update collection." : "Failed to create collection."; }
  ApiError RawError(const std::string& raw) const {
    return {400, Message() + " Raw error: \n" + raw, Json::Object(), raw};
  }

  LaneTransaction& tx_;
  Collection& collection_;
  const Collection* stored_;
  SaveHooks hooks_;
  ModelEvent model_event_;
  CollectionEvent collection_event_;
};

Rule ReadRule(proto::OptionalText::Reader in) {
  return in.getIsSet() ? Rule(std::string(View(in.getText()))) : Rule();
}

}  // namespace

MutationAnswer RunSaveCollection(LaneTransaction& tx, proto::SaveCollection::Reader message) {
  if (auto opened = tx.EnsureSavepoint(); !opened) return MutationAnswer::Refused(WriteFailure(opened.error(), {}));
  const Collection* stored = nullptr;
  if (!message.getIsNew()) {
    stored = tx.schema().FindById(View(message.getId()));
    if (!stored) return MutationAnswer::Refused({404, {}, Json::Object(), {}});
  }
  auto collection = CollectionFromStored(std::string(View(message.getNewId())), message.getSystem(),
                                         std::string(View(message.getRawType())), std::string(View(message.getName())),
                                         View(message.getFields()), View(message.getIndexes()), View(message.getOptions()));
  if (!collection)
    return MutationAnswer::Refused({400, "Failed to load the submitted data due to invalid formatting.", Json::Object(),
                                    collection.error().message});
  auto rules = message.getRules();
  Rule* targets[] = {&collection->list_rule, &collection->view_rule, &collection->create_rule, &collection->update_rule,
                     &collection->delete_rule};
  for (unsigned i = 0; i < rules.size() && i < std::size(targets); i++) *targets[i] = ReadRule(rules[i]);
  collection->created = std::string(View(message.getCreated()));
  if (auto saved = Save(tx, *collection, stored).Run(); !saved) return MutationAnswer::Refused(saved.error());
  MutationAnswer answer = MutationAnswer::Of(MutationAnswer::Kind::kCollection);
  answer.collection_id = collection->id;
  return answer;
}

}  // namespace wombat

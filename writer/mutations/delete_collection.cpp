// Deleting a collection with its table, with its hooks.                                    Behaviour: spec 02 §2, 07 §3.4.
#include <memory>

#include "common/schema/change.h"
#include "proto/values.h"
#include "writer/mutations/model_hooks.h"
#include "writer/mutations/mutations.h"

namespace wombat {
namespace {

const Tags kModelTags{"_collections"};

ApiError DeleteFailure(const DeleteCollectionError& error) {
  std::string message = "Failed to delete collection.";
  if (!error.referencing.empty()) {
    message = "Failed to delete collection probably due to existing reference in ";
    for (std::size_t i = 0; i < error.referencing.size(); i++) message += (i ? ", " : "") + error.referencing[i];
    message += ".";
  }
  return {400, message, Json::Object(), error.message};
}

}  // namespace

MutationAnswer RunDeleteCollection(LaneTransaction& tx, proto::DeleteCollection::Reader message) {
  if (auto opened = tx.EnsureSavepoint(); !opened) return MutationAnswer::Refused(WriteFailure(opened.error(), {}));
  const Collection* stored = tx.schema().FindById(View(message.getId()));
  if (!stored) return MutationAnswer::Refused({404, {}, Json::Object(), {}});
  App& app = tx.app();
  auto collection = std::make_shared<Collection>(*stored);
  const Tags tags{collection->id, collection->name};

  ModelEvent model_event;
  CollectionEvent collection_event;
  model_event.app = collection_event.app = &app;
  model_event.table = "_collections";
  model_event.collection = collection_event.collection = collection.get();
  model_event.type = collection_event.type = "delete";

  auto execute = [&]() -> HookResult {
    return RunModelHooks(app.on_model_delete_execute, app.on_collection_delete_execute, model_event, collection_event,
                         kModelTags, tags, [&]() -> HookResult {
                           auto deleted = DeleteCollection(tx.db(), *stored, tx.schema());
                           if (!deleted) return std::unexpected(DeleteFailure(deleted.error()));
                           return {};
                         });
  };
  HookResult result = RunModelHooks(app.on_model_delete, app.on_collection_delete, model_event, collection_event, kModelTags,
                                    tags, execute);
  if (!result) {
    model_event.error = collection_event.error = result.error();
    (void)RunModelHooks(app.on_model_after_delete_error, app.on_collection_after_delete_error, model_event, collection_event,
                        kModelTags, tags, [] { return HookResult{}; });
    return MutationAnswer::Refused(result.error());
  }
  tx.effects().schema_changed = true;
  tx.effects().changed_auth_collections.insert(collection->id);
  if (!app.on_model_after_delete_success.empty() || !app.on_collection_after_delete_success.empty()) {
    tx.effects().after_success.push_back([collection, &app]() -> HookResult {
      ModelEvent model;
      CollectionEvent event;
      model.app = event.app = &app;
      model.table = "_collections";
      model.collection = event.collection = collection.get();
      model.type = event.type = "delete";
      return RunModelHooks(app.on_model_after_delete_success, app.on_collection_after_delete_success, model, event, kModelTags,
                           {collection->id, collection->name}, [] { return HookResult{}; });
    });
  }
  return MutationAnswer::Of(MutationAnswer::Kind::kDone);
}

}  // namespace wombat

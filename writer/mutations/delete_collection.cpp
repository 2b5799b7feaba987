// Deleting a collection with its table, with its hooks.                                    Behaviour: spec 02 §2, 07 §3.4.
#include <memory>

#include "common/base/text.h"
#include "common/schema/change.h"
#include "proto/values.h"
#include "writer/mutations/collection_chain.h"
#include "writer/mutations/model_hooks.h"
#include "writer/mutations/mutations.h"
#include "writer/mutations/record_chain.h"
#include "writer/mutations/record_files.h"
#include "writer/mutations/refresh_views.h"

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

ApiError ReferencesFailure(const Error& error) { return WriteFailure(error, "Failed to delete collection."); }

// Records of the system collections that belong to records of this one: one by one where hooks shall see them.
HookResult DeleteReferencingRecords(LaneTransaction& tx, const Collection& gone) {
  const App& app = tx.app();
  if (app.on_model_delete.empty() && app.on_record_delete.empty() && app.on_model_delete_execute.empty() &&
      app.on_record_delete_execute.empty() && app.on_model_after_delete_success.empty() &&
      app.on_record_after_delete_success.empty()) {
    if (auto deleted = DeleteReferences(tx.db(), gone, tx.schema()); !deleted)
      return std::unexpected(ReferencesFailure(deleted.error()));
    return {};
  }
  for (std::string_view table : kTablesWithReferences) {
    CollectionPtr collection = tx.schema().FindShared(table);
    if (!collection || collection->id == gone.id) continue;
    std::vector<Record> records;
    {
      auto select = tx.db().Prepare("SELECT " + collection->select_columns + " FROM " + QuoteName(collection->name) +
                                    " WHERE `collectionRef` = ?");
      if (!select) return std::unexpected(ReferencesFailure(select.error()));
      select->BindView(1, gone.id);
      for (;;) {
        auto row = select->Step();
        if (!row) return std::unexpected(ReferencesFailure(row.error()));
        if (!*row) break;
        records.push_back(Record::FromRow(collection, *select));
      }
    }
    for (Record& record : records)
      if (auto deleted = DeleteRecord(tx, record); !deleted) return deleted;
  }
  return {};
}

HookResult RunAfterHooks(App& app, const Hook<ModelEvent>& model_hook, const Hook<CollectionEvent>& collection_hook,
                         Collection& collection, const ApiError* error) {
  ModelEvent model;
  CollectionEvent event;
  model.app = event.app = &app;
  model.table = "_collections";
  model.collection = event.collection = &collection;
  model.type = event.type = "delete";
  if (error) model.error = event.error = *error;
  return RunModelHooks(model_hook, collection_hook, model, event, kModelTags, {collection.id, collection.name},
                       [] { return HookResult{}; });
}

}  // namespace

HookResult DeleteCollectionModel(LaneTransaction& tx, const Collection& stored, CollectionChecks checks) {
  App& app = tx.app();
  auto collection = std::make_shared<Collection>(stored);
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
                           auto deleted = DeleteCollection(tx.db(), stored, tx.schema(), checks == CollectionChecks::kAll);
                           if (!deleted) return std::unexpected(DeleteFailure(deleted.error()));
                           return DeleteReferencingRecords(tx, stored);
                         });
  };
  HookResult result = RunModelHooks(app.on_model_delete, app.on_collection_delete, model_event, collection_event, kModelTags,
                                    tags, execute);
  if (!result) {
    (void)RunAfterHooks(app, app.on_model_after_delete_error, app.on_collection_after_delete_error, *collection, &result.error());
    return result;
  }
  tx.effects().schema_changed = true;
  RemoveFilesOfCollection(tx, *collection);
  tx.effects().changed_auth_collections.insert(collection->id);
  if (!app.on_model_after_delete_success.empty() || !app.on_collection_after_delete_success.empty())
    tx.effects().after_success.push_back([collection, &app] {
      return RunAfterHooks(app, app.on_model_after_delete_success, app.on_collection_after_delete_success, *collection, nullptr);
    });
  if (!app.on_model_after_delete_error.empty() || !app.on_collection_after_delete_error.empty())
    tx.effects().after_error.push_back([collection, &app](const ApiError& error) {
      (void)RunAfterHooks(app, app.on_model_after_delete_error, app.on_collection_after_delete_error, *collection, &error);
    });
  return {};
}

MutationAnswer RunDeleteCollection(LaneTransaction& tx, proto::DeleteCollection::Reader message) {
  if (auto opened = tx.EnsureSavepoint(); !opened) return MutationAnswer::Refused(WriteFailure(opened.error(), {}));
  const Collection* stored = tx.schema().FindById(View(message.getId()));
  if (!stored) return MutationAnswer::Refused({404, {}, Json::Object(), {}});
  if (auto deleted = DeleteCollectionModel(tx, *stored, CollectionChecks::kAll); !deleted)
    return MutationAnswer::Refused(deleted.error());
  if (auto refreshed = RefreshViews(tx, stored->id); !refreshed) {
    return MutationAnswer::Refused({400, "Failed to delete collection.", Json::Object(), refreshed.error().log_details});
  }
  return MutationAnswer::Of(MutationAnswer::Kind::kDone);
}

}  // namespace wombat

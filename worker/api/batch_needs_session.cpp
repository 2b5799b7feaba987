#include <set>

#include "worker/api/batch_run.h"
#include "worker/api/record_input.h"

namespace wombat {
namespace {

using Kind = BatchAction::Kind;

bool HasRequestHooks(const App& app, const Collection& collection, Kind kind) {
  std::string_view tags[] = {collection.name, collection.id};
  const bool creates = kind == Kind::kCreate || kind == Kind::kUpsert;
  const bool updates = kind == Kind::kUpdate || kind == Kind::kUpsert;
  return (creates && app.on_record_create_request.HasFor(tags)) ||
         (updates && app.on_record_update_request.HasFor(tags)) ||
         (kind == Kind::kDelete ? app.on_record_delete_request.HasFor(tags) : app.on_record_enrich.HasFor(tags));
}

// A try that the writer sends back must not have been seen by anybody.
bool HasSaveHooks(const App& app, const Collection& collection) {
  std::string_view tags[] = {collection.name, collection.id};
  auto bound = [&](const auto&... hook) { return (hook.HasFor(tags) || ...); };
  return bound(app.on_model_validate, app.on_record_validate, app.on_model_create, app.on_record_create,
               app.on_model_create_execute, app.on_record_create_execute, app.on_model_update, app.on_record_update,
               app.on_model_update_execute, app.on_record_update_execute, app.on_model_delete, app.on_record_delete,
               app.on_model_delete_execute, app.on_record_delete_execute);
}

bool AsksForExpand(std::string_view query) {
  for (const auto& [name, value] : ParseQuery(query))
    if (name == "expand" && !value.empty()) return true;
  return false;
}

}  // namespace

bool NeedsSession(RequestContext& context, const std::vector<BatchItem>& items) {
  const App& app = context.runtime.app;
  std::set<std::pair<const Collection*, std::string>> touched;
  bool may_be_sent_back = false, has_save_hooks = false;
  for (const BatchItem& item : items) {
    const BatchAction action = ActionOf(item);
    CollectionPtr collection = action.kind == Kind::kNone ? nullptr : context.schema->FindShared(action.collection);
    // It ends the batch; if there is something before it, that has to be looked at in the writer.
    if (!collection) return items.size() > 1;
    if (HasRequestHooks(app, *collection, action.kind)) return true;
    // Who may change or see what is asked of rows that earlier items may have written.
    if (!context.is_superuser() && MayHaveManageAccess(context, *collection)) return true;
    if (action.kind != Kind::kDelete && AsksForExpand(action.query)) return true;
    const Json* id = item.body.Find("id");
    std::string target(action.id);
    if (action.id.empty() && id && id->is_string()) target = id->as_string();
    if (!target.empty() && !touched.emplace(collection.get(), target).second) return true;
    may_be_sent_back |= action.kind == Kind::kUpdate || action.kind == Kind::kUpsert;
    has_save_hooks |= HasSaveHooks(app, *collection);
  }
  return may_be_sent_back && has_save_hooks;
}

ApiError AsItemError(ApiError error, const BatchItem& item, std::size_t index) {
  if (ActionOf(item).kind == Kind::kNone && index > 0) error.status = 500;
  return error;
}

}  // namespace wombat

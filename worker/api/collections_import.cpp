// PUT /api/collections/import                                                                             spec 02 §7
#include <algorithm>

#include "proto/values.h"
#include "worker/api/bound_body.h"
#include "worker/api/handlers.h"
#include "worker/api/mutate.h"

namespace wombat {
namespace {

constexpr const char* kUnreadable = "An error occurred while loading the submitted data.";
constexpr const char* kInvalid = "An error occurred while validating the submitted data.";
constexpr const char* kFailed = "Failed to import collections.";

struct Imported {
  Collection collection;
  CollectionPtr stored;              // null: new
};

ApiError RawFailure(const std::string& raw) {
  ApiError error{400, kFailed, Json::Object(), raw};
  AddFieldError(error.data, "collections",
                {"validation_collections_import_failure",
                 "Failed to import the collections configuration. Raw error:\n" + raw, {}});
  return error;
}

// What is stored and not submitted stays: all fields, or only the system ones. A submitted entry that means such a field,
// by name and type, becomes it.
void KeepStoredFields(Json& data, const Collection& stored, bool delete_missing) {
  Json* submitted = data.Find("fields");
  if (!submitted && !delete_missing) return;
  if (!submitted) submitted = &(data["fields"] = Json::List());
  if (!submitted->is_array()) return;
  for (const auto& field : stored.fields) {
    if (delete_missing && !field->system) continue;
    auto& entries = submitted->as_array();
    const auto has_id = [&](const Json& entry) { return entry.StringOr("id") == field->id; };
    if (std::ranges::any_of(entries, has_id)) continue;
    const auto means = std::ranges::find_if(entries, [&](const Json& entry) {
      return entry.StringOr("name") == field->name && entry.StringOr("type") == field->type();
    });
    if (means == entries.end()) entries.push_back(field->OptionsJson());
    else *means = field->OptionsJson();
  }
}

CollectionType TypeOf(const Json& data) {
  const std::string type = data.StringOr("type");
  return type == "auth" ? CollectionType::kAuth : type == "view" ? CollectionType::kView : CollectionType::kBase;
}

// Indexes that come with the scaffold are made again when it is saved, under the name of the final id.
void DropScaffoldIndexes(Collection& collection) {
  if (collection.scaffold_suffix.empty()) return;
  std::erase_if(collection.indexes, [&](const std::string& index) {
    return index.find(collection.scaffold_suffix) != std::string::npos;
  });
  collection.scaffold_suffix.clear();
}

ApiResult<Imported> Decode(const Schema& schema, Json data, bool delete_missing) {
  const std::string id = data.StringOr("id");
  Imported imported{{}, schema.FindShared(id.empty() ? data.StringOr("name") : id)};
  if (imported.stored) {
    KeepStoredFields(data, *imported.stored, delete_missing);
    imported.collection = Collection(*imported.stored);
  } else {
    imported.collection = NewCollection(TypeOf(data));
  }
  if (auto applied = ApplyCollectionBody(imported.collection, data); !applied)
    return std::unexpected(RawFailure(applied.error().message));
  DropScaffoldIndexes(imported.collection);
  return imported;
}

// Views last, since they read the others; then the older first.
ApiResult<std::vector<Imported>> DecodeAll(const Schema& schema, const Json& list, bool delete_missing) {
  std::vector<Imported> all;
  for (const Json& data : list.as_array()) {
    auto imported = Decode(schema, data, delete_missing);
    if (!imported) return std::unexpected(std::move(imported.error()));
    all.push_back(std::move(*imported));
  }
  std::ranges::stable_sort(all, [](const Imported& a, const Imported& b) {
    return std::forward_as_tuple(a.collection.is_view(), a.collection.created, a.collection.updated) <
           std::forward_as_tuple(b.collection.is_view(), b.collection.created, b.collection.updated);
  });
  return all;
}

struct Form {
  Json collections;
  bool delete_missing = false;
};

ApiResult<Form> ReadForm(RequestContext& context) {
  auto body = BoundBody::Read(context, kUnreadable);
  if (!body) return std::unexpected(std::move(body.error()));
  Form form;
  form.delete_missing = body->Bool("deleteMissing");
  if (auto read = body->Finish(); !read) return std::unexpected(std::move(read.error()));
  if (const Json* list = body->Member("collections")) {
    const auto is_object = [](const Json& element) { return element.is_object() || element.is_null(); };
    if (!list->is_array() || !std::ranges::all_of(list->as_array(), is_object))
      return std::unexpected(body->Failure("collections must be a list of objects"));
    form.collections = *list;
    for (Json& element : form.collections.as_array())
      if (element.is_null()) element = Json::Object();
  }
  if (form.collections.is_array() && !form.collections.as_array().empty()) return form;
  Json errors = Json::Object();
  AddFieldError(errors, "collections", FieldError::Required());
  return Refuse(400, kInvalid, std::move(errors));
}

Task<HookResult> Send(RequestContext& context, const Json& collections, bool delete_missing, bool& stale) {
  auto all = DecodeAll(*context.schema, collections, delete_missing);
  if (!all) co_return std::unexpected(std::move(all.error()));
  std::function<void(proto::Mutation::Builder)> fill = [&](proto::Mutation::Builder mutation) {
    auto import = mutation.initImportCollections();
    import.setDeleteMissing(delete_missing);
    auto list = import.initCollections(unsigned(all->size()));
    for (unsigned i = 0; i < list.size(); i++) {
      const Imported& item = (*all)[i];
      FillCollection(list[i], item.collection, !item.stored, item.stored ? item.stored->id : std::string());
    }
  };
  Written written = co_await SendMutation(context, fill);
  if (written.kind == Written::Kind::kRefused) co_return std::unexpected(std::move(written.error));
  stale = written.kind == Written::Kind::kStale;
  co_return HookResult{};
}

}  // namespace

Task<HandlerResult> ImportCollections(RequestContext& context) {
  if (auto allowed = RequireSuperuser(context); !allowed) co_return std::unexpected(std::move(allowed.error()));
  auto form = ReadForm(context);
  if (!form) co_return std::unexpected(std::move(form.error()));
  for (int attempt = 0; attempt < kMaxAttempts; attempt++) {
    HttpResponse response;
    bool stale = false;
    CollectionsImportRequestEvent event;
    event.app = &context.runtime.app;
    event.request = &context.http;
    event.response = &response;
    event.info = &context.info;
    event.auth = context.info.auth;
    event.collections_data = form->collections;
    event.delete_missing = form->delete_missing;
    std::function<Task<HookResult>(CollectionsImportRequestEvent&)> finish =
        [&](CollectionsImportRequestEvent& e) -> Task<HookResult> {
      auto sent = co_await Send(context, e.collections_data, form->delete_missing, stale);
      if (sent) response = NoContent();
      co_return sent;
    };
    auto done = co_await context.runtime.app.on_collections_import_request.Trigger(event, {}, finish);
    if (!done) co_return std::unexpected(std::move(done.error()));
    if (!stale) co_return response;
    if (!TakeFreshSchema(context)) break;
  }
  co_return std::unexpected(TooMuchMoved());
}

}  // namespace wombat

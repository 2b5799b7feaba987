// Deleting a record: its own row, what belongs to it, and what refers to it.            Behaviour: spec 07 §3.3, 01 §2.8.
#include <algorithm>
#include <memory>

#include "common/base/text.h"
#include "writer/mutations/after_hooks.h"
#include "writer/mutations/model_hooks.h"
#include "writer/mutations/record_chain.h"
#include "writer/mutations/record_dependents.h"
#include "writer/mutations/record_files.h"

namespace wombat {
namespace {

constexpr int kReferenceChunk = 4000;

// A chain of cascading records is as long as clients make it, and each link is a level of recursion on the lane's stack
// (kLaneStackBytes is sized for it).
constexpr int kMaxCascadeDepth = 5000;
thread_local int cascade_depth = 0;

struct CascadeLevel {
  CascadeLevel() { cascade_depth++; }
  ~CascadeLevel() { cascade_depth--; }
};

class Delete {
 public:
  Delete(LaneTransaction& tx, Record& record)
      : tx_(tx), record_(record), tags_{record.collection().name, record.collection().id} {
    model_event_.app = record_event_.app = &tx.app();
    model_event_.table = record.collection().name;
    model_event_.record = record_event_.record = &record_;
    model_event_.type = record_event_.type = "delete";
  }

  ApiResult<void> Run() {
    auto mark = tx_.Mark();
    if (auto opened = tx_.EnsureSavepoint(); !opened) return std::unexpected(WriteFailure(opened.error(), kDeleteRefused));
    HookResult result = Guarded();
    if (!result) {
      tx_.FailEffectsSince(mark, result.error());
      return JoinErrors(result.error(), FireError(result.error()), kDeleteRefused);
    }
    if (record_.collection().is_auth()) tx_.effects().changed_auth_collections.insert(record_.collection().id);
    RemoveFilesOfRecord(tx_, record_);
    QueueAfterHooks();
    return {};
  }

 private:
  HookResult Guarded() {
    CascadeLevel level;
    if (cascade_depth > kMaxCascadeDepth) return Refuse(400, std::string(kDeleteRefused));
    App& app = tx_.app();
    auto bound = [&](const auto&... hook) { return (hook.HasFor(tags_) || ...); };
    if (!bound(app.on_model_delete, app.on_record_delete, app.on_model_delete_execute, app.on_record_delete_execute)) {
      if (auto allowed = CheckAllowed(); !allowed) return allowed;
      return Execute();
    }
    const Hook<RecordEvent>::Builtin checks{-99, [&](RecordEvent& event) -> HookResult {
      if (auto allowed = CheckAllowed(); !allowed) return allowed;
      return event.Next();
    }};
    return RunModelHooks(app.on_model_delete, app.on_record_delete, model_event_, record_event_, tags_, tags_,
                         [&]() -> HookResult {
                           const Hook<RecordEvent>::Builtin cascade{99, [&](RecordEvent& event) -> HookResult {
                             if (auto removed = event.Next(); !removed) return removed;
                             return Cascade();
                           }};
                           return RunModelHooks(app.on_model_delete_execute, app.on_record_delete_execute, model_event_,
                                                record_event_, tags_, tags_, [&] { return RemoveRow(); },
                                                std::span(&cascade, 1));
                         },
                         std::span(&checks, 1));
  }

  HookResult CheckAllowed() {
    const Collection& collection = record_.collection();
    if (collection.is_view()) return Refuse(400, "Unsupported collection type.");
    if (!collection.is_superusers()) return {};
    auto count = tx_.db().QueryValue("SELECT COUNT(*) FROM " + QuoteName(collection.name));
    if (!count) return std::unexpected(WriteFailure(count.error(), kDeleteRefused));
    const auto* number = std::get_if<std::int64_t>(&*count);
    if (number && *number <= 1) return Refuse(400, "You can't delete the only existing superuser.");
    return {};
  }

  HookResult Execute() {
    if (auto removed = RemoveRow(); !removed) return removed;
    return Cascade();
  }

  HookResult RemoveRow() {
    auto statement = tx_.db().Prepare(tx_.statements(record_.collection()).remove);
    if (!statement) return std::unexpected(WriteFailure(statement.error(), kDeleteRefused));
    statement->BindView(1, record_.id());
    if (auto done = statement->Step(); !done) return std::unexpected(WriteFailure(done.error(), kDeleteRefused));
    return {};
  }

  HookResult Cascade() {
    if (record_.collection().is_auth())
      if (auto done = RemoveAllAuthRows(tx_, record_); !done) return done;
    std::vector<CollectionPtr> by_name;
    for (const auto& collection : tx_.schema().collections())
      if (!collection->is_view()) by_name.push_back(collection);
    std::sort(by_name.begin(), by_name.end(), [](const auto& a, const auto& b) { return a->name < b->name; });
    for (const auto& collection : by_name)
      for (std::size_t i = 0; i < collection->fields.size(); i++)
        if (collection->fields[i]->type() == "relation")
          if (auto done = CascadeOver(collection, int(i)); !done) return done;
    return {};
  }

  HookResult CascadeOver(const CollectionPtr& collection, int field_index) {
    const Field& field = *collection->fields[std::size_t(field_index)];
    Json options = field.OptionsJson();
    if (options.StringOr("collectionId") != record_.collection().id) return {};
    bool cascade_delete = options.BoolOr("cascadeDelete");
    std::string table = QuoteName(collection->name), column = QuoteName(field.name);
    std::string refers = field.multiple()
                             ? "EXISTS (SELECT 1 FROM json_each(CASE WHEN json_valid(" + table + "." + column + ") THEN " + table +
                                   "." + column + " ELSE json_array(" + table + "." + column + ") END) je WHERE je.value = ?1)"
                             : table + "." + column + " = ?1";
    std::string sql = "SELECT " + collection->select_columns + " FROM " + table + " WHERE " + refers;
    if (collection->id == record_.collection().id) sql += " AND " + table + ".`id` != ?1";
    sql += " LIMIT " + std::to_string(kReferenceChunk);
    for (;;) {
      std::vector<Record> rows;
      {
        auto statement = tx_.db().Prepare(sql);
        if (!statement) return std::unexpected(WriteFailure(statement.error(), kDeleteRefused));
        statement->BindView(1, record_.id());
        for (;;) {
          auto more = statement->Step();
          if (!more) return std::unexpected(WriteFailure(more.error(), kDeleteRefused));
          if (!*more) break;
          rows.push_back(Record::FromRow(collection, *statement));
        }
      }
      for (Record& row : rows)
        if (auto done = Unlink(row, field, field_index, cascade_delete); !done) return done;
      if (rows.size() < std::size_t(kReferenceChunk)) return {};
    }
  }

  HookResult Unlink(Record& row, const Field& field, int field_index, bool cascade_delete) {
    std::vector<std::string> ids = row.List(field.name);
    std::erase(ids, record_.id());
    if (ids.empty() && cascade_delete) return DeleteRecord(tx_, row);
    if (ids.empty() && field.required) {
      ApiError refusal{400, std::string(kDeleteRefused), Json::Object(),
                       "the record cannot be deleted because it is part of a required reference in record " +
                           std::string(row.id()) + " (" + row.collection().name + " collection)"};
      return std::unexpected(std::move(refusal));
    }
    row.SetRaw(field_index, field.Cast(Json(ids)));
    return SaveRecord(tx_, row, {.validate = false, .without_validation = true});
  }

  HookResult FireError(const ApiError& error) {
    App& app = tx_.app();
    return FireAfterHooks(app, app.on_model_after_delete_error, app.on_record_after_delete_error, record_, "delete", &error);
  }

  void QueueAfterHooks() {
    App& app = tx_.app();
    QueueAfter(tx_, record_, "delete", {app.on_model_after_delete_success, app.on_record_after_delete_success,
                                        app.on_model_after_delete_error, app.on_record_after_delete_error});
  }

  LaneTransaction& tx_;
  Record& record_;
  Tags tags_;
  ModelEvent model_event_;
  RecordEvent record_event_;
};

}  // namespace

ApiResult<void> DeleteRecord(LaneTransaction& tx, Record& record) { return Delete(tx, record).Run(); }

}  // namespace wombat

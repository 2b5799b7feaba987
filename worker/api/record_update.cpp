// PATCH /api/collections/{collection}/records/{id}                                                      spec 01 §2.7
#include "common/records/validate.h"
#include "worker/api/enrich.h"
#include "worker/api/handlers.h"
#include "worker/api/mutate.h"
#include "worker/api/record_access.h"
#include "worker/api/record_input.h"
#include "worker/files/uploads.h"
#include "worker/request_read.h"

namespace wombat {
namespace {

constexpr const char* kFailed = "Failed to update record.";

ApiError Failed(std::string details, Json data = Json::Object()) { return {400, kFailed, std::move(data), std::move(details)}; }
ApiError Hidden(std::string details) { return {404, {}, Json::Object(), std::move(details)}; }

// "total+", "+tags", "name:autogenerate": values that depend on what is stored.
bool UsesModifiers(const Json& body) {
  for (const auto& [key, value] : body.as_object())
    if (key.starts_with('+') || key.ends_with('+') || key.ends_with('-') || key.find(':') != std::string::npos) return true;
  return false;
}

// Why a request has to start over from a fresh look at the database.
enum class StartOver { kNo, kSchemaMoved, kRowMoved };

class Update {
 public:
  Update(RequestContext& context, RecordAccess access) : context_(context), access_(std::move(access)) {}

  Task<HandlerResult> Run(StartOver& start_over) {
    superuser_ = context_.is_superuser();
    auto stored = co_await FindStored();
    if (!stored) co_return std::unexpected(ReadFailure(stored.error(), 404));
    stored_ = std::move(*stored);
    if (context_.body().files_unreadable) co_return Refuse(400, "Failed to read the submitted data.");
    record_ = std::make_shared<Record>(*stored_);
    submitted_ = context_.info.body;
    uploads_.Take(context_, *access_.collection);
    computed_ = UsesModifiers(submitted_) || uploads_.depends_on_stored();
    const Json body = uploads_.Normalize(*record_, submitted_, superuser_);
    context_.info.body = uploads_.Describe(body);
    context_.info.body_is_normalized = true;
    if (auto prepared = co_await PrepareRules(); !prepared) co_return std::unexpected(std::move(prepared.error()));
    LoadBody(*record_, body);
    uploads_.AttachTo(*record_);
    if (auto hashed = co_await HashOnPool(context_, *record_); !hashed) co_return std::unexpected(std::move(hashed.error()));
    if (HasRequestHook()) before_hooks_ = *record_;

    RecordRequestEvent event;
    event.app = &context_.runtime.app;
    event.request = &context_.http;
    event.response = &response_;
    event.info = &context_.info;
    event.auth = context_.info.auth;
    event.collection = access_.collection.get();
    event.record = record_;
    std::function<Task<HookResult>(RecordRequestEvent&)> finish = [&](RecordRequestEvent& e) -> Task<HookResult> {
      co_return co_await Finish(e.record, start_over);
    };
    const Collection& collection = *access_.collection;
    auto result = co_await context_.runtime.app.on_record_update_request.Trigger(event, TagsOf(collection), finish);
    if (!result) co_return std::unexpected(std::move(result.error()));
    co_return response_;
  }

 private:
  Task<Result<std::shared_ptr<Record>>> FindStored() {
    auto query = SelectOne(*context_.schema, *access_.collection, context_.path[1], Rule(), context_.info);
    if (!query) co_return std::unexpected(query.error());
    std::function<Result<std::shared_ptr<Record>>(Connection&)> read = [&](Connection& reader) -> Result<std::shared_ptr<Record>> {
      auto statement = reader.Prepare(query->sql);
      if (!statement) return std::unexpected(statement.error());
      statement->BindAll(query->values);
      auto row = statement->Step();
      if (!row) return std::unexpected(row.error());
      if (!*row) return Fail("no such record", Error::Kind::kNotFound);
      auto record = std::make_shared<Record>(Record::FromRow(access_.collection, *statement));
      record->TakeAsOriginal();
      record->MarkSaved();
      return record;
    };
    co_return co_await Read<std::shared_ptr<Record>>(context_, read);
  }

  bool HasRequestHook() const {
    std::string_view tags[] = {access_.collection->name, access_.collection->id};
    return context_.runtime.app.on_record_update_request.HasFor(tags);
  }

  Task<ApiResult<void>> PrepareRules() {
    const Collection& collection = *access_.collection;
    if (access_.rule && !access_.rule->empty()) {
      auto check = CheckStored(*context_.schema, collection, stored_->id(), access_.rule, context_.info);
      if (!check) co_return std::unexpected(Hidden(check.error().message));
      check_ = std::move(*check);
      // The lane asks the rule; here only where something else would answer first.
      if (HasRequestHook())
        if (auto holds = co_await RequireCheck(); !holds) co_return std::unexpected(std::move(holds.error()));
    }
    full_access_ = superuser_;
    if (!superuser_ && MayHaveManageAccess(context_, collection)) {
      auto manages = CheckStored(*context_.schema, collection, stored_->id(), collection.auth.manage_rule, context_.info);
      if (manages) {
        auto holds = co_await HoldsHere(context_, *manages);
        full_access_ = holds && *holds;
      }
    }
    co_return ApiResult<void>{};
  }

  Task<ApiResult<void>> RequireCheck() {
    if (!check_) co_return ApiResult<void>{};
    auto holds = co_await HoldsHere(context_, *check_);
    if (!holds) co_return std::unexpected(Hidden(holds.error().message));
    if (!*holds) co_return std::unexpected(Hidden("the update rule is not satisfied"));
    co_return ApiResult<void>{};
  }

  // The hooks have fired: when schema or row move under what is behind them, only that is done again.
  Task<HookResult> Finish(std::shared_ptr<Record> record, StartOver& start_over) {
    for (int attempt = 0; attempt < kMaxAttempts; attempt++) {
      StartOver moved = StartOver::kNo;
      auto stored = co_await Store(record, moved);
      if (moved == StartOver::kNo) co_return stored;
      if (!before_hooks_) {
        start_over = moved;
        co_return HookResult{};
      }
      auto followed = co_await Follow(record, moved);
      if (!followed) co_return std::unexpected(std::move(followed.error()));
    }
    co_return std::unexpected(TooMuchMoved());
  }

  // Puts the body and then what the hooks changed onto the row as it is now.
  Task<ApiResult<void>> Follow(std::shared_ptr<Record> record, StartOver moved) {
    Record hooked = *record, before = *before_hooks_;
    if (moved == StartOver::kSchemaMoved) {
      if (!TakeFreshSchema(context_)) co_return std::unexpected(TooMuchMoved());
      auto access = CheckAccess(context_, RecordAction::kUpdate);
      if (!access) co_return std::unexpected(std::move(access.error()));
      access_ = std::move(*access);
      hooked = *CarryOver(hooked, access_.collection);
      before = *CarryOver(before, access_.collection);
    }
    context_.info.body = submitted_;
    auto stored = co_await FindStored();
    if (!stored) co_return std::unexpected(ReadFailure(stored.error(), 404));
    stored_ = std::move(*stored);
    *record = *stored_;
    uploads_.Follow(*access_.collection);
    const Json body = uploads_.Normalize(*record, submitted_, superuser_);
    context_.info.body = uploads_.Describe(body);
    check_.reset();
    if (auto prepared = co_await PrepareRules(); !prepared) co_return std::unexpected(std::move(prepared.error()));
    LoadBody(*record, body);
    for (int i = 0; i < int(record->collection().fields.size()); i++) {
      // Hashing is not done again: a password is what it was.
      bool changed = hooked.PlainPassword(i) || hooked.value(i) != before.value(i);
      if (const std::string* plain = hooked.PlainPassword(i)) record->SetPlainPassword(i, *plain);
      if (changed) record->SetRaw(i, hooked.value(i));
    }
    before_hooks_ = std::move(before);
    co_return ApiResult<void>{};
  }

  Task<HookResult> Store(std::shared_ptr<Record> record, StartOver& start_over) {
    uploads_.AttachTo(*record);
    auto errors = co_await CheckInput(context_, record, stored_, full_access_);
    if (!errors) co_return std::unexpected(std::move(errors.error()));
    if (errors->any()) {
      if (auto holds = co_await RequireCheck(); !holds) co_return std::unexpected(std::move(holds.error()));
      co_return std::unexpected(Failed("the input is not valid", std::move(errors->data)));
    }
    // Nobody fills the storage with what no rule allows.
    if (!uploads_.empty())
      if (auto holds = co_await RequireCheck(); !holds) co_return std::unexpected(std::move(holds.error()));
    if (auto placed = co_await uploads_.Place(context_, *record, kFailed); !placed) co_return std::unexpected(std::move(placed.error()));
    SendOptions options{check_, ValidatesInWriter(context_, *access_.collection, false), std::move(errors->for_writer)};
    Written written = co_await SendUpdate(context_, *record, *stored_, options, computed_);
    co_await uploads_.Settle(context_, written.record ? written.record.get() : written.committed ? record.get() : nullptr);
    switch (written.kind) {
      case Written::Kind::kRefused: co_return std::unexpected(std::move(written.error));
      case Written::Kind::kRowChanged: start_over = StartOver::kRowMoved; co_return HookResult{};
      case Written::Kind::kStale:
      case Written::Kind::kDone: start_over = StartOver::kSchemaMoved; co_return HookResult{};
      case Written::Kind::kStored: break;
    }
    *record = std::move(*written.record);
    auto json = co_await EnrichRecord(context_, record);
    if (!json) co_return std::unexpected(std::move(json.error()));
    response_ = JsonResponse(context_, std::move(*json));
    co_return co_await RestOfBatch(context_);
  }

  RequestContext& context_;
  const SchemaPtr schema_of_event_ = context_.schema;   // hooks keep what they were given, whatever is followed
  RecordAccess access_;
  std::shared_ptr<Record> stored_;
  std::shared_ptr<Record> record_;
  RecordUploads uploads_;
  std::optional<SelectQuery> check_;
  std::optional<Record> before_hooks_;   // with request hooks bound: what they were given
  Json submitted_;
  HttpResponse response_;
  bool superuser_ = false;
  bool full_access_ = false;
  bool computed_ = false;
};

}  // namespace

Task<HandlerResult> UpdateRecord(RequestContext& context) {
  auto access = CheckAccess(context, RecordAction::kUpdate);
  if (!access) co_return std::unexpected(std::move(access.error()));
  const Json submitted = context.info.body;
  for (int attempt = 1; attempt <= kMaxAttempts; attempt++) {
    StartOver start_over = StartOver::kNo;
    // Modifiers such as "total+" are computed from the stored row: a row that moved meanwhile is looked at again, so that
    // no acknowledged update is overwritten by one that never saw it.
    Update update(context, *access);
    auto result = co_await update.Run(start_over);
    if (start_over == StartOver::kNo) co_return result;
    context.info.body = submitted;
    context.info.body_is_normalized = false;
    if (start_over == StartOver::kRowMoved) continue;
    if (!TakeFreshSchema(context)) break;
    access = CheckAccess(context, RecordAction::kUpdate);
    if (!access) co_return std::unexpected(std::move(access.error()));
    context.info.body = submitted;
  }
  co_return std::unexpected(TooMuchMoved());
}

}  // namespace wombat

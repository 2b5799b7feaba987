// PATCH /api/collections/{collection}/records/{id}                                                      spec 01 §2.7
#include "common/records/validate.h"
#include "worker/api/enrich.h"
#include "worker/api/handlers.h"
#include "worker/api/mutate.h"
#include "worker/api/record_access.h"
#include "worker/api/record_input.h"
#include "worker/read.h"

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
    record_ = std::make_shared<Record>(*stored_);
    computed_ = HasRequestHook() || UsesModifiers(context_.info.body);
    context_.info.body = NormalizeBody(*record_, context_.info.body, superuser_);
    context_.info.body_is_normalized = true;
    if (auto prepared = co_await PrepareRules(); !prepared) co_return std::unexpected(std::move(prepared.error()));
    LoadBody(*record_, context_.info.body);
    if (auto hashed = co_await HashOnPool(context_, *record_); !hashed) co_return std::unexpected(std::move(hashed.error()));

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
    co_return co_await Read<std::shared_ptr<Record>>(context_.runtime, read);
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

  Task<HookResult> Finish(std::shared_ptr<Record> record, StartOver& start_over) {
    if (auto allowed = RefuseUploads(context_, *access_.collection); !allowed) {
      if (auto holds = co_await RequireCheck(); !holds) co_return std::unexpected(std::move(holds.error()));
      co_return std::unexpected(std::move(allowed.error()));
    }
    auto errors = co_await CheckInput(context_, record, stored_, full_access_);
    if (!errors) co_return std::unexpected(std::move(errors.error()));
    if (errors->any()) {
      if (auto holds = co_await RequireCheck(); !holds) co_return std::unexpected(std::move(holds.error()));
      co_return std::unexpected(Failed("the input is not valid", std::move(errors->data)));
    }
    Written written = co_await SendUpdate(context_, *record, *stored_, check_, computed_);
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
    co_return HookResult{};
  }

  RequestContext& context_;
  RecordAccess access_;
  std::shared_ptr<Record> stored_;
  std::shared_ptr<Record> record_;
  std::optional<SelectQuery> check_;
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

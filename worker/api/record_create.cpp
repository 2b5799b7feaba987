// POST /api/collections/{collection}/records                                                            spec 01 §2.6
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

constexpr const char* kFailed = "Failed to create record.";

ApiError Failed(std::string details, Json data = Json::Object()) { return {400, kFailed, std::move(data), std::move(details)}; }

class Create {
 public:
  Create(RequestContext& context, RecordAccess access)
      : context_(context), access_(std::move(access)), record_(std::make_shared<Record>(access_.collection)) {}

  // `stale`: the schema moved; the whole request starts over.
  Task<HandlerResult> Run(bool& stale) {
    if (context_.body().files_unreadable) co_return Refuse(400, "Failed to read the submitted data.");
    superuser_ = context_.is_superuser();
    uploads_.Take(context_, *access_.collection);
    submitted_ = uploads_.Normalize(*record_, context_.info.body, superuser_);
    context_.info.body = uploads_.Describe(submitted_);
    context_.info.body_is_normalized = true;
    LoadBody(*record_, submitted_);
    if (context_.part && !context_.part->password_hash.empty()) UsePasswordHash(*record_, context_.part->password_hash);
    uploads_.AttachTo(*record_);
    if (auto hashed = co_await HashOnPool(context_, *record_); !hashed) co_return std::unexpected(std::move(hashed.error()));
    if (!superuser_ && AnyPasswordFailed()) co_return std::unexpected(Failed("a password cannot be hashed"));
    if (auto prepared = co_await PrepareRules(*record_); !prepared) co_return std::unexpected(std::move(prepared.error()));

    RecordRequestEvent event;
    event.app = &context_.runtime.app;
    event.request = &context_.http;
    event.response = &response_;
    event.info = &context_.info;
    event.auth = context_.info.auth;
    event.collection = access_.collection.get();
    event.record = record_;
    std::function<Task<HookResult>(RecordRequestEvent&)> finish = [&](RecordRequestEvent& e) -> Task<HookResult> {
      co_return co_await Finish(e.record, stale);
    };
    const Collection& collection = *access_.collection;
    auto result = co_await context_.runtime.app.on_record_create_request.Trigger(event, TagsOf(collection), finish);
    if (!result) co_return std::unexpected(std::move(result.error()));
    co_return response_;
  }

 private:
  bool AnyPasswordFailed() const {
    for (std::size_t i = 0; i < access_.collection->fields.size(); i++)
      if (record_->password_failed(int(i))) return true;
    return false;
  }

  bool HasRequestHook() const {
    std::string_view tags[] = {access_.collection->name, access_.collection->id};
    return context_.runtime.app.on_record_create_request.HasFor(tags);
  }

  // The create rule is asked before anything else may answer. One that reads other tables belongs into the lane, where
  // nothing can change under it; it is asked here as well only when something else would answer first (a hook, an error).
  Task<ApiResult<void>> PrepareRules(const Record& record) {
    if (access_.rule && !access_.rule->empty()) {
      bool reads_tables = false;
      auto check = CheckNew(*context_.schema, record, *access_.rule, context_.info, reads_tables);
      if (!check) co_return std::unexpected(Failed(check.error().message));
      check_ = std::move(*check);
      if (!reads_tables || HasRequestHook())
        if (auto holds = co_await RequireCheck(); !holds) co_return std::unexpected(std::move(holds.error()));
      if (!reads_tables) check_.reset();
    }
    full_access_ = superuser_;
    if (!superuser_ && MayHaveManageAccess(context_, *access_.collection)) {
      bool reads_tables = false;
      auto manages = CheckNew(*context_.schema, record, *access_.collection->auth.manage_rule, context_.info, reads_tables);
      if (manages) {
        auto holds = co_await HoldsHere(context_, *manages);
        full_access_ = holds && *holds;
      }
    }
    co_return ApiResult<void>{};
  }

  Task<ApiResult<void>> RequireCheck() {
    auto holds = co_await HoldsHere(context_, *check_);
    if (!holds) co_return std::unexpected(Failed(holds.error().message));
    if (!*holds) co_return std::unexpected(Failed("the create rule is not satisfied"));
    co_return ApiResult<void>{};
  }

  // The hooks have fired: when the schema moves under what is behind them, only that is done again.
  Task<HookResult> Finish(std::shared_ptr<Record> record, bool& stale) {
    for (int attempt = 0; attempt < kMaxAttempts; attempt++) {
      bool moved = false;
      auto stored = co_await Store(record, moved);
      if (!moved) co_return stored;
      if (!HasRequestHook()) {
        stale = true;
        co_return HookResult{};
      }
      if (auto followed = co_await FollowSchema(record); !followed) co_return std::unexpected(std::move(followed.error()));
    }
    co_return std::unexpected(TooMuchMoved());
  }

  Task<ApiResult<void>> FollowSchema(std::shared_ptr<Record> record) {
    if (!TakeFreshSchema(context_)) co_return std::unexpected(TooMuchMoved());
    auto access = CheckAccess(context_, RecordAction::kCreate);
    if (!access) co_return std::unexpected(std::move(access.error()));
    access_ = std::move(*access);
    Record submitted(access_.collection);
    uploads_.Follow(*access_.collection);
    submitted_ = NormalizeBody(submitted, submitted_, superuser_);
    context_.info.body = uploads_.Describe(submitted_);
    LoadBody(submitted, submitted_);
    *record = *CarryOver(*record, access_.collection);
    check_.reset();
    co_return co_await PrepareRules(submitted);
  }

  Task<HookResult> Store(std::shared_ptr<Record> record, bool& moved) {
    uploads_.AttachTo(*record);
    auto errors = co_await CheckInput(context_, record, nullptr, full_access_);
    if (!errors) co_return std::unexpected(std::move(errors.error()));
    if (errors->any()) {
      if (check_)
        if (auto holds = co_await RequireCheck(); !holds) co_return std::unexpected(std::move(holds.error()));
      co_return std::unexpected(Failed("the input is not valid", std::move(errors->data)));
    }
    // Nobody fills the storage with what no rule allows.
    if (check_ && !uploads_.empty())
      if (auto holds = co_await RequireCheck(); !holds) co_return std::unexpected(std::move(holds.error()));
    if (auto placed = co_await uploads_.Place(context_, *record, kFailed); !placed) co_return std::unexpected(std::move(placed.error()));
    SendOptions options{check_, ValidatesInWriter(context_, *access_.collection, true), std::move(errors->for_writer)};
    Written written = co_await SendCreate(context_, *record, options);
    co_await uploads_.Settle(context_, written.record ? written.record.get() : written.committed ? record.get() : nullptr);
    if (written.kind == Written::Kind::kRefused) co_return std::unexpected(std::move(written.error));
    if (written.kind != Written::Kind::kStored) {
      moved = true;
      co_return HookResult{};
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
  std::shared_ptr<Record> record_;
  RecordUploads uploads_;
  Json submitted_;                                      // in its normal form
  std::optional<SelectQuery> check_;
  HttpResponse response_;
  bool superuser_ = false;
  bool full_access_ = false;
};

}  // namespace

Task<HandlerResult> CreateRecord(RequestContext& context) {
  for (int attempt = 0; attempt < kMaxAttempts; attempt++) {
    auto access = CheckAccess(context, RecordAction::kCreate);
    if (!access) co_return std::unexpected(std::move(access.error()));
    bool stale = false;
    Create create(context, std::move(*access));
    auto result = co_await create.Run(stale);
    if (!stale) co_return result;
    context.info.body_is_normalized = false;
    if (!TakeFreshSchema(context)) break;
  }
  co_return std::unexpected(TooMuchMoved());
}

}  // namespace wombat

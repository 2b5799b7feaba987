// POST /api/collections/{collection}/records                                                            spec 01 §2.6
#include "common/records/validate.h"
#include "worker/api/enrich.h"
#include "worker/api/handlers.h"
#include "worker/api/mutate.h"
#include "worker/api/record_access.h"
#include "worker/api/record_input.h"
#include "worker/read.h"

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
    superuser_ = context_.is_superuser();
    context_.info.body = NormalizeBody(*record_, context_.info.body, superuser_);
    context_.info.body_is_normalized = true;
    LoadBody(*record_, context_.info.body);
    if (auto hashed = co_await HashOnPool(context_, *record_); !hashed) co_return std::unexpected(std::move(hashed.error()));
    if (!superuser_ && AnyPasswordFailed()) co_return std::unexpected(Failed("a password cannot be hashed"));
    if (auto prepared = co_await PrepareRules(); !prepared) co_return std::unexpected(std::move(prepared.error()));

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
  Task<ApiResult<void>> PrepareRules() {
    if (access_.rule && !access_.rule->empty()) {
      bool reads_tables = false;
      auto check = CheckNew(*context_.schema, *record_, *access_.rule, context_.info, reads_tables);
      if (!check) co_return std::unexpected(Failed(check.error().message));
      check_ = std::move(*check);
      if (!reads_tables || HasRequestHook())
        if (auto holds = co_await RequireCheck(); !holds) co_return std::unexpected(std::move(holds.error()));
      if (!reads_tables) check_.reset();
    }
    full_access_ = superuser_;
    if (!superuser_ && MayHaveManageAccess(context_, *access_.collection)) {
      bool reads_tables = false;
      auto manages = CheckNew(*context_.schema, *record_, *access_.collection->auth.manage_rule, context_.info, reads_tables);
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

  Task<HookResult> Finish(std::shared_ptr<Record> record, bool& stale) {
    if (auto allowed = RefuseUploads(context_, *access_.collection); !allowed) {
      if (check_)
        if (auto holds = co_await RequireCheck(); !holds) co_return std::unexpected(std::move(holds.error()));
      co_return std::unexpected(std::move(allowed.error()));
    }
    auto errors = co_await CheckInput(context_, record, nullptr, full_access_);
    if (!errors) co_return std::unexpected(std::move(errors.error()));
    if (errors->any()) {
      if (check_)
        if (auto holds = co_await RequireCheck(); !holds) co_return std::unexpected(std::move(holds.error()));
      co_return std::unexpected(Failed("the input is not valid", std::move(errors->data)));
    }
    Written written = co_await SendCreate(context_, *record, check_);
    if (written.kind == Written::Kind::kRefused) co_return std::unexpected(std::move(written.error));
    if (written.kind != Written::Kind::kStored) {
      stale = true;
      co_return HookResult{};
    }
    *record = std::move(*written.record);
    auto json = co_await EnrichRecord(context_, record);
    if (!json) co_return std::unexpected(std::move(json.error()));
    response_ = JsonResponse(context_, std::move(*json));
    co_return HookResult{};
  }

  RequestContext& context_;
  RecordAccess access_;
  std::shared_ptr<Record> record_;
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

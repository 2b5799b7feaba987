// GET, PATCH /api/settings                                                                                spec 05 §4.2
#include "common/settings/shape.h"
#include "common/settings/validate.h"
#include "proto/values.h"
#include "worker/api/bound_body.h"
#include "worker/api/handlers.h"
#include "worker/api/mutate.h"

namespace wombat {
namespace {

constexpr const char* kUnreadable = "An error occurred while loading the submitted data.";
constexpr const char* kInvalid = "An error occurred while saving the new settings.";

ApiResult<Json> ReadChanges(RequestContext& context) {
  auto body = BoundBody::Read(context, kUnreadable);
  if (!body) return std::unexpected(std::move(body.error()));
  if (!body->is_form()) return body->values();
  auto changes = settings::FromForm(body->values());
  if (!changes) return std::unexpected(body->Failure(changes.error().message));
  return std::move(*changes);
}

// Somebody wants to see that settings are refused: the writer refuses them then, with its hooks.
bool IsWatched(const App& app) {
  constexpr std::string_view kTags[] = {"_params"};
  return app.on_model_update.HasFor(kTags) || app.on_model_validate.HasFor(kTags) ||
         app.on_model_after_update_error.HasFor(kTags);
}

bool TakeFreshSettings(RequestContext& context) {
  if (!TakeFreshSchema(context)) return false;
  context.settings = context.runtime.snapshots.settings();
  return true;
}

Task<HookResult> SaveAndAnswer(RequestContext& context, std::shared_ptr<Settings> settings, std::uint64_t based_on,
                               HttpResponse& response, bool& stale) {
  if (!IsWatched(context.runtime.app)) {
    Json errors = ValidateSettings(settings->ToDocument());
    if (!errors.as_object().empty()) co_return Refuse(400, kInvalid, std::move(errors));
  }
  std::string document = settings->ToStored();
  std::function<void(proto::Mutation::Builder)> fill = [&](proto::Mutation::Builder mutation) {
    auto save = mutation.initSaveSettings();
    save.setDocument(ToText(document));
    save.setBasedOn(based_on);
  };
  Written written = co_await SendMutation(context, fill);
  if (written.kind == Written::Kind::kRefused) co_return std::unexpected(std::move(written.error));
  stale = written.kind == Written::Kind::kStale;
  if (stale) co_return HookResult{};
  if (!TakeFreshSettings(context)) co_return Refuse(500);
  response = JsonResponse(context, context.settings->ToPublic());
  co_return HookResult{};
}

}  // namespace

Task<HandlerResult> ListSettings(RequestContext& context) {
  if (auto allowed = RequireSuperuser(context); !allowed) co_return std::unexpected(std::move(allowed.error()));
  HttpResponse response;
  SettingsListRequestEvent event;
  event.app = &context.runtime.app;
  event.request = &context.http;
  event.response = &response;
  event.info = &context.info;
  event.auth = context.info.auth;
  event.settings = std::make_shared<Settings>(*context.settings);
  std::function<Task<HookResult>(SettingsListRequestEvent&)> finish = [&](SettingsListRequestEvent& e) -> Task<HookResult> {
    response = JsonResponse(context, e.settings->ToPublic());
    co_return HookResult{};
  };
  auto done = co_await context.runtime.app.on_settings_list_request.Trigger(event, {}, finish);
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return response;
}

Task<HandlerResult> UpdateSettings(RequestContext& context) {
  if (auto allowed = RequireSuperuser(context); !allowed) co_return std::unexpected(std::move(allowed.error()));
  auto changes = ReadChanges(context);
  if (!changes) co_return std::unexpected(std::move(changes.error()));
  for (int attempt = 0; attempt < kMaxAttempts; attempt++) {
    auto changed = context.settings->With(*changes);
    if (!changed) co_return std::unexpected(ApiError{400, kUnreadable, Json::Object(), changed.error().message});
    HttpResponse response;
    bool stale = false;
    SettingsUpdateRequestEvent event;
    event.app = &context.runtime.app;
    event.request = &context.http;
    event.response = &response;
    event.info = &context.info;
    event.auth = context.info.auth;
    event.old_settings = context.settings;
    event.new_settings = std::make_shared<Settings>(std::move(*changed));
    const std::uint64_t based_on = context.settings->generation;
    std::function<Task<HookResult>(SettingsUpdateRequestEvent&)> finish =
        [&](SettingsUpdateRequestEvent& e) -> Task<HookResult> {
      co_return co_await SaveAndAnswer(context, e.new_settings, based_on, response, stale);
    };
    auto done = co_await context.runtime.app.on_settings_update_request.Trigger(event, {}, finish);
    if (!done) co_return std::unexpected(std::move(done.error()));
    if (!stale) co_return response;
    if (!TakeFreshSettings(context)) break;
  }
  co_return std::unexpected(TooMuchMoved());
}

}  // namespace wombat

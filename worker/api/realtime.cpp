// POST /api/realtime                                                                                       spec 05 §1.2
#include "worker/api/realtime.h"

#include <algorithm>

#include "worker/api/bound_body.h"
#include "worker/api/handlers.h"
#include "worker/realtime/realtime.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxClientIdBytes = 255;
constexpr std::string_view kNoClient = "Missing or invalid client id.";

struct SubscribeForm {
  std::string client_id;
  std::vector<std::string> subscriptions;
};

FieldError TooLong(std::size_t max) {
  return {"validation_length_too_long", "the length must be no more than {{.max}}",
          Json::Object({{"max", max}, {"min", 0}})};
}

// False: an element that is no text.
bool ReadTexts(const BoundBody& body, std::vector<std::string>& texts) {
  const Json* list = body.Member("subscriptions");
  if (!list) return true;
  if (!list->is_array()) {
    if (!body.is_form()) return false;
    texts.push_back(list->is_string() ? list->as_string() : list->Dump());
    return true;
  }
  for (const Json& item : list->as_array()) {
    if (!item.is_string() && !item.is_null() && !body.is_form()) return false;
    texts.push_back(item.is_string() ? item.as_string() : item.is_null() ? std::string() : item.Dump());
  }
  return true;
}

Json Validate(const SubscribeForm& form) {
  Json errors = Json::Object();
  if (form.client_id.empty())
    AddFieldError(errors, "clientId", FieldError::Required());
  else if (form.client_id.size() > kMaxClientIdBytes)
    AddFieldError(errors, "clientId",
                  {"validation_length_out_of_range", "the length must be between {{.min}} and {{.max}}",
                   Json::Object({{"min", 1}, {"max", kMaxClientIdBytes}})});
  if (form.subscriptions.size() > kMaxSubscriptions) {
    AddFieldError(errors, "subscriptions", TooLong(kMaxSubscriptions));
    return errors;
  }
  for (std::size_t i = 0; i < form.subscriptions.size(); i++)
    if (form.subscriptions[i].size() > kMaxSubscriptionBytes)
      AddFieldError(errors, "subscriptions." + std::to_string(i), TooLong(kMaxSubscriptionBytes));
  return errors;
}

bool IsSameRecord(const Record& a, const Record& b) {
  return a.id() == b.id() && a.collection().id == b.collection().id;
}

Task<HandlerResult> SubscribeOwn(RequestContext& context, std::shared_ptr<RealtimeClientImpl> client,
                                 std::vector<std::string> subscriptions) {
  Realtime& realtime = *context.runtime.realtime;
  realtime.hub().CompareAuth(*context.schema);
  realtime.pump().Expect(context.schema);
  if (client->user_ip() != context.user_ip) co_return Refuse(400, "Invalid realtime client.");
  if (auto auth = client->auth(); auth && !(context.info.auth && IsSameRecord(*auth, *context.info.auth)))
    co_return Refuse(403, "The current and the previous request authorization don't match.");

  HttpResponse response = NoContent();
  RealtimeSubscribeRequestEvent event;
  event.app = &context.runtime.app;
  event.request = &context.http;
  event.response = &response;
  event.info = &context.info;
  event.auth = context.info.auth;
  event.client = client;
  event.subscriptions = std::move(subscriptions);
  std::function<Task<HookResult>(RealtimeSubscribeRequestEvent&)> set =
      [](RealtimeSubscribeRequestEvent& e) -> Task<HookResult> {
    e.client->SetAuth(e.auth);
    // New ones first: who stays subscribed is not left out for a moment.
    e.client->Subscribe(e.subscriptions);
    std::vector<std::string> dropped;
    for (std::string& text : e.client->subscriptions())
      if (std::find(e.subscriptions.begin(), e.subscriptions.end(), text) == e.subscriptions.end())
        dropped.push_back(std::move(text));
    if (!dropped.empty()) e.client->Unsubscribe(dropped);
    co_return HookResult{};
  };
  std::vector<std::string_view> no_tags;
  auto done = co_await context.runtime.app.on_realtime_subscribe_request.Trigger(event, no_tags, set);
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return response;
}

Task<HandlerResult> Subscribe(RequestContext& context, bool may_pass_on) {
  auto body = BoundBody::Read(context, {});
  if (!body) co_return std::unexpected(std::move(body.error()));
  SubscribeForm form;
  form.client_id = body->Text("clientId");
  if (!ReadTexts(*body, form.subscriptions))
    co_return std::unexpected(body->Failure("subscriptions must be a list of texts"));
  if (auto fits = body->Finish(); !fits) co_return std::unexpected(std::move(fits.error()));
  if (Json errors = Validate(form); !errors.as_object().empty()) co_return Refuse(400, {}, std::move(errors));

  Realtime& realtime = *context.runtime.realtime;
  if (auto client = realtime.hub().Find(form.client_id); client && !client->is_discarded())
    co_return co_await SubscribeOwn(context, client, std::move(form.subscriptions));
  const int owner = OtherOwnerOf(context, form.client_id);
  if (!may_pass_on || owner < 0) co_return Refuse(404, std::string(kNoClient));
  co_return co_await realtime.desk().Ask(context, owner, kNoClient);
}

}  // namespace

Task<HandlerResult> RealtimeSubscribe(RequestContext& context) { co_return co_await Subscribe(context, true); }

int OtherOwnerOf(const RequestContext& context, std::string_view client_id) {
  const WorkerConfig& config = context.runtime.config;
  const int owner = RealtimeHub::OwnerOf(client_id);
  const bool exists = owner >= 0 && config.page->interest.rows[std::size_t(owner)].incarnation.load() != 0;
  return exists && owner != config.index ? owner : -1;
}

Task<HandlerResult> HandlePassedOn(RequestContext& context) {
  if (context.http.path == "/api/oauth2-redirect") co_return co_await RedirectPassedOn(context);
  co_return co_await Subscribe(context, false);
}

}  // namespace wombat

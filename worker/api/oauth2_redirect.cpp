// GET and POST /api/oauth2-redirect: where a provider sends the user back, told to the realtime client that began.
//                                                                                                          spec 05 §1.8
#include "common/base/json_text.h"
#include "common/base/shared_page.h"
#include "worker/api/bound_body.h"
#include "worker/api/handlers.h"
#include "worker/api/oauth2_name.h"
#include "worker/api/realtime.h"
#include "worker/dashboard/assets.h"
#include "worker/dashboard/oauth2_end.h"
#include "worker/realtime/realtime.h"

namespace wombat {
namespace {

constexpr std::string_view kTopic = "@oauth2";

struct RedirectForm {
  std::string state, code, error;
  std::string user;      // Apple's: a JSON text
};

// The provider's page is left in any case: what went wrong is said by the page that follows.
HttpResponse To(const RequestContext& context, bool success) {
  return OAuth2End(context.http.method, success, HasDashboard());
}

bool ReadForm(RequestContext& context, RedirectForm& form) {
  if (context.http.method != "POST") {
    form = {std::string(context.Query("state")), std::string(context.Query("code")),
            std::string(context.Query("error")),
            {}};
    return true;
  }
  auto body = BoundBody::Read(context, {});
  if (!body) return false;
  form = {body->Text("state"), body->Text("code"), body->Text("error"), body->Text("user")};
  return body->Finish().has_value();
}

std::string MessageOf(const RedirectForm& form) {
  std::string json = "{\"state\":";
  AppendJsonString(json, form.state);
  json += ",\"code\":";
  AppendJsonString(json, form.code);
  if (!form.error.empty()) {
    json += ",\"error\":";
    AppendJsonString(json, form.error);
  }
  return json + "}";
}

Task<HandlerResult> Redirect(RequestContext& context, bool may_pass_on) {
  context.note.skip_success = true;  // the address holds secrets
  RedirectForm form;
  if (!ReadForm(context, form) || form.state.empty()) co_return To(context, false);
  Realtime& realtime = *context.runtime.realtime;
  auto client = realtime.hub().Find(form.state);
  if (!client) {
    const int owner = OtherOwnerOf(context, form.state);
    if (!may_pass_on || owner < 0) co_return To(context, false);
    auto answer = co_await realtime.desk().Ask(context, owner, {});
    if (!answer) co_return To(context, false);
    co_return answer;
  }
  if (client->is_discarded() || !client->HasSubscription(kTopic) || client->user_ip() != context.user_ip)
    co_return To(context, false);
  if (!form.user.empty() && !form.code.empty() && form.error.empty())
    RememberOAuth2Name(context.runtime.config.page->oauth2_names, form.code, form.user, MonotonicMs());
  client->Send({std::string(kTopic), MessageOf(form)});
  client->Unsubscribe({std::string(kTopic)});
  co_return To(context, form.error.empty() && !form.code.empty());
}

}  // namespace

Task<HandlerResult> OAuth2Redirect(RequestContext& context) { co_return co_await Redirect(context, true); }

Task<HandlerResult> RedirectPassedOn(RequestContext& context) { co_return co_await Redirect(context, false); }

}  // namespace wombat

// POST /api/collections/{collection}/auth-with-oauth2                                                        spec 04 §6.10
#include "common/base/shared_page.h"
#include "worker/api/auth_form.h"
#include "worker/api/auth_record.h"
#include "worker/api/auth_response.h"
#include "worker/api/bound_body.h"
#include "worker/api/handlers.h"
#include "worker/api/oauth2_name.h"
#include "worker/api/oauth2_provider.h"
#include "worker/api/oauth2_save.h"
#include "worker/api/record_access.h"
#include "worker/request_read.h"

namespace wombat {
namespace {

constexpr const char* kNotLoaded = "An error occurred while loading the submitted data.";
constexpr std::size_t kMaxProviderBytes = 100;

struct Form {
  std::string provider;
  OAuth2Code code;
  Json create_data = Json::Object();
};

ApiResult<Form> ReadForm(RequestContext& context) {
  auto body = BoundBody::ReadAuth(context);
  if (!body) return std::unexpected(std::move(body.error()));
  Form form;
  form.provider = body->Text("provider");
  form.code = {body->Text("code"), body->Text("codeVerifier"), body->Text("redirectURL")};
  // Its name in older SDKs.
  if (const std::string url = body->Text("redirectUrl"); form.code.redirect_url.empty()) form.code.redirect_url = url;
  if (const Json* data = body->Member("createData")) {
    if (!data->is_object()) return std::unexpected(body->Failure("createData must be an object"));
    form.create_data = *data;
  }
  if (auto read = body->Finish(); !read) return std::unexpected(std::move(read.error()));
  return form;
}

const Json* FindConfig(const Collection& collection, std::string_view provider) {
  const Json& providers = collection.auth.oauth2.providers;
  if (!providers.is_array()) return nullptr;
  for (const Json& config : providers.as_array())
    if (config.StringOr("name") == provider) return &config;
  return nullptr;
}

Json CheckForm(const Form& form, const Collection& collection) {
  Json errors = Json::Object();
  if (form.provider.empty())
    AddFieldError(errors, "provider", FieldError::Required());
  else if (form.provider.size() > kMaxProviderBytes)
    AddFieldError(errors, "provider",
                  {"validation_length_too_long", "the length must be no more than {{.max}}",
                   Json::Object({{"max", kMaxProviderBytes}, {"min", 0}})});
  else if (!FindConfig(collection, form.provider))
    AddFieldError(errors, "provider",
                  {"validation_invalid_provider", "Provider with name {{.name}} is missing or is not enabled.",
                   Json::Object({{"name", form.provider}})});
  if (form.code.code.empty()) AddFieldError(errors, "code", FieldError::Required());
  return errors;
}

using Found = std::shared_ptr<Record>;

// The record that this identity is linked to already; 404 when that is gone.
Task<ApiResult<Found>> FindLinked(RequestContext& context, CollectionPtr collection, std::string provider, std::string id) {
  if (id.empty()) co_return Found();
  std::function<Result<std::string>(Connection&)> read = [&](Connection& reader) -> Result<std::string> {
    auto statement = reader.Prepare(
        "SELECT `recordRef` FROM `_externalAuths` WHERE `collectionRef` = ? AND `provider` = ? AND `providerId` = ? "
        "ORDER BY `created` DESC LIMIT 1");
    if (!statement) return std::unexpected(statement.error());
    statement->BindView(1, collection->id);
    statement->BindView(2, provider);
    statement->BindView(3, id);
    auto row = statement->Step();
    if (!row) return std::unexpected(row.error());
    return *row ? std::string(statement->cell(0).text()) : std::string();
  };
  auto linked = co_await Read<std::string>(context, read);
  if (!linked) co_return std::unexpected(ReadFailure(linked.error(), 400));
  if (linked->empty()) co_return Found();
  auto record = co_await FindRecordById(context, collection, *linked);
  if (!record) co_return std::unexpected(ReadFailure(record.error(), 400));
  if (!*record) co_return Refuse(404);
  co_return std::move(*record);
}

// Step 6: by the link, by who asks, by the address.
Task<ApiResult<Found>> FindRecord(RequestContext& context, CollectionPtr collection, std::string provider, const OAuth2User& user) {
  auto linked = co_await FindLinked(context, collection, provider, user.id);
  if (!linked || *linked) co_return linked;
  Result<Found> found;
  if (context.info.auth && context.info.auth->collection().id == collection->id) {
    const std::string id(context.info.auth->id());
    found = co_await FindRecordById(context, collection, id);
  } else {
    found = co_await FindAuthRecordByEmail(context, collection, user.email);
  }
  if (!found) co_return std::unexpected(ReadFailure(found.error(), 400));
  co_return std::move(*found);
}

Json MetaOf(const RecordAuthWithOAuth2RequestEvent& event) {
  const OAuth2User& user = event.oauth2_user;
  return Json::Object({{"accessToken", user.access_token},
                       {"avatarURL", user.avatar_url},
                       {"avatarUrl", user.avatar_url},
                       {"email", user.email},
                       {"expiry", user.expiry},
                       {"id", user.id},
                       {"isNew", event.is_new_record},
                       {"name", user.name},
                       {"rawUser", user.raw_user},
                       {"refreshToken", user.refresh_token},
                       {"username", user.username}});
}

}  // namespace

Task<HandlerResult> AuthWithOAuth2(RequestContext& context) {
  auto collection = AuthCollection(context);
  if (!collection) co_return std::unexpected(std::move(collection.error()));
  if (!(*collection)->auth.oauth2.enabled)
    co_return Refuse(403, "The collection is not configured to allow OAuth2 authentication.");
  auto form = ReadForm(context);
  if (!form) co_return std::unexpected(std::move(form.error()));
  Json errors = CheckForm(*form, **collection);
  if (!errors.as_object().empty()) co_return Refuse(400, kNotLoaded, std::move(errors));
  auto client = OAuth2Client::Make(*FindConfig(**collection, form->provider));
  if (!client) co_return Refuse(500, "Failed to init provider " + form->provider + ".");

  auto user = co_await FetchOAuth2User(context, client, form->code);
  if (!user) co_return std::unexpected(std::move(user.error()));
  if (form->provider == "apple" && user->name.empty())
    user->name = TakeOAuth2Name(context.runtime.config.page->oauth2_names, form->code.code, MonotonicMs());
  auto record = co_await FindRecord(context, *collection, form->provider, *user);
  if (!record) co_return std::unexpected(std::move(record.error()));

  HttpResponse response;
  auto event = RecordEventOf<RecordAuthWithOAuth2RequestEvent>(context, **collection, response, *record);
  event.provider_name = form->provider;
  event.provider_client = client;
  event.oauth2_user = std::move(*user);
  event.create_data = std::move(form->create_data);
  event.is_new_record = !*record;
  std::function<Task<HookResult>(RecordAuthWithOAuth2RequestEvent&)> finish =
      [&](RecordAuthWithOAuth2RequestEvent& e) -> Task<HookResult> {
    auto saved = co_await SaveOAuth2Record(context, e);
    if (!saved) co_return std::unexpected(std::move(saved.error()));
    AuthOutcome outcome{e.record, IssueAuthToken(*e.record), MetaOf(e), "oauth2"};
    auto answered = co_await AnswerAuthenticated(context, std::move(outcome));
    if (!answered) co_return std::unexpected(std::move(answered.error()));
    response = std::move(*answered);
    co_return HookResult{};
  };
  auto done = co_await context.runtime.app.on_record_auth_with_oauth2_request.Trigger(event, TagsOf(**collection), finish);
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return response;
}

}  // namespace wombat

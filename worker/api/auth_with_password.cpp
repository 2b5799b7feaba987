// POST /api/collections/{collection}/auth-with-password                                                 spec 04 §6.2
#include <algorithm>

#include "common/base/text.h"
#include "common/schema/index.h"
#include "worker/api/auth_form.h"
#include "worker/api/auth_response.h"
#include "worker/api/handlers.h"
#include "worker/api/record_access.h"
#include "worker/read.h"
#include "worker/verify_password.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxInput = 255;

struct Form {
  std::string identity, password, identity_field;
};

// Member of the body in any letter case; null when absent.
const Json* FindAnyCase(const Json& body, std::string_view key) {
  const Json* found = nullptr;
  for (const auto& [name, value] : body.as_object())
    if (EqualsIgnoreCase(name, key)) found = &value;
  return found;
}

ApiResult<Form> ReadForm(RequestContext& context) {
  auto read = context.ReadBody();
  if (!read) {
    bool unsupported = read.error().message == "Unsupported Content-Type." || read.error().status != 400;
    return Refuse(read.error().status, unsupported ? read.error().message : "An error occurred while loading the submitted data.");
  }
  Form form;
  struct { std::string_view key; std::string* target; } inputs[] = {
      {"identity", &form.identity}, {"password", &form.password}, {"identityField", &form.identity_field}};
  bool is_json = context.http.Header("Content-Type").starts_with("application/json");
  for (const auto& input : inputs) {
    const Json* value = FindAnyCase(context.info.body, input.key);
    if (!value || value->is_null()) continue;
    if (!value->is_string() && is_json) return Refuse(400, "An error occurred while loading the submitted data.");
    *input.target = CastToText(*value);       // a form's values were inferred; here they are text
  }
  return form;
}

Json CheckForm(const Form& form, const Collection& collection) {
  Json errors = Json::Object();
  auto length = [&](std::string_view key, const std::string& value, bool required) {
    if (value.empty() && required) AddFieldError(errors, key, FieldError::Required());
    if (value.size() > kMaxInput)
      AddFieldError(errors, key, {"validation_length_out_of_range", "the length must be between {{.min}} and {{.max}}",
                                  Json::Object({{"min", 1}, {"max", int(kMaxInput)}})});
  };
  length("identity", form.identity, true);
  length("password", form.password, true);
  length("identityField", form.identity_field, false);
  const auto& fields = collection.auth.password_auth.identity_fields;
  if (!form.identity_field.empty() && std::find(fields.begin(), fields.end(), form.identity_field) == fields.end())
    AddFieldError(errors, "identityField", {"validation_in_invalid", "must be a valid value", {}});
  return errors;
}

bool LooksLikeEmail(std::string_view text) {
  auto at = text.rfind('@');
  return at != std::string_view::npos && at > 0 && text.find('.', at) != std::string_view::npos &&
         text.find_first_of(" \t\r\n") == std::string_view::npos;
}

// The fields to try, in order (spec 04 §6.2 step 3).
std::vector<std::string> FieldsToTry(const Form& form, const Collection& collection) {
  if (!form.identity_field.empty()) return {form.identity_field};
  std::vector<std::string> fields = collection.auth.password_auth.identity_fields;
  if (fields.size() >= 2)
    std::stable_partition(fields.begin(), fields.end(), [](const std::string& name) { return name == "email"; });
  if (!LooksLikeEmail(form.identity)) std::erase(fields, "email");
  return fields;
}

// nullopt: the field has no unique index of its own, so it cannot identify anybody.
std::optional<std::string> LookupSql(const Collection& collection, const std::string& field) {
  for (const std::string& text : collection.indexes) {
    IndexDefinition index = ParseIndex(text);
    if (!index.unique || index.columns.size() != 1 || !EqualsIgnoreCase(index.columns[0].expression, field)) continue;
    std::string column = QuoteName(collection.name) + "." + QuoteName(field);
    std::string sql = "SELECT " + collection.select_columns + " FROM " + QuoteName(collection.name) + " WHERE " + column + " = ?";
    // A partial index ("WHERE `email` != ''") serves the query only when the query says the same; the identity is never "".
    sql += EqualsIgnoreCase(index.columns[0].collate, "NOCASE") ? " COLLATE NOCASE" : "";
    return sql + " AND " + column + " != '' LIMIT 1";
  }
  return std::nullopt;
}

struct Found {
  std::shared_ptr<Record> record;
  std::string field;
};

Result<Found> FindByIdentity(Connection& reader, const CollectionPtr& collection, const Form& form) {
  Found found;
  std::optional<Error> last_error;
  for (const std::string& field : FieldsToTry(form, *collection)) {
    last_error.reset();
    auto sql = LookupSql(*collection, field);
    if (!sql) {
      last_error = Error{Error::Kind::kGeneric, "the identity field " + field + " has no unique index"};
      continue;
    }
    auto statement = reader.Prepare(*sql);
    if (!statement) return std::unexpected(statement.error());
    statement->BindView(1, form.identity);
    auto row = statement->Step();
    if (!row && row.error().kind == Error::Kind::kInterrupted) return std::unexpected(row.error());
    if (!row) {
      last_error = row.error();
      continue;
    }
    if (!*row) continue;
    found.record = std::make_shared<Record>(Record::FromRow(collection, *statement));
    found.record->TakeAsOriginal();
    found.record->MarkSaved();
    found.field = field;
    return found;
  }
  if (last_error) return std::unexpected(*last_error);
  return found;
}

// Some record's hash, so that a missing identity costs the same time as a wrong password.
Result<std::string> AnyHash(Connection& reader, const Collection& collection) {
  auto value = reader.QueryValue("SELECT `password` FROM " + QuoteName(collection.name) + " LIMIT 1");
  if (!value) return std::unexpected(value.error());
  const auto* text = std::get_if<std::string>(&*value);
  return text ? *text : std::string();
}

Task<ApiResult<bool>> PasswordMatches(RequestContext& context, std::shared_ptr<Record> record, CollectionPtr collection,
                                      std::string password) {
  std::string hash = record ? std::string(record->Text("password")) : std::string();
  if (!record) {
    std::function<Result<std::string>(Connection&)> any = [&](Connection& reader) { return AnyHash(reader, *collection); };
    auto other = co_await Read<std::string>(context.runtime, any);
    if (other) hash = *other;
    password.clear();
  }
  if (hash.empty()) co_return false;
  auto matches = co_await VerifyOnPool(context.runtime, std::move(password), std::move(hash));
  if (!matches) co_return Refuse(503, "The server is busy, try again later.");
  co_return record && *matches;
}

}  // namespace

Task<HandlerResult> AuthWithPassword(RequestContext& context) {
  auto collection = AuthCollection(context);
  if (!collection) co_return std::unexpected(std::move(collection.error()));
  if (!(*collection)->auth.password_auth.enabled)
    co_return Refuse(403, "The collection is not configured to allow password authentication.");
  auto form = ReadForm(context);
  if (!form) co_return std::unexpected(std::move(form.error()));
  Json errors = CheckForm(*form, **collection);
  if (!errors.as_object().empty())
    co_return Refuse(400, "An error occurred while validating the submitted data.", std::move(errors));
  std::function<Result<Found>(Connection&)> find = [&](Connection& reader) { return FindByIdentity(reader, *collection, *form); };
  auto found = co_await Read<Found>(context.runtime, find);
  if (!found) co_return std::unexpected(ReadFailure(found.error(), 500));

  HttpResponse response;
  auto event = RecordEventOf<RecordAuthWithPasswordRequestEvent>(context, **collection, response, found->record);
  event.identity = form->identity;
  event.identity_field = found->field;
  event.password = form->password;
  std::function<Task<HookResult>(RecordAuthWithPasswordRequestEvent&)> finish =
      [&](RecordAuthWithPasswordRequestEvent& e) -> Task<HookResult> {
    auto matches = co_await PasswordMatches(context, e.record, *collection, e.password);
    if (!matches) co_return std::unexpected(std::move(matches.error()));
    if (!*matches) co_return Refuse(400, "Failed to authenticate.");
    AuthOutcome outcome{e.record, IssueAuthToken(*e.record), {}, "password"};
    auto answered = co_await AnswerAuthenticated(context, std::move(outcome));
    if (!answered) co_return std::unexpected(std::move(answered.error()));
    response = std::move(*answered);
    co_return HookResult{};
  };
  auto done = co_await context.runtime.app.on_record_auth_with_password_request.Trigger(
      event, TagsOf(**collection), finish);
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return response;
}

}  // namespace wombat

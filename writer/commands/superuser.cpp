#include "writer/commands/superuser.h"

#include <optional>

#include "common/auth/password.h"
#include "common/base/random.h"
#include "common/base/text.h"
#include "common/records/validate.h"
#include "writer/commands/superuser_ips.h"
#include "writer/mutations/record_chain.h"

namespace wombat {
namespace {

using Submit = std::function<ApiResult<void>(std::function<ApiResult<void>(LaneTransaction&)>)>;

CommandOutcome Said(std::string output) { return {0, std::move(output), {}}; }
CommandOutcome Failed(std::string error) { return {1, {}, std::move(error)}; }

// "email: Value must be unique.; password: …", or the message when no field is to blame.
std::string ErrorText(const ApiError& error) {
  std::string text;
  for (const auto& [field, leaf] : error.data.as_object()) {
    if (!text.empty()) text += "; ";
    text += field + ": " + leaf.StringOr("message");
  }
  return text.empty() ? error.message : text;
}

Result<std::optional<Record>> FindByEmail(LaneTransaction& tx, const CollectionPtr& superusers, const std::string& email) {
  auto statement = tx.db().Prepare("SELECT " + superusers->select_columns + " FROM " + QuoteName(superusers->name) +
                                   " WHERE `email` = ?");
  if (!statement) return std::unexpected(statement.error());
  statement->BindView(1, email);
  auto row = statement->Step();
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::optional<Record>();
  return std::optional<Record>(Record::FromRow(superusers, *statement));
}

// Shared by create, update and upsert: the account's wanted presence tells them apart.
enum class Wanted { kNew, kExisting, kEither };

CommandOutcome SaveSuperuser(const std::vector<std::string>& words, Wanted wanted, const Submit& submit) {
  const std::string& email = words[2];
  const std::string& password = words[3];
  std::optional<std::string> hash = HashPassword(password);
  bool missing = false;
  auto saved = submit([&](LaneTransaction& tx) -> ApiResult<void> {
    CollectionPtr superusers = tx.schema().FindShared("_superusers");
    if (!superusers) return Refuse(500, "the _superusers collection is missing");
    auto found = FindByEmail(tx, superusers, email);
    if (!found) return std::unexpected(WriteFailure(found.error(), found.error().message));
    if (wanted == Wanted::kExisting && !*found) {
      missing = true;
      return Refuse(404);
    }
    Record record = *found && wanted != Wanted::kNew ? std::move(**found) : Record(superusers);
    if (!record.is_new()) record.TakeAsOriginal();
    record.Set("email", email);
    int field = superusers->password_field;
    record.SetPlainPassword(field, password);
    if (hash) record.SetRaw(field, *hash);
    else record.MarkPasswordFailed(field);
    return SaveRecord(tx, record, {.validate = true});
  });
  if (missing) return Failed("superuser with email \"" + email + "\" doesn't exist");
  switch (wanted) {
    case Wanted::kNew:
      return saved ? Said("Successfully created new superuser \"" + email + "\"!")
                   : Failed("failed to create new superuser account: " + ErrorText(saved.error()));
    case Wanted::kExisting:
      return saved ? Said("Successfully changed superuser \"" + email + "\" password!")
                   : Failed("failed to change superuser \"" + email + "\" password: " + ErrorText(saved.error()));
    case Wanted::kEither: break;
  }
  return saved ? Said("Successfully saved superuser \"" + email + "\"!")
               : Failed("failed to upsert superuser account: " + ErrorText(saved.error()));
}

CommandOutcome DeleteSuperuser(const std::string& email, const Submit& submit) {
  bool missing = false;
  auto deleted = submit([&](LaneTransaction& tx) -> ApiResult<void> {
    CollectionPtr superusers = tx.schema().FindShared("_superusers");
    if (!superusers) return Refuse(500, "the _superusers collection is missing");
    auto found = FindByEmail(tx, superusers, email);
    if (!found) return std::unexpected(WriteFailure(found.error(), found.error().message));
    if (!*found) {
      missing = true;
      return {};
    }
    return DeleteRecord(tx, **found);
  });
  if (missing) return Said("superuser \"" + email + "\" is missing or already deleted");
  if (!deleted) return Failed("failed to delete superuser \"" + email + "\": " + ErrorText(deleted.error()));
  return Said("Successfully deleted superuser \"" + email + "\"!");
}

CommandOutcome CreateOtp(const std::string& email, const Submit& submit) {
  constexpr int kOtpCost = 8;
  SchemaPtr schema;
  bool missing = false;
  auto looked = submit([&](LaneTransaction& tx) -> ApiResult<void> {
    schema = tx.schema_ptr();
    CollectionPtr owners = schema->FindShared("_superusers");
    if (!owners) return Refuse(500, "the _superusers collection is missing");
    auto found = FindByEmail(tx, owners, email);
    if (!found) return std::unexpected(WriteFailure(found.error(), found.error().message));
    missing = !*found;
    return {};
  });
  if (!looked) return Failed(ErrorText(looked.error()));
  if (missing) return Failed("superuser with email \"" + email + "\" doesn't exist");
  const Collection* superusers = schema->superusers();
  if (!superusers || !superusers->auth.otp.enabled) return Failed("OTP auth is not enabled for the _superusers collection");
  std::string code = RandomText(std::size_t(superusers->auth.otp.length), "0123456789");
  std::optional<std::string> hash = HashPassword(code, kOtpCost);
  std::int64_t valid_seconds = superusers->auth.otp.duration;
  std::string otp_id;
  auto saved = submit([&](LaneTransaction& tx) -> ApiResult<void> {
    CollectionPtr owners = tx.schema().FindShared("_superusers");
    CollectionPtr otps = tx.schema().FindShared("_otps");
    if (!owners || !otps) return Refuse(500, "the _otps collection is missing");
    auto found = FindByEmail(tx, owners, email);
    if (!found) return std::unexpected(WriteFailure(found.error(), found.error().message));
    if (!*found) {
      missing = true;
      return Refuse(404);
    }
    Record otp(otps);
    otp.Set("collectionRef", owners->id);
    otp.Set("recordRef", Json((*found)->id()));
    int field = otps->FieldIndex("password");
    otp.SetPlainPassword(field, code);
    if (hash) otp.SetRaw(field, *hash);
    else otp.MarkPasswordFailed(field);
    if (auto done = SaveRecord(tx, otp, {.validate = true}); !done) return done;
    otp_id = std::string(otp.id());
    return {};
  });
  if (missing) return Failed("superuser with email \"" + email + "\" doesn't exist");
  if (!saved) return Failed("failed to create OTP: " + ErrorText(saved.error()));
  return Said("Successfully created OTP for superuser \"" + email + "\":\n├─ Id:    " + otp_id + "\n├─ Pass:  " + code +
              "\n└─ Valid: " + std::to_string(valid_seconds) + "s");
}

}  // namespace

CommandOutcome CarryOutSuperuserCommand(const std::vector<std::string>& words, const Submit& submit) {
  const std::string kind = words.size() > 1 ? words[1] : "";
  if (words.size() == 4 && kind == "upsert") return SaveSuperuser(words, Wanted::kEither, submit);
  if (words.size() == 4 && kind == "create") return SaveSuperuser(words, Wanted::kNew, submit);
  if (words.size() == 4 && kind == "update") return SaveSuperuser(words, Wanted::kExisting, submit);
  if (words.size() >= 3 && kind == "delete") return DeleteSuperuser(words[2], submit);
  if (words.size() >= 3 && kind == "otp") return CreateOtp(words[2], submit);
  if (kind == "ips") return SetSuperuserIps(std::span(words).subspan(2), submit);
  return Failed("unknown superuser command");
}

}  // namespace wombat

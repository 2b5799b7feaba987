#include "worker/api/oauth2_save.h"

#include <algorithm>

#include "common/base/random.h"
#include "worker/api/auth_record.h"
#include "worker/api/batch_request.h"
#include "worker/api/oauth2_new_record.h"
#include "worker/api/record_input.h"
#include "worker/api/session_part.h"
#include "worker/request_read.h"

namespace wombat {
namespace {

constexpr const char* kFailed = "Failed to authenticate.";
constexpr std::string_view kWriterMessages[] = {"", "Failed to create record.", "Failed to update record.", "Failed to delete record."};
// While it is open nobody else can write.
constexpr std::chrono::seconds kTimeLimit{10};

// What the writer refuses without words of its own.
ApiError Told(ApiError error) {
  if (error.status == 400 && std::ranges::find(kWriterMessages, error.message) != std::end(kWriterMessages)) error.message = kFailed;
  return error;
}

bool IsSelf(const RequestContext& context, const Record& record) {
  const auto& bearer = context.info.auth;
  return bearer && bearer->id() == record.id() && bearer->collection().id == record.collection().id;
}

bool Verified(const Record& record) { return record.Bool("verified"); }

bool LacksEmail(const Record& record, const OAuth2User& user) { return record.Text("email").empty() && !user.email.empty(); }

// With the address of `record` as it will be.
bool ProvesEmail(const Record& record, const OAuth2User& user) {
  return !Verified(record) && (record.Text("email").empty() || record.Text("email") == user.email);
}

// What a transaction needs and may not wait for.
struct Prepared {
  NewOAuth2Record made;              // without a record
  std::string password_hash;         // for one that somebody else may have made with the user's address
};

SelectQuery QueryLink(const RecordAuthWithOAuth2RequestEvent& event, const Record& record) {
  return {"SELECT 1 FROM `_externalAuths` WHERE `collectionRef` = ? AND `recordRef` = ? AND `provider` = ? AND `providerId` = ?",
          {record.collection().id, std::string(record.id()), event.provider_name, event.oauth2_user.id}};
}

class SignInTransaction {
 public:
  SignInTransaction(RequestContext& outer, RecordAuthWithOAuth2RequestEvent& event, const Prepared& prepared,
                    std::unique_ptr<Session> session)
      : outer_(outer), event_(event), prepared_(prepared), session_(std::move(session)), context_(outer.runtime, outer.http) {
    part_.session = session_.get();
    part_.at_end = &at_end_;
    context_.schema = outer.schema;
    context_.settings = outer.settings;
    context_.identity = outer.identity;
    context_.info = outer.info;
    context_.user_ip = outer.user_ip;
    context_.path = outer.path;
    context_.part = &part_;
  }

  // `lost`: the writer died; nothing was kept, and it has to be done again.
  Task<ApiResult<void>> Run(bool& lost) {
    auto done = co_await Work();
    if (done) {
      auto committed = session_->Commit();
      co_await std::move(committed);
    } else {
      auto rolled_back = session_->RollBack(done.error());
      co_await std::move(rolled_back);
    }
    const bool committed = session_->state() == SessionState::kCommitted;
    for (const auto& end : at_end_) {
      auto ended = end(committed);
      co_await std::move(ended);
    }
    if (committed && session_->hook_failed()) co_return std::unexpected(Told(session_->error()));
    if (committed) {
      event_.record = std::move(record_);
      co_return ApiResult<void>{};
    }
    lost = session_->state() == SessionState::kLost;
    if (session_->state() == SessionState::kTimeIsUp)
      co_return std::unexpected(ApiError{400, kFailed, Json::Object(), "the time limit of the transaction was reached"});
    if (session_->state() == SessionState::kFailed) co_return std::unexpected(Told(session_->error()));
    if (done) co_return Refuse(500);
    co_return done;
  }

 private:
  Task<ApiResult<void>> Work() {
    CollectionPtr collection = context_.schema->FindShared(event_.collection->id);
    if (!collection || !collection->is_auth()) co_return Refuse(404);
    if (event_.record) {
      if (auto updated = co_await UpdateExisting(collection); !updated) co_return updated;
    } else {
      if (auto created = co_await CreateNew(collection); !created) co_return created;
    }
    if (auto linked = co_await Link(); !linked) co_return linked;
    const std::string id(record_->id());
    co_return co_await Load(collection, id);
  }

  Task<ApiResult<void>> Load(CollectionPtr collection, std::string id) {
    auto found = co_await FindRecordById(context_, collection, id);
    if (!found) co_return std::unexpected(ApiError{400, kFailed, Json::Object(), found.error().message});
    if (!*found) co_return Refuse(404);
    record_ = std::move(*found);
    co_return ApiResult<void>{};
  }

  // Exactly as POST …/records would do it, with its rule, hooks and limits.
  Task<ApiResult<void>> CreateNew(CollectionPtr collection) {
    SessionPart part;
    part.session = session_.get();
    part.at_end = &at_end_;
    part.password_hash = prepared_.made.password_hash;
    BatchItem item{"POST", "/api/collections/" + collection->name + "/records", {}, prepared_.made.body};
    BatchRequest request(outer_, item, prepared_.made.files, part);
    request.context().info.context = "oauth2";
    HandlerResult answered = co_await request.Run();
    if (!answered) co_return std::unexpected(std::move(answered.error()));
    if (part.stored_id.empty())
      co_return std::unexpected(ApiError{400, kFailed, Json::Object(), "a hook kept the record from being created"});
    if (auto loaded = co_await Load(collection, part.stored_id); !loaded) co_return loaded;
    if (Verified(*record_) || record_->Text("email") != event_.oauth2_user.email) co_return ApiResult<void>{};
    ChangeRecord change = [](Record& record) -> Task<ApiResult<void>> {
      record.Set("verified", true);
      co_return ApiResult<void>{};
    };
    co_return co_await Change(change);
  }

  Task<ApiResult<void>> UpdateExisting(CollectionPtr collection) {
    const std::string id(event_.record->id());
    if (event_.record->collection().id != collection->id) co_return Refuse(400, kFailed);
    if (auto loaded = co_await Load(collection, id); !loaded) co_return loaded;
    const bool was_verified = Verified(*record_), may_be_foreign = !was_verified && !IsSelf(outer_, *record_);
    // Whoever made this account before its address was proved may have linked it to an identity of theirs, and may know its
    // password.
    if (!was_verified)
      if (auto unlinked = co_await Unlink(); !unlinked) co_return unlinked;
    if (was_verified && !LacksEmail(*record_, event_.oauth2_user)) co_return ApiResult<void>{};
    if (!may_be_foreign && !LacksEmail(*record_, event_.oauth2_user) && !ProvesEmail(*record_, event_.oauth2_user))
      co_return ApiResult<void>{};
    ChangeRecord change = [this, may_be_foreign](Record& record) -> Task<ApiResult<void>> {
      if (may_be_foreign && !prepared_.password_hash.empty()) {
        UsePasswordHash(record, prepared_.password_hash);
      } else if (may_be_foreign) {
        if (auto reset = co_await ResetToRandomPassword(context_, record); !reset) co_return reset;
      }
      if (LacksEmail(record, event_.oauth2_user)) record.Set("email", Json(event_.oauth2_user.email));
      if (ProvesEmail(record, event_.oauth2_user)) record.Set("verified", true);
      co_return ApiResult<void>{};
    };
    co_return co_await Change(change);
  }

  Task<ApiResult<void>> Change(ChangeRecord change) {
    auto changed = co_await ChangeAuthRecord(context_, record_, kFailed, change);
    if (!changed) co_return std::unexpected(Told(std::move(changed.error())));
    co_return ApiResult<void>{};
  }

  // All external identities of the record.
  Task<ApiResult<void>> Unlink() {
    CollectionPtr links = context_.schema->FindShared("_externalAuths");
    std::function<Result<std::vector<std::string>>(Connection&)> read =
        [&](Connection& reader) -> Result<std::vector<std::string>> {
      auto statement = reader.Prepare("SELECT `id` FROM `_externalAuths` WHERE `collectionRef` = ? AND `recordRef` = ?");
      if (!statement) return std::unexpected(statement.error());
      statement->BindView(1, record_->collection().id);
      statement->BindView(2, record_->id());
      std::vector<std::string> ids;
      for (;;) {
        auto row = statement->Step();
        if (!row) return std::unexpected(row.error());
        if (!*row) return ids;
        ids.emplace_back(statement->cell(0).text());
      }
    };
    auto ids = co_await Read<std::vector<std::string>>(context_, read);
    if (!ids || !links) co_return Refuse(400, kFailed);
    for (const std::string& id : *ids) {
      Written removed = co_await SendDelete(context_, links, id, std::nullopt);
      if (removed.kind == Written::Kind::kRefused) co_return std::unexpected(Told(std::move(removed.error)));
    }
    co_return ApiResult<void>{};
  }

  Task<ApiResult<void>> Link() {
    CollectionPtr links = context_.schema->FindShared("_externalAuths");
    if (!links) co_return Refuse(400, kFailed);
    const SelectQuery query = QueryLink(event_, *record_);
    auto linked = co_await HoldsHere(context_, query);
    if (!linked) co_return std::unexpected(ApiError{400, kFailed, Json::Object(), linked.error().message});
    if (*linked && !event_.oauth2_user.id.empty()) co_return ApiResult<void>{};
    auto link = std::make_shared<Record>(links);
    link->Set("collectionRef", Json(record_->collection().id));
    link->Set("recordRef", Json(record_->id()));
    link->Set("provider", Json(event_.provider_name));
    link->Set("providerId", Json(event_.oauth2_user.id));
    auto errors = co_await CheckValues(context_, link);
    if (!errors) co_return std::unexpected(Told(std::move(errors.error())));
    if (errors->any()) co_return Refuse(400, kFailed, std::move(errors->data));
    SendOptions options;
    options.validate_whole = ValidatesInWriter(context_, *links, true);
    options.worker_errors = std::move(errors->for_writer);
    Written written = co_await SendCreate(context_, *link, options);
    if (written.kind == Written::Kind::kRefused) co_return std::unexpected(Told(std::move(written.error)));
    if (written.kind != Written::Kind::kStored) co_return Refuse(400, kFailed);
    co_return ApiResult<void>{};
  }

  RequestContext& outer_;
  RecordAuthWithOAuth2RequestEvent& event_;
  const Prepared& prepared_;
  std::unique_ptr<Session> session_;
  RequestContext context_;                   // reads and writes within the session
  SessionPart part_;
  std::vector<std::function<Task<void>(bool)>> at_end_;
  std::shared_ptr<Record> record_;
};

Task<ApiResult<void>> Prepare(RequestContext& context, const RecordAuthWithOAuth2RequestEvent& event, Prepared& prepared) {
  if (!event.record) {
    if (event.collection->is_superusers()) co_return Refuse(400, kFailed);
    co_return co_await PrepareNewRecord(context, event, prepared.made);
  }
  if (IsSelf(context, *event.record) || Verified(*event.record)) co_return ApiResult<void>{};
  const std::string password = RandomText(kRandomPasswordLength);
  auto hash = co_await HashOfRandomPassword(context, *event.collection, password);
  if (!hash) co_return std::unexpected(std::move(hash.error()));
  prepared.password_hash = std::move(*hash);
  co_return ApiResult<void>{};
}

}  // namespace

Task<ApiResult<void>> SaveOAuth2Record(RequestContext& context, RecordAuthWithOAuth2RequestEvent& event) {
  if (event.record && Verified(*event.record) && !LacksEmail(*event.record, event.oauth2_user) && !event.oauth2_user.id.empty()) {
    const SelectQuery query = QueryLink(event, *event.record);
    auto linked = co_await HoldsHere(context, query);
    if (linked && *linked) co_return ApiResult<void>{};
  }
  Prepared prepared;
  if (auto ready = co_await Prepare(context, event, prepared); !ready) co_return ready;
  for (int attempt = 0; attempt < kMaxAttempts; attempt++) {
    auto begun = co_await context.runtime.sessions.Begin(context.schema->generation(), kTimeLimit);
    if (!begun.session) {
      if (!begun.stale) co_return std::unexpected(Told(std::move(begun.error)));
      if (!TakeFreshSchema(context)) break;
      continue;
    }
    bool lost = false;
    SignInTransaction transaction(context, event, prepared, std::move(begun.session));
    auto done = co_await transaction.Run(lost);
    if (!lost) co_return done;
  }
  co_return std::unexpected(TooMuchMoved());
}

}  // namespace wombat

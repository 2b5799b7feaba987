#include "worker/auth_cache.h"

#include <chrono>

#include "common/auth/jwt.h"
#include "common/base/text.h"

namespace wombat {
namespace {

std::int64_t UnixNow() {
  using namespace std::chrono;
  return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

const TokenOptions* OptionsOf(const Collection& collection, std::string_view type) {
  if (type == "auth") return &collection.auth.auth_token;
  if (type == "verification") return &collection.auth.verification_token;
  if (type == "passwordReset") return &collection.auth.password_reset_token;
  if (type == "emailChange") return &collection.auth.email_change_token;
  if (type == "file") return &collection.auth.file_token;
  return nullptr;
}

}  // namespace

std::string_view TokenOfHeader(std::string_view authorization) {
  constexpr std::string_view kBearer = "bearer ";
  if (authorization.size() >= kBearer.size() && EqualsIgnoreCase(authorization.substr(0, kBearer.size()), kBearer))
    authorization.remove_prefix(kBearer.size());
  return authorization;
}

std::string TokenKey(const Record& record, std::string_view type) {
  const TokenOptions* options = OptionsOf(record.collection(), type);
  if (!options) return {};
  return std::string(record.Text("tokenKey")) + options->secret;
}

std::string IssueAuthToken(const Record& record) {
  const Collection& collection = record.collection();
  Json claims = Json::Object({{"id", Json(record.id())},
                              {"type", "auth"},
                              {"collectionId", collection.id},
                              {"refreshable", true},
                              {"exp", Json(UnixNow() + collection.auth.auth_token.duration)}});
  return SignToken(claims, TokenKey(record, "auth"));
}

bool AuthCache::Holds(const Entry& entry, const Schema& schema) const {
  return entry.schema_generation == schema.generation() &&
         entry.writer_epoch == page_.writer_epoch.load(std::memory_order_acquire) &&
         (!entry.counter || entry.counter->load(std::memory_order_acquire) == entry.counter_value) &&
         (entry.expires_unix == 0 || UnixNow() < entry.expires_unix);
}

Identity AuthCache::Authenticate(std::string_view authorization, const SchemaPtr& schema, Connection& reader) {
  std::string_view token = TokenOfHeader(authorization);
  if (token.empty()) return {};
  auto at = entries_.find(token);
  if (at != entries_.end()) {
    if (Holds(at->second, *schema)) return at->second.identity;
    entries_.erase(at);
  }
  Entry entry = Verify(token, schema, reader);
  if (!entry.identity.record) return {};       // what does not verify is not kept: anyone can send endless garbage
  if (entries_.size() >= kMaxEntries) entries_.clear();
  return entries_.emplace(std::string(token), std::move(entry)).first->second.identity;
}

AuthCache::Entry AuthCache::Verify(std::string_view token, const SchemaPtr& schema, Connection& reader) {
  Entry entry;
  auto claims = DecodeToken(token, UnixNow());
  if (!claims) return entry;
  std::string id = claims->StringOr("id"), collection_id = claims->StringOr("collectionId");
  if (id.empty() || collection_id.empty() || claims->StringOr("type") != "auth") return entry;
  CollectionPtr collection = schema->FindShared(collection_id);
  if (!collection || !collection->is_auth()) return entry;

  // Counters first, row second: a change that commits in between makes the entry stale at once.
  entry.counter = &page_.AuthCounter(collection->id);
  entry.counter_value = entry.counter->load(std::memory_order_acquire);
  entry.writer_epoch = page_.writer_epoch.load(std::memory_order_acquire);
  entry.schema_generation = schema->generation();

  auto statement = reader.Prepare("SELECT " + collection->select_columns + " FROM " + QuoteName(collection->name) +
                                  " WHERE " + QuoteName(collection->name) + ".`id` = ?");
  if (!statement) return entry;
  statement->BindView(1, id);
  auto row = statement->Step();
  if (!row || !*row) return entry;
  auto record = std::make_shared<Record>(Record::FromRow(collection, *statement));
  if (!VerifyTokenSignature(token, TokenKey(*record, "auth"))) return entry;
  entry.expires_unix = std::int64_t(claims->NumberOr("exp"));
  entry.identity.refreshable = claims->BoolOr("refreshable");
  entry.identity.record = std::move(record);
  return entry;
}

}  // namespace wombat

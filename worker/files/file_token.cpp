#include "worker/files/file_token.h"

#include <chrono>

#include "common/auth/jwt.h"
#include "common/base/text.h"
#include "worker/auth_cache.h"

namespace wombat {
namespace {

constexpr std::string_view kType = "file";

std::int64_t UnixNow() {
  using namespace std::chrono;
  return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace

std::string IssueFileToken(const Record& record) {
  const Collection& collection = record.collection();
  const Json claims = Json::Object({{"id", Json(record.id())},
                                    {"type", Json(kType)},
                                    {"collectionId", collection.id},
                                    {"exp", Json(UnixNow() + collection.auth.file_token.duration)}});
  return SignToken(claims, TokenKey(record, kType));
}

std::shared_ptr<const Record> FindByFileToken(std::string_view token, const Schema& schema, Connection& reader) {
  const auto claims = DecodeToken(token, UnixNow());
  if (!claims || claims->StringOr("type") != kType) return nullptr;
  const std::string id = claims->StringOr("id");
  const CollectionPtr collection = schema.FindShared(claims->StringOr("collectionId"));
  if (id.empty() || !collection || !collection->is_auth()) return nullptr;
  auto statement = reader.Prepare("SELECT " + collection->select_columns + " FROM " + QuoteName(collection->name) + " WHERE " +
                                  QuoteName(collection->name) + ".`id` = ?");
  if (!statement) return nullptr;
  statement->BindView(1, id);
  if (!statement->Step().value_or(false)) return nullptr;
  auto record = std::make_shared<Record>(Record::FromRow(collection, *statement));
  if (!VerifyTokenSignature(token, TokenKey(*record, kType))) return nullptr;
  return record;
}

}  // namespace wombat

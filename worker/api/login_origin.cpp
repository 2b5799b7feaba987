#include "worker/api/login_origin.h"

#include <openssl/evp.h>

#include "common/records/validate.h"
#include "worker/api/mutate.h"
#include "worker/read.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxUserAgent = 200;

std::string Fingerprint(const RequestContext& context) {
  std::string agent(context.http.Header("User-Agent"));
  if (agent.size() > kMaxUserAgent) agent = agent.substr(0, kMaxUserAgent) + "...";
  std::string subject = std::string(context.user_ip) + agent;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  // Not a secret: the data directory's format asks for MD5 (06 §10.7).
  if (!EVP_Digest(subject.data(), subject.size(), digest, &length, EVP_md5(), nullptr)) return {};
  std::string hex;
  for (unsigned i = 0; i < length; i++) {
    constexpr char kDigits[] = "0123456789abcdef";
    hex += kDigits[digest[i] >> 4];
    hex += kDigits[digest[i] & 15];
  }
  return hex;
}

using Rows = std::vector<std::shared_ptr<Record>>;

Task<Result<Rows>> KnownOrigins(RequestContext& context, CollectionPtr origins, std::shared_ptr<Record> record) {
  std::function<Result<Rows>(Connection&)> read = [&](Connection& reader) -> Result<Rows> {
    auto statement = reader.Prepare("SELECT " + origins->select_columns +
                                    " FROM `_authOrigins` WHERE `collectionRef` = ? AND `recordRef` = ? ORDER BY `created` DESC");
    if (!statement) return std::unexpected(statement.error());
    statement->BindView(1, record->collection().id);
    statement->BindView(2, record->id());
    Rows rows;
    for (;;) {
      auto row = statement->Step();
      if (!row) return std::unexpected(row.error());
      if (!*row) return rows;
      rows.push_back(std::make_shared<Record>(Record::FromRow(origins, *statement)));
      rows.back()->TakeAsOriginal();
      rows.back()->MarkSaved();
    }
  };
  co_return co_await Read<Rows>(context.runtime, read);
}

}  // namespace

Task<void> RememberLoginOrigin(RequestContext& context, std::shared_ptr<Record> record) {
  CollectionPtr origins = context.schema->FindShared("_authOrigins");
  std::string fingerprint = Fingerprint(context);
  if (!origins || fingerprint.empty()) co_return;
  auto known = co_await KnownOrigins(context, origins, record);
  if (!known) co_return;
  for (const auto& origin : *known) {
    if (origin->Text("fingerprint") != fingerprint) continue;
    (void)co_await SendUpdate(context, *origin, *origin, kTrusted, false);
    co_return;
  }
  if (!known->empty() && !record->Text("email").empty()) co_return;
  Record origin(origins);
  origin.Set("collectionRef", record->collection().id);
  origin.Set("recordRef", Json(record->id()));
  origin.Set("fingerprint", fingerprint);
  AutogenerateValues(origin);
  (void)co_await SendCreate(context, origin, kTrusted);
}

}  // namespace wombat

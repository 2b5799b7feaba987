// POST /api/sql, statements that write.                                                          Behaviour: spec 05 §7.1.
#include <sqlite3.h>

#include <chrono>

#include "common/db/sql_script.h"
#include "common/schema/schema.h"
#include "proto/values.h"
#include "writer/mutations/mutations.h"

namespace wombat {
namespace {

constexpr std::chrono::minutes kTimeLimit{3};

// The lane's transaction, and what the connection is set to, are not a client's.
int Authorize(void*, int action, const char*, const char*, const char*, const char*) {
  switch (action) {
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
    case SQLITE_ATTACH:
    case SQLITE_DETACH:
    case SQLITE_PRAGMA: return SQLITE_DENY;
    default: return SQLITE_OK;
  }
}

class Restricted {
 public:
  explicit Restricted(LaneTransaction& tx) : tx_(tx) {
    sqlite3_set_authorizer(tx_.db().handle(), Authorize, nullptr);
    tx_.LimitStatements(kTimeLimit);
  }
  ~Restricted() {
    tx_.LimitStatements({});
    sqlite3_set_authorizer(tx_.db().handle(), nullptr, nullptr);
  }
  Restricted(const Restricted&) = delete;
  Restricted& operator=(const Restricted&) = delete;

 private:
  LaneTransaction& tx_;
};

ApiError Failure(const std::string& raw) {
  return {400, "Failed to execute query. Raw error:\n" + raw, Json::Object(), raw};
}

}  // namespace

MutationAnswer RunRunSql(LaneTransaction& tx, proto::RunSql::Reader message) {
  if (auto opened = tx.EnsureSavepoint(); !opened) return MutationAnswer::Refused(WriteFailure(opened.error(), {}));
  std::expected<ScriptResult, std::string> result;
  {
    Restricted restricted(tx);
    result = RunScript(tx.db(), std::string(View(message.getQuery())), 0);
  }
  if (!result) return MutationAnswer::Refused(Failure(result.error()));
  // Whatever it did, every process looks again; and it must leave collections that can be looked at.
  if (auto schema = LoadSchema(tx.db(), 0); !schema) return MutationAnswer::Refused(Failure(schema.error().message));
  tx.effects().schema_changed = tx.effects().settings_changed = tx.effects().all_auth_changed = true;
  MutationAnswer answer = MutationAnswer::Of(MutationAnswer::Kind::kChangedRows);
  answer.changed_rows = result->changed;
  return answer;
}

}  // namespace wombat

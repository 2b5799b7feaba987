#include "common/base/text.h"
#include "common/base/time.h"
#include "writer/jobs/builtin_crons.h"
#include "writer/mutations/record_chain.h"

namespace wombat {
namespace {

// At a time: others wait in the lane meanwhile.
constexpr int kRows = 100;

using DurationOf = std::int64_t (*)(const Collection&);

// What of `table` belongs to this collection and has expired.
Result<std::vector<Record>> ExpiredRows(LaneTransaction& tx, const CollectionPtr& table, const Collection& owner,
                                        std::int64_t duration) {
  auto statement = tx.db().Prepare("SELECT " + table->select_columns + " FROM " + QuoteName(table->name) +
                                   " WHERE `collectionRef` = ? AND `created` < ? LIMIT " + std::to_string(kRows));
  if (!statement) return std::unexpected(statement.error());
  const std::string until = FormatTimestamp(Now() - std::chrono::seconds(duration));
  statement->BindView(1, owner.id);
  statement->BindView(2, until);
  std::vector<Record> rows;
  for (;;) {
    auto row = statement->Step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return rows;
    rows.push_back(Record::FromRow(table, *statement));
  }
}

ApiResult<void> DeleteExpired(const SubmitToLane& submit, std::string_view name, DurationOf duration) {
  for (bool more = true; more;) {
    auto done = submit([&](LaneTransaction& tx) -> ApiResult<void> {
      more = false;
      CollectionPtr table = tx.schema().FindShared(name);
      if (!table) return {};
      for (const CollectionPtr& owner : tx.schema().collections()) {
        if (!owner->is_auth()) continue;
        auto rows = ExpiredRows(tx, table, *owner, duration(*owner));
        if (!rows) return std::unexpected(WriteFailure(rows.error(), {}));
        for (Record& row : *rows)
          if (auto deleted = DeleteRecord(tx, row); !deleted) return deleted;
        if (int(rows->size()) < kRows) continue;
        more = true;
        return {};
      }
      return {};
    });
    if (!done) return done;
  }
  return {};
}

}  // namespace

ApiResult<void> DeleteExpiredSessions(const SubmitToLane& submit) {
  return DeleteExpired(submit, "_mfas", [](const Collection& owner) { return owner.auth.mfa.duration; });
}

ApiResult<void> DeleteExpiredOtps(const SubmitToLane& submit) {
  return DeleteExpired(submit, "_otps", [](const Collection& owner) { return owner.auth.otp.duration; });
}

}  // namespace wombat

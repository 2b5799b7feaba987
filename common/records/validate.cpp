#include "common/records/validate.h"

#include "common/base/text.h"
#include "common/records/system_checks.h"

namespace wombat {
namespace {

// Answers from the database; without one it assumes the best, so that only the other checks can fail.
class RecordContext : public ValidationContext {
 public:
  RecordContext(const Record& record, const Schema& schema, Connection* connection)
      : record_(record), schema_(schema), connection_(connection) {}

  const Schema& schema() const override { return schema_; }
  const Record& record() const override { return record_; }

  Result<std::size_t> CountExisting(const Collection& collection, const std::vector<std::string>& ids) override {
    if (!connection_ || ids.empty()) return ids.size();
    // One text for any number of ids, so that the statement can be cached.
    const bool one = ids.size() == 1;
    auto statement = connection_->Prepare("SELECT COUNT(*) FROM " + QuoteName(collection.name) + " WHERE `id` " +
                                          (one ? "= ?" : "IN (SELECT value FROM json_each(?))"));
    if (!statement) return std::unexpected(statement.error());
    statement->Bind(1, one ? SqlValue(ids[0]) : SqlValue(Json(ids).Dump()));
    const auto row = statement->Step();
    if (!row) return std::unexpected(row.error());
    return *row ? std::size_t(statement->cell(0).integer()) : 0;
  }

  Result<bool> IdExistsIgnoringCase(std::string_view id) override {
    if (!connection_) return false;
    auto statement = connection_->Prepare("SELECT 1 FROM " + QuoteName(record_.collection().name) +
                                          " WHERE `id` = ? COLLATE NOCASE LIMIT 1");
    if (!statement) return std::unexpected(statement.error());
    statement->BindView(1, id);
    return statement->Step();
  }

 private:
  const Record& record_;
  const Schema& schema_;
  Connection* connection_;
};

// Whether the checks of this field of this record may ask the database.
bool AsksDatabase(const Record& record, int field) {
  if (field == record.collection().id_field) return record.is_new();
  const std::string_view type = record.collection().fields[std::size_t(field)]->type();
  // Which names a file field may keep depends on those that are stored.
  return type == "relation" || type == "file";
}

Result<Json> CheckFields(const Record& record, const Schema& schema, Connection* connection, bool only_database) {
  Json errors = Json::Object();
  RecordContext context(record, schema, connection);
  const auto& fields = record.collection().fields;
  for (int i = 0; i < int(fields.size()); ++i) {
    if (only_database && !AsksDatabase(record, i)) continue;
    const Field& field = *fields[std::size_t(i)];
    auto error = field.Validate(record.value(i), context);
    if (!error) return std::unexpected(error.error());
    if (*error) AddFieldError(errors, field.name, **error);
  }
  return errors;
}

Result<Json> CheckWholeRecord(const Record& record, const Schema& schema, Connection& connection) {
  auto errors = CheckSystemRecord(record, schema, connection);
  if (!errors || !errors->as_object().empty()) return errors;
  return CheckAuthId(record, schema, connection);
}

}  // namespace

Result<Json> ValidateRecord(Record& record, const Schema& schema, Connection* connection, ValidationScope scope) {
  const Collection& collection = record.collection();
  if (collection.is_superusers() && collection.verified_field >= 0) record.SetRaw(collection.verified_field, true);

  const bool only_database = scope == ValidationScope::kOnlyDatabase;
  const bool without_database = scope == ValidationScope::kWithoutDatabase;
  auto errors = CheckFields(record, schema, without_database ? nullptr : connection, only_database);
  if (!errors || !errors->as_object().empty() || without_database || !connection) return errors;

  auto later = CheckWholeRecord(record, schema, *connection);
  if (!only_database || !later || later->as_object().empty()) return later;
  // A field that fails without the database ends validation before this stage. Asked only now, because it is rare.
  const auto earlier = CheckFields(record, schema, nullptr, false);
  if (!earlier) return earlier;
  return earlier->as_object().empty() ? later : Json::Object();
}

}  // namespace wombat

#include "worker/api/auth_record.h"

#include "common/base/random.h"
#include "common/base/text.h"
#include "common/records/validate.h"
#include "common/schema/index.h"
#include "worker/api/record_input.h"
#include "worker/request_read.h"

namespace wombat {
namespace {

constexpr std::size_t kRandomPasswordLength = 30;
constexpr std::string_view kWriterMessage = "Failed to update record.";

using Found = std::shared_ptr<Record>;

Task<Result<Found>> FindOne(RequestContext& context, CollectionPtr collection, std::string condition,
                            std::string value) {
  std::function<Result<Found>(Connection&)> read = [&](Connection& reader) -> Result<Found> {
    auto statement = reader.Prepare("SELECT " + collection->select_columns + " FROM " + QuoteName(collection->name) +
                                    " WHERE " + condition + " LIMIT 1");
    if (!statement) return std::unexpected(statement.error());
    statement->BindView(1, value);
    auto row = statement->Step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return Found();
    auto record = std::make_shared<Record>(Record::FromRow(collection, *statement));
    record->TakeAsOriginal();
    record->MarkSaved();
    return record;
  };
  co_return co_await Read<Found>(context, read);
}

std::string Column(const Collection& collection, std::string_view field) {
  return QuoteName(collection.name) + "." + QuoteName(field);
}

bool IgnoresCase(const Collection& collection, std::string_view field) {
  for (const std::string& text : collection.indexes) {
    const IndexDefinition index = ParseIndex(text);
    if (index.unique && index.columns.size() == 1 && EqualsIgnoreCase(index.columns[0].expression, field))
      return EqualsIgnoreCase(index.columns[0].collate, "NOCASE");
  }
  return false;
}

// The row that `record` was loaded from.
Record StoredStateOf(const Record& record) {
  Record stored = record;
  for (std::size_t i = 0; i < record.original().size(); i++) stored.SetRaw(int(i), record.original()[i]);
  return stored;
}

// What was changed of `from` since it was loaded, put onto `to`, by the names of the fields.
void RepeatChanges(const Record& from, Record& to) {
  const auto& fields = from.collection().fields;
  for (std::size_t i = 0; i < fields.size(); i++) {
    const int target = to.collection().FieldIndex(fields[i]->name);
    if (target < 0) continue;
    if (const std::string* plain = from.PlainPassword(int(i))) to.SetPlainPassword(target, *plain);
    if (from.value(int(i)) != from.original()[i]) to.SetRaw(target, from.value(int(i)));
  }
}

// The record as it is by now, with what hooks had changed of it before.
Task<ApiResult<void>> Follow(RequestContext& context, Record& record, const Record& given, bool schema_moved) {
  if (schema_moved && !TakeFreshSchema(context)) co_return std::unexpected(TooMuchMoved());
  CollectionPtr collection = context.schema->FindShared(given.collection().id);
  if (!collection) co_return Refuse(404);
  std::string id(given.id());
  auto fresh = co_await FindRecordById(context, collection, id);
  if (!fresh || !*fresh) co_return Refuse(404);
  record = **fresh;
  RepeatChanges(given, record);
  co_return ApiResult<void>{};
}

ApiError Told(ApiError error, std::string_view message) {
  if (error.status == 400 && error.message == kWriterMessage) error.message = message;
  return error;
}

}  // namespace

Task<Result<Found>> FindRecordById(RequestContext& context, CollectionPtr collection, std::string id) {
  std::string condition = Column(*collection, "id") + " = ?";
  co_return co_await FindOne(context, collection, condition, id);
}

Task<Result<Found>> FindAuthRecordByEmail(RequestContext& context, CollectionPtr collection, std::string email) {
  if (email.empty()) co_return Found();
  const std::string column = Column(*collection, "email");
  // The second condition is that of the unique index, which a query has to repeat to be served by it.
  std::string condition =
      column + " = ?" + (IgnoresCase(*collection, "email") ? " COLLATE NOCASE" : "") + " AND " + column + " != ''";
  co_return co_await FindOne(context, collection, condition, email);
}

Task<ApiResult<void>> ResetToRandomPassword(RequestContext& context, Record& record) {
  const int field = record.collection().password_field;
  if (field < 0) co_return ApiResult<void>{};
  record.SetPlainPassword(field, RandomText(kRandomPasswordLength));
  if (auto hashed = co_await HashOnPool(context, record); !hashed) co_return hashed;
  // Without the plain text there is nothing that a validator could refuse; that a password was set is kept.
  record.ClearPlainPasswords();
  record.SetPlainPassword(field, {});
  co_return ApiResult<void>{};
}

Task<ApiResult<void>> ChangeAuthRecord(RequestContext& context, std::shared_ptr<Record> record,
                                       std::string_view message, ChangeRecord change) {
  const Record given = *record;
  for (int attempt = 0; attempt < kMaxAttempts; attempt++) {
    if (auto changed = co_await change(*record); !changed) co_return changed;
    if (auto hashed = co_await HashOnPool(context, *record); !hashed) co_return hashed;
    auto errors = co_await CheckValues(context, record);
    if (!errors) co_return std::unexpected(std::move(errors.error()));
    if (errors->any()) co_return Refuse(400, std::string(message), std::move(errors->data));

    SendOptions options;
    options.validate_whole = ValidatesInWriter(context, record->collection(), false);
    options.worker_errors = std::move(errors->for_writer);
    const Record stored = StoredStateOf(*record);
    // Only over exactly the row that was looked at: what allowed the change (a token) may be void by now.
    Written written = co_await SendUpdate(context, *record, stored, options, true);
    switch (written.kind) {
      case Written::Kind::kStored:
        *record = std::move(*written.record);
        record->TakeAsOriginal();
        co_return ApiResult<void>{};
      case Written::Kind::kRefused:
        co_return std::unexpected(Told(std::move(written.error), message));
      case Written::Kind::kDone:
      case Written::Kind::kStale:
      case Written::Kind::kRowChanged:
        break;
    }
    const bool schema_moved = written.kind != Written::Kind::kRowChanged;
    auto followed = co_await Follow(context, *record, given, schema_moved);
    if (!followed) co_return followed;
  }
  co_return std::unexpected(TooMuchMoved());
}

}  // namespace wombat

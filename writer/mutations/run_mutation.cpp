#include "proto/values.h"
#include "writer/mutations/mutations.h"

namespace wombat {
namespace {

// While the lane asks a rule everybody waits: one that takes longer fails its own mutation.
constexpr std::chrono::seconds kRuleTimeLimit{2};

MutationAnswer StoredRecord(LaneTransaction& tx, std::string_view collection_id, std::string_view id,
                            capnp::List<proto::FieldValue>::Reader sent) {
  CollectionPtr collection = tx.schema().FindShared(collection_id);
  MutationAnswer answer = MutationAnswer::Of(MutationAnswer::Kind::kRecord);
  if (!collection) return MutationAnswer::Of(MutationAnswer::Kind::kDone);
  auto stored = tx.FindRecord(collection, id);
  if (stored) {
    answer.record = std::move(*stored);
    return answer;
  }
  // Somebody deleted it since: it was written all the same, so the answer is what was sent.
  Record record(collection);
  if (!ReadRecordValues(sent, record)) return MutationAnswer::Of(MutationAnswer::Kind::kDone);
  answer.record = std::move(record);
  return answer;
}

std::string_view SubmittedId(const Collection& collection, proto::CreateRecord::Reader message) {
  auto values = message.getValues();
  auto field = unsigned(collection.id_field);
  return collection.id_field >= 0 && field < values.size() && values[field].isText() ? View(values[field].getText()) : "";
}

}  // namespace

Result<bool> RuleHolds(LaneTransaction& tx, bool present, proto::RuleCheck::Reader check) {
  if (!present) return true;
  auto statement = tx.db().Prepare(View(check.getSql()));
  if (!statement) return std::unexpected(statement.error());
  SqlValues values = ReadSqlValues(check.getValues());
  statement->BindAll(values);
  tx.LimitStatements(kRuleTimeLimit);
  auto holds = statement->Step();
  tx.LimitStatements({});
  return holds;
}

MutationAnswer RunMutation(LaneTransaction& tx, proto::Mutation::Reader message) {
  switch (message.which()) {
    case proto::Mutation::CREATE_RECORD: return RunCreateRecord(tx, message.getCreateRecord());
    case proto::Mutation::UPDATE_RECORD: return RunUpdateRecord(tx, message.getUpdateRecord());
    case proto::Mutation::DELETE_RECORD: return RunDeleteRecord(tx, message.getDeleteRecord());
    case proto::Mutation::SAVE_COLLECTION: return RunSaveCollection(tx, message.getSaveCollection());
    case proto::Mutation::DELETE_COLLECTION: return RunDeleteCollection(tx, message.getDeleteCollection());
    case proto::Mutation::IMPORT_COLLECTIONS: return RunImportCollections(tx, message.getImportCollections());
    case proto::Mutation::TRUNCATE_COLLECTION: return RunTruncateCollection(tx, message.getTruncateCollection());
    case proto::Mutation::SAVE_SETTINGS: return RunSaveSettings(tx, message.getSaveSettings());
    case proto::Mutation::RUN_SQL: return RunRunSql(tx, message.getRunSql());
    case proto::Mutation::BATCH: return RunBatch(tx, message.getBatch());
  }
  return MutationAnswer::Refused({500, {}, Json::Object(), "a mutation of an unknown kind"});
}

MutationAnswer AnswerRepeated(LaneTransaction& tx, proto::Mutation::Reader message) {
  switch (message.which()) {
    case proto::Mutation::CREATE_RECORD: {
      auto create = message.getCreateRecord();
      CollectionPtr collection = tx.schema().FindShared(View(create.getCollectionId()));
      if (!collection) return MutationAnswer::Of(MutationAnswer::Kind::kDone);
      return StoredRecord(tx, View(create.getCollectionId()), SubmittedId(*collection, create), create.getValues());
    }
    case proto::Mutation::UPDATE_RECORD: {
      auto update = message.getUpdateRecord();
      return StoredRecord(tx, View(update.getCollectionId()), View(update.getRecordId()), update.getValues());
    }
    case proto::Mutation::SAVE_COLLECTION: {
      auto save = message.getSaveCollection();
      MutationAnswer answer = MutationAnswer::Of(MutationAnswer::Kind::kCollection);
      const Collection* stored = tx.schema().Find(save.getIsNew() ? View(save.getName()) : View(save.getId()));
      answer.collection_id = stored ? stored->id : std::string(View(save.getId()));
      return answer;
    }
    case proto::Mutation::BATCH: {
      MutationAnswer answer = MutationAnswer::Of(MutationAnswer::Kind::kBatch);
      for (auto item : message.getBatch().getItems())
        answer.items.push_back(item.isBatch() ? MutationAnswer::Of(MutationAnswer::Kind::kDone) : AnswerRepeated(tx, item));
      return answer;
    }
    // How many rows it changed is forgotten.
    case proto::Mutation::RUN_SQL: return MutationAnswer::Of(MutationAnswer::Kind::kChangedRows);
    case proto::Mutation::DELETE_RECORD:
    case proto::Mutation::DELETE_COLLECTION:
    case proto::Mutation::IMPORT_COLLECTIONS:
    case proto::Mutation::TRUNCATE_COLLECTION:
    case proto::Mutation::SAVE_SETTINGS: break;
  }
  return MutationAnswer::Of(MutationAnswer::Kind::kDone);
}

}  // namespace wombat

#include "worker/api/mutate.h"

#include "common/records/fingerprint.h"
#include "proto/values.h"
#include "worker/request_read.h"

namespace wombat {
namespace {

void FillCheck(proto::RuleCheck::Builder out, const SelectQuery& check) {
  out.setSql(ToText(check.sql));
  WriteSqlValues(out.initValues(unsigned(check.values.size())), check.values);
}

template <class Builder>
void FillRecord(Builder out, const Record& record, const SendOptions& options) {
  const Collection& collection = record.collection();
  out.setCollectionId(ToText(collection.id));
  WriteRecordValues(out.initValues(unsigned(collection.fields.size())), record);
  if (options.check) FillCheck(out.initCheck(), *options.check);
  out.setValidateWhole(options.validate_whole);
  if (!options.worker_errors.as_object().empty()) out.setWorkerErrors(ToText(options.worker_errors.Dump()));
  std::vector<std::uint16_t> passwords;
  for (std::size_t i = 0; i < collection.fields.size(); i++)
    if (record.PlainPassword(int(i))) passwords.push_back(std::uint16_t(i));
  auto list = out.initPasswordsSet(unsigned(passwords.size()));
  for (unsigned i = 0; i < list.size(); i++) list.set(i, passwords[i]);
  if (record.uploads().empty()) return;
  auto uploads = out.initUploads(unsigned(record.uploads().size()));
  for (unsigned i = 0; i < uploads.size(); i++) {
    const RecordUpload& upload = record.uploads()[i];
    uploads[i].setField(std::uint16_t(upload.field));
    uploads[i].setName(ToText(upload.name));
    uploads[i].setOriginalName(ToText(upload.original_name));
    uploads[i].setContentType(ToText(upload.content_type));
    uploads[i].setSize(upload.size);
    uploads[i].setKey(ToText(upload.key));
  }
}

void FillRule(proto::OptionalText::Builder out, const Rule& rule) {
  out.setIsSet(rule.has_value());
  if (rule) out.setText(ToText(*rule));
}

// A record's mutation: on its own, or with the other items of its batch.
Task<Written> SendRecord(RequestContext& context, FillMutation fill, CollectionPtr collection) {
  if (context.part) co_return co_await context.part->Send(fill, collection);
  Frame reply = co_await context.runtime.writer.Send(context.schema->generation(), context.info.auth.get(), fill);
  co_return ReadReply(reply.message().getReply(), collection);
}

}  // namespace

Written ReadReply(proto::Reply::Reader reply, const CollectionPtr& collection) {
  Written written;
  switch (reply.which()) {
    case proto::Reply::RECORD: {
      written.kind = Written::Kind::kStored;
      written.record = std::make_shared<Record>(collection);
      if (!ReadRecordValues(reply.getRecord().getValues(), *written.record)) written.kind = Written::Kind::kStale;
      written.record->MarkSaved();
      break;
    }
    case proto::Reply::DONE: written.kind = Written::Kind::kDone; break;
    case proto::Reply::COLLECTION:
      written.kind = Written::Kind::kDone;
      written.collection_id = std::string(View(reply.getCollection()));
      break;
    case proto::Reply::CHANGED_ROWS: written.changed_rows = reply.getChangedRows(); break;
    case proto::Reply::REFUSED:
      written.kind = Written::Kind::kRefused;
      written.error = ReadRefusal(reply.getRefused());
      written.committed = reply.getRefused().getCommitted();
      break;
    case proto::Reply::STALE: written.kind = Written::Kind::kStale; break;
    case proto::Reply::ROW_CHANGED: written.kind = Written::Kind::kRowChanged; break;
    // Read where they were asked for: nothing else gets such an answer.
    case proto::Reply::BATCH:
    case proto::Reply::BATCH_FAILED: break;
  }
  return written;
}

Task<Written> SendCreate(RequestContext& context, const Record& record, const SendOptions& options) {
  FillMutation fill = [&](proto::Mutation::Builder mutation) {
    auto create = mutation.initCreateRecord();
    FillRecord(create, record, options);
    create.setUpsert(context.part && context.part->upsert);
  };
  co_return co_await SendRecord(context, fill, record.collection_ptr());
}

Task<Written> SendUpdate(RequestContext& context, const Record& record, const Record& stored,
                         const SendOptions& options, bool computed) {
  std::vector<std::uint16_t> changed;
  for (std::size_t i = 0; i < record.collection().fields.size(); i++)
    if (record.value(int(i)) != stored.value(int(i))) changed.push_back(std::uint16_t(i));
  FillMutation fill = [&](proto::Mutation::Builder mutation) {
    auto update = mutation.initUpdateRecord();
    FillRecord(update, record, options);
    update.setUpsert(context.part && context.part->upsert);
    std::string id(stored.id());
    update.setRecordId(ToText(id));
    update.setBasedOn(Fingerprint(stored));
    update.setComputed(computed);
    auto list = update.initChanged(unsigned(changed.size()));
    for (unsigned i = 0; i < list.size(); i++) list.set(i, changed[i]);
  };
  co_return co_await SendRecord(context, fill, record.collection_ptr());
}

Task<Written> SendDelete(RequestContext& context, const CollectionPtr& collection, std::string_view id,
                         const std::optional<SelectQuery>& check) {
  std::string record_id(id);
  FillMutation fill = [&](proto::Mutation::Builder mutation) {
    auto remove = mutation.initDeleteRecord();
    remove.setCollectionId(ToText(collection->id));
    remove.setRecordId(ToText(record_id));
    if (check) FillCheck(remove.initCheck(), *check);
  };
  co_return co_await SendRecord(context, fill, collection);
}

Task<Written> SendMutation(RequestContext& context, std::function<void(proto::Mutation::Builder)> fill) {
  Frame reply = co_await context.runtime.writer.Send(context.schema->generation(), context.info.auth.get(), fill);
  co_return ReadReply(reply.message().getReply(), nullptr);
}

void FillCollection(proto::SaveCollection::Builder out, const Collection& collection, bool is_new, const std::string& stored_id) {
  out.setIsNew(is_new);
  out.setId(ToText(stored_id));
  out.setNewId(ToText(collection.id));
  out.setName(ToText(collection.name));
  out.setRawType(ToText(collection.raw_type));
  out.setSystem(collection.system);
  out.setFields(ToText(StoredFields(collection)));
  out.setIndexes(ToText(StoredIndexes(collection)));
  out.setOptions(ToText(StoredOptions(collection)));
  out.setCreated(ToText(collection.created));
  auto rules = out.initRules(5);
  FillRule(rules[0], collection.list_rule);
  FillRule(rules[1], collection.view_rule);
  FillRule(rules[2], collection.create_rule);
  FillRule(rules[3], collection.update_rule);
  FillRule(rules[4], collection.delete_rule);
}

Task<Written> SendSaveCollection(RequestContext& context, const Collection& collection, bool is_new,
                                 std::string_view stored_id) {
  std::string id(stored_id);
  std::function<void(proto::Mutation::Builder)> fill = [&](proto::Mutation::Builder mutation) {
    FillCollection(mutation.initSaveCollection(), collection, is_new, id);
  };
  co_return co_await SendMutation(context, fill);
}

Task<Written> SendDeleteCollection(RequestContext& context, std::string_view id) {
  std::string collection_id(id);
  std::function<void(proto::Mutation::Builder)> fill = [&](proto::Mutation::Builder mutation) {
    mutation.initDeleteCollection().setId(ToText(collection_id));
  };
  co_return co_await SendMutation(context, fill);
}

bool TakeFreshSchema(RequestContext& context) {
  if (!context.runtime.snapshots.Refresh()) return false;
  context.schema = context.runtime.snapshots.schema();
  return true;
}

Task<Result<bool>> HoldsHere(RequestContext& context, const SelectQuery& check) {
  std::function<Result<bool>(Connection&)> read = [&](Connection& reader) -> Result<bool> {
    auto statement = reader.Prepare(check.sql);
    if (!statement) return std::unexpected(statement.error());
    statement->BindAll(check.values);
    return statement->Step();
  };
  co_return co_await Read<bool>(context, read);
}

}  // namespace wombat

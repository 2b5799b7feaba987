#include "worker/api/mutate.h"

#include "common/records/fingerprint.h"
#include "proto/values.h"
#include "worker/read.h"

namespace wombat {
namespace {

void FillCheck(proto::RuleCheck::Builder out, const SelectQuery& check) {
  out.setSql(ToText(check.sql));
  WriteSqlValues(out.initValues(unsigned(check.values.size())), check.values);
}

template <class Builder>
void FillRecord(Builder out, const Record& record, const std::optional<SelectQuery>& check) {
  const Collection& collection = record.collection();
  out.setCollectionId(ToText(collection.id));
  WriteRecordValues(out.initValues(unsigned(collection.fields.size())), record);
  if (check) FillCheck(out.initCheck(), *check);
  std::vector<std::uint16_t> passwords;
  for (std::size_t i = 0; i < collection.fields.size(); i++)
    if (record.PlainPassword(int(i))) passwords.push_back(std::uint16_t(i));
  auto list = out.initPasswordsSet(unsigned(passwords.size()));
  for (unsigned i = 0; i < list.size(); i++) list.set(i, passwords[i]);
}

Written ReadReply(const Frame& frame, const CollectionPtr& collection) {
  Written written;
  auto reply = frame.message().getReply();
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
    case proto::Reply::REFUSED:
      written.kind = Written::Kind::kRefused;
      written.error = ReadRefusal(reply.getRefused());
      break;
    case proto::Reply::STALE: written.kind = Written::Kind::kStale; break;
    case proto::Reply::ROW_CHANGED: written.kind = Written::Kind::kRowChanged; break;
  }
  return written;
}

void FillRule(proto::OptionalText::Builder out, const Rule& rule) {
  out.setIsSet(rule.has_value());
  if (rule) out.setText(ToText(*rule));
}

}  // namespace

Task<Written> SendCreate(RequestContext& context, const Record& record, const std::optional<SelectQuery>& check) {
  std::function<void(proto::Mutation::Builder)> fill = [&](proto::Mutation::Builder mutation) {
    FillRecord(mutation.initCreateRecord(), record, check);
  };
  Frame reply = co_await context.runtime.writer.Send(context.schema->generation(), context.info.auth.get(), fill);
  co_return ReadReply(reply, record.collection_ptr());
}

Task<Written> SendUpdate(RequestContext& context, const Record& record, const Record& stored,
                         const std::optional<SelectQuery>& check, bool computed) {
  std::vector<std::uint16_t> changed;
  for (std::size_t i = 0; i < record.collection().fields.size(); i++)
    if (record.value(int(i)) != stored.value(int(i))) changed.push_back(std::uint16_t(i));
  std::function<void(proto::Mutation::Builder)> fill = [&](proto::Mutation::Builder mutation) {
    auto update = mutation.initUpdateRecord();
    FillRecord(update, record, check);
    std::string id(stored.id());
    update.setRecordId(ToText(id));
    update.setBasedOn(Fingerprint(stored));
    update.setComputed(computed);
    auto list = update.initChanged(unsigned(changed.size()));
    for (unsigned i = 0; i < list.size(); i++) list.set(i, changed[i]);
  };
  Frame reply = co_await context.runtime.writer.Send(context.schema->generation(), context.info.auth.get(), fill);
  co_return ReadReply(reply, record.collection_ptr());
}

Task<Written> SendDelete(RequestContext& context, const CollectionPtr& collection, std::string_view id,
                         const std::optional<SelectQuery>& check) {
  std::string record_id(id);
  std::function<void(proto::Mutation::Builder)> fill = [&](proto::Mutation::Builder mutation) {
    auto remove = mutation.initDeleteRecord();
    remove.setCollectionId(ToText(collection->id));
    remove.setRecordId(ToText(record_id));
    if (check) FillCheck(remove.initCheck(), *check);
  };
  Frame reply = co_await context.runtime.writer.Send(context.schema->generation(), context.info.auth.get(), fill);
  co_return ReadReply(reply, collection);
}

Task<Written> SendSaveCollection(RequestContext& context, const Collection& collection, bool is_new,
                                 std::string_view stored_id) {
  std::string id(stored_id);
  std::function<void(proto::Mutation::Builder)> fill = [&](proto::Mutation::Builder mutation) {
    auto save = mutation.initSaveCollection();
    save.setIsNew(is_new);
    save.setId(ToText(id));
    save.setNewId(ToText(collection.id));
    save.setName(ToText(collection.name));
    save.setRawType(ToText(collection.raw_type));
    save.setSystem(collection.system);
    save.setFields(ToText(StoredFields(collection)));
    save.setIndexes(ToText(StoredIndexes(collection)));
    save.setOptions(ToText(StoredOptions(collection)));
    save.setCreated(ToText(collection.created));
    auto rules = save.initRules(5);
    FillRule(rules[0], collection.list_rule);
    FillRule(rules[1], collection.view_rule);
    FillRule(rules[2], collection.create_rule);
    FillRule(rules[3], collection.update_rule);
    FillRule(rules[4], collection.delete_rule);
  };
  Frame reply = co_await context.runtime.writer.Send(context.schema->generation(), context.info.auth.get(), fill);
  co_return ReadReply(reply, nullptr);
}

Task<Written> SendDeleteCollection(RequestContext& context, std::string_view id) {
  std::string collection_id(id);
  std::function<void(proto::Mutation::Builder)> fill = [&](proto::Mutation::Builder mutation) {
    mutation.initDeleteCollection().setId(ToText(collection_id));
  };
  Frame reply = co_await context.runtime.writer.Send(context.schema->generation(), context.info.auth.get(), fill);
  co_return ReadReply(reply, nullptr);
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
  co_return co_await Read<bool>(context.runtime, read);
}

}  // namespace wombat

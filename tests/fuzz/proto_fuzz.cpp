// Bytes of a broken process on the writer's socket: frames are cut as the product cuts them, and every field that the writer
// or a worker reads is read. Cap'n Proto's complaints end where the product ends them; anything else is a crash.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "proto/frame.h"
#include "proto/values.h"

namespace {

using namespace wombat;

const CollectionPtr& Things() {
  static const CollectionPtr things = [] {
    auto collection = CollectionFromStored("pbc_1", false, "base", "things",
                                           R"([{"id":"a","name":"id","type":"text"},{"id":"b","name":"place","type":"geoPoint"},
                                               {"id":"c","name":"tags","type":"select","maxSelect":9,"values":["x"]}])",
                                           "[]", "{}");
    if (!collection) std::abort();
    collection->Prepare();
    return std::make_shared<const Collection>(std::move(*collection));
  }();
  return things;
}

std::size_t total = 0;
void Look(capnp::Text::Reader text) {
  for (char byte : View(text)) total += std::size_t(byte);
}

void ReadRow(capnp::List<proto::FieldValue>::Reader values) {
  Record record(Things());
  if (!ReadRecordValues(values, record)) return;
  for (int i = 0; i < int(record.collection().fields.size()); i++) total += record.value(i).Dump().size();
}

void ReadCheck(bool present, proto::RuleCheck::Reader check) {
  if (!present) return;
  Look(check.getSql());
  total += ReadSqlValues(check.getValues()).size();
}

void ReadCollection(proto::SaveCollection::Reader save) {
  for (auto text : {save.getId(), save.getNewId(), save.getName(), save.getRawType(), save.getFields(), save.getIndexes(),
                    save.getOptions(), save.getCreated()})
    Look(text);
  for (auto rule : save.getRules())
    if (rule.getIsSet()) Look(rule.getText());
  auto collection = CollectionFromStored(std::string(View(save.getNewId())), save.getSystem(),
                                         std::string(View(save.getRawType())), std::string(View(save.getName())),
                                         View(save.getFields()), View(save.getIndexes()), View(save.getOptions()));
  if (collection) total += collection->fields.size();
}

void ReadMutation(proto::Mutation::Reader mutation) {
  total += mutation.getSequence() + mutation.getSchemaGeneration();
  Look(mutation.getAuth().getCollectionId());
  Look(mutation.getAuth().getRecordId());
  switch (mutation.which()) {
    case proto::Mutation::CREATE_RECORD: {
      auto create = mutation.getCreateRecord();
      Look(create.getCollectionId());
      ReadCheck(create.hasCheck(), create.getCheck());
      ReadRow(create.getValues());
      break;
    }
    case proto::Mutation::UPDATE_RECORD: {
      auto update = mutation.getUpdateRecord();
      Look(update.getCollectionId());
      Look(update.getRecordId());
      total += update.getBasedOn();
      ReadCheck(update.hasCheck(), update.getCheck());
      ReadRow(update.getValues());
      for (unsigned field : update.getPasswordsSet()) total += field;
      break;
    }
    case proto::Mutation::DELETE_RECORD: {
      auto remove = mutation.getDeleteRecord();
      Look(remove.getCollectionId());
      Look(remove.getRecordId());
      ReadCheck(remove.hasCheck(), remove.getCheck());
      break;
    }
    case proto::Mutation::SAVE_COLLECTION: ReadCollection(mutation.getSaveCollection()); break;
    case proto::Mutation::DELETE_COLLECTION: Look(mutation.getDeleteCollection().getId()); break;
    case proto::Mutation::IMPORT_COLLECTIONS:
      for (auto save : mutation.getImportCollections().getCollections()) ReadCollection(save);
      break;
    case proto::Mutation::TRUNCATE_COLLECTION: Look(mutation.getTruncateCollection().getId()); break;
    case proto::Mutation::SAVE_SETTINGS: Look(mutation.getSaveSettings().getDocument()); break;
    case proto::Mutation::RUN_SQL: Look(mutation.getRunSql().getQuery()); break;
    case proto::Mutation::BATCH:
      for (auto item : mutation.getBatch().getItems()) ReadMutation(item);
      break;
  }
}

void ReadReply(proto::Reply::Reader reply) {
  total += reply.getSequence();
  switch (reply.which()) {
    case proto::Reply::RECORD: ReadRow(reply.getRecord().getValues()); break;
    case proto::Reply::COLLECTION: Look(reply.getCollection()); break;
    case proto::Reply::REFUSED: {
      ApiError error = ReadRefusal(reply.getRefused());
      if (!error.data.is_object()) std::abort();
      total += error.message.size();
      break;
    }
    case proto::Reply::CHANGED_ROWS: total += std::size_t(reply.getChangedRows()); break;
    case proto::Reply::BATCH:
      for (auto item : reply.getBatch()) ReadReply(item);
      break;
    case proto::Reply::BATCH_FAILED: total += ReadRefusal(reply.getBatchFailed().getRefusal()).message.size(); break;
    case proto::Reply::DONE:
    case proto::Reply::STALE:
    case proto::Reply::ROW_CHANGED: break;
  }
}

void ReadCall(proto::SessionCall::Reader call) {
  switch (call.which()) {
    case proto::SessionCall::BEGIN: total += call.getBegin().getTimeLimitMs(); break;
    case proto::SessionCall::STATEMENT:
      Look(call.getStatement().getSql());
      total += ReadSqlValues(call.getStatement().getValues()).size();
      break;
    case proto::SessionCall::MUTATION: ReadMutation(call.getMutation()); break;
    case proto::SessionCall::COMMIT: total += call.getCommit(); break;
    case proto::SessionCall::ROLLBACK: total += ReadRefusal(call.getRollback()).message.size(); break;
  }
}

void ReadSessionReply(proto::SessionReply::Reader reply) {
  switch (reply.which()) {
    case proto::SessionReply::ROWS:
      for (auto column : reply.getRows().getColumns()) Look(column);
      total += ReadSqlValues(reply.getRows().getValues()).size();
      break;
    case proto::SessionReply::FAILED: Look(reply.getFailed().getMessage()); break;
    case proto::SessionReply::MUTATION: ReadReply(reply.getMutation()); break;
    case proto::SessionReply::REFUSED: total += ReadRefusal(reply.getRefused()).message.size(); break;
    case proto::SessionReply::ENDED: total += std::size_t(reply.getEnded()); break;
    case proto::SessionReply::BEGUN:
    case proto::SessionReply::STALE:
    case proto::SessionReply::COMMITTED: break;
  }
}

void LookAt(capnp::Data::Reader data) {
  for (auto byte : data) total += byte;
}

void ReadHeaders(capnp::List<proto::Header>::Reader headers) {
  for (auto header : headers) {
    Look(header.getName());
    Look(header.getValue());
  }
}

void ReadChanges(proto::Changes::Reader changes) {
  total += changes.getSchemaGeneration() + std::size_t(changes.getLost());
  for (auto change : changes.getItems()) {
    total += std::size_t(change.getAction());
    Look(change.getCollectionId());
    Look(change.getRecordId());
    ReadRow(change.getValues());
    ReadRow(change.getBefore());
  }
}

void ReadPassOn(proto::PassOn::Reader request) {
  total += request.getToWorker() + request.getFromWorker() + request.getIncarnation() + request.getNumber();
  for (auto text : {request.getMethod(), request.getTarget(), request.getRemoteIp(), request.getUserIp()}) Look(text);
  ReadHeaders(request.getHeaders());
  LookAt(request.getBody());
}

void ReadPassOnReply(proto::PassOnReply::Reader reply) {
  total += reply.getToWorker() + reply.getIncarnation() + reply.getNumber();
  switch (reply.which()) {
    case proto::PassOnReply::ANSWER:
      Look(reply.getAnswer().getContentType());
      ReadHeaders(reply.getAnswer().getHeaders());
      LookAt(reply.getAnswer().getBody());
      break;
    case proto::PassOnReply::REFUSED: total += ReadRefusal(reply.getRefused()).message.size(); break;
    case proto::PassOnReply::UNREACHABLE: break;
  }
}

void ReadMessage(const Frame& frame) {
  auto message = frame.message();
  switch (message.which()) {
    case proto::Message::HELLO: total += message.getHello().getIncarnation(); break;
    case proto::Message::MUTATION: ReadMutation(message.getMutation()); break;
    case proto::Message::REPLY: ReadReply(message.getReply()); break;
    case proto::Message::SESSION: ReadCall(message.getSession()); break;
    case proto::Message::SESSION_REPLY: ReadSessionReply(message.getSessionReply()); break;
    case proto::Message::CHANGES: ReadChanges(message.getChanges()); break;
    case proto::Message::TOPIC_MESSAGE:
      Look(message.getTopicMessage().getName());
      LookAt(message.getTopicMessage().getPayload());
      break;
    case proto::Message::PASS_ON: ReadPassOn(message.getPassOn()); break;
    case proto::Message::PASS_ON_REPLY: ReadPassOnReply(message.getPassOnReply()); break;
    case proto::Message::LOG_BATCH:
      for (auto entry : message.getLogBatch().getEntries()) {
        total += std::size_t(entry.getLevel());
        for (auto text : {entry.getMessage(), entry.getDataJson(), entry.getCreated()}) Look(text);
      }
      break;
    case proto::Message::COMMAND:
      for (auto word : message.getCommand().getWords()) Look(word);
      break;
    case proto::Message::COMMAND_REPLY: {
      auto reply = message.getCommandReply();
      total += std::size_t(reply.getExitStatus());
      Look(reply.getOutput());
      Look(reply.getError());
      break;
    }
  }
}

std::size_t Frames(std::string_view bytes, std::size_t cut, bool& understood) {
  std::size_t frames = 0;
  FrameReader reader;
  auto take = [&](Frame frame) {
    frames++;
    ReadMessage(frame);
  };
  understood = reader.Feed(bytes.substr(0, cut), take) && reader.Feed(bytes.substr(cut), take);
  return frames;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  // Where the stream is cut changes nothing.
  bool whole_understood = false, cut_understood = false;
  std::size_t whole = Frames(input, input.size(), whole_understood);
  std::size_t cut = Frames(input, data[0] % (input.size() + 1), cut_understood);
  if (whole != cut || whole_understood != cut_understood) std::abort();
  // The input as one message behind a header that fits, so that random bytes get past the length.
  std::string framed;
  std::uint32_t length = std::uint32_t(input.size() / 8 * 8);
  if (length == 0) return 0;
  framed.append(reinterpret_cast<const char*>(&length), sizeof length).append(input.substr(0, length));
  bool understood = false;
  Frames(framed, framed.size(), understood);
  // One segment that takes all of it: the pointers are then what the fuzzer plays with.
  std::uint32_t table[2] = {0, length / 8};
  length += 8;
  framed.assign(reinterpret_cast<const char*>(&length), sizeof length);
  framed.append(reinterpret_cast<const char*>(table), sizeof table).append(input.substr(0, length - 8));
  Frames(framed, framed.size(), understood);
  return 0;
}

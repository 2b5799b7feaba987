// A fresh data directory with a commit lane over it, spoken to as workers do: in messages, through real sockets.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/schema/change.h"
#include "proto/values.h"
#include "tests/writer/data_directory.h"
#include "writer/bootstrap/bootstrap.h"
#include "writer/lane/commit_lane.h"

namespace wombat {

using Fill = std::function<void(proto::Mutation::Builder)>;

// What the writer answered.
class Answer {
 public:
  explicit Answer(Frame frame) : frame_(std::move(frame)) {}
  proto::Reply::Reader reply() const { return frame_.message().getReply(); }
  bool is_record() const { return reply().isRecord(); }
  bool is_done() const { return reply().isDone(); }
  bool is_collection() const { return reply().isCollection(); }
  bool is_stale() const { return reply().isStale(); }
  bool is_row_changed() const { return reply().isRowChanged(); }
  bool is_refused() const { return reply().isRefused(); }
  // Status 0 when it is no refusal.
  ApiError error() const { return is_refused() ? ReadRefusal(reply().getRefused()) : ApiError{0, {}, Json::Object(), {}}; }
  Record record(const CollectionPtr& collection) const {
    Record record(collection);
    EXPECT_TRUE(is_record()) << error().message << " " << error().data.Dump() << " " << error().log_details;
    if (is_record() && !ReadRecordValues(reply().getRecord().getValues(), record)) ADD_FAILURE() << "not of this collection";
    return record;
  }

 private:
  Frame frame_;
};

inline std::ostream& operator<<(std::ostream& out, const Answer& answer) {
  ApiError error = answer.error();
  return out << "reply " << int(answer.reply().which()) << " " << error.status << " " << error.message << " "
             << error.data.Dump() << " " << error.log_details;
}

// A worker's end of a connection to the lane.
class TestWorker {
 public:
  explicit TestWorker(std::uint64_t incarnation) : incarnation_(incarnation) {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    peer_ = std::make_shared<Peer>(UniqueFd(ends[0]), [](int) {});
    peer_->incarnation = incarnation;
    peer_->said_hello = true;
    end_ = UniqueFd(ends[1]);
  }

  std::uint64_t NextSequence() { return next_sequence_++; }
  std::uint64_t incarnation() const { return incarnation_; }

  CommitLane::Job Job(std::uint64_t sequence, std::uint64_t generation, const Fill& fill) const {
    capnp::MallocMessageBuilder builder;
    auto mutation = builder.initRoot<proto::Message>().initMutation();
    mutation.setSequence(sequence);
    mutation.setSchemaGeneration(generation);
    fill(mutation);
    std::string bytes;
    AppendFrame(bytes, builder);
    return CommitLane::FromWorker{peer_, Frame(std::as_bytes(std::span(bytes).subspan(sizeof(std::uint32_t))))};
  }

  Answer Receive(std::uint64_t sequence) {
    while (!answers_.contains(sequence)) {
      char buffer[65536];
      ssize_t n = ::recv(end_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
      if (n <= 0) break;
      EXPECT_TRUE(frames_.Feed({buffer, std::size_t(n)}, [&](Frame frame) {
        std::uint64_t answered = frame.message().getReply().getSequence();
        EXPECT_TRUE(answers_.emplace(answered, std::move(frame)).second) << "answered twice: " << answered;
      }));
    }
    auto at = answers_.find(sequence);
    if (at == answers_.end()) {
      ADD_FAILURE() << "no answer to " << sequence;
      std::abort();
    }
    Answer answer(std::move(at->second));
    answers_.erase(at);
    return answer;
  }

 private:
  std::uint64_t incarnation_;
  std::uint64_t next_sequence_ = 1;
  PeerPtr peer_;
  UniqueFd end_;
  FrameReader frames_;
  std::map<std::uint64_t, Frame> answers_;
};

class LaneTest : public ::testing::Test {
 protected:
  LaneTest() : page_(CreateSharedPage()), worker_(std::make_unique<TestWorker>(7)) {
    auto opened = Bootstrap({directory_.path().string(), {}});
    EXPECT_TRUE(opened) << opened.error().message;
    data_ = std::move(*opened);
    OpenLane();
  }

  std::string DatabasePath() const { return directory_.file("data.db"); }
  // A lane as the next writer process of the same server makes it.
  void OpenLane() {
    lane_ = std::make_unique<CommitLane>(*data_.data, app_, *page_);
    auto prepared = lane_->Prepare(DatabasePath());
    EXPECT_TRUE(prepared) << prepared.error().message;
  }
  std::uint64_t generation() const { return page_->schema_generation.load(); }
  SchemaPtr schema() {
    auto loaded = LoadSchema(*data_.data, generation());
    EXPECT_TRUE(loaded) << loaded.error().message;
    return *loaded;
  }
  CollectionPtr Shared(std::string_view name) {
    CollectionPtr found = schema()->FindShared(name);
    EXPECT_TRUE(found) << name;
    return found;
  }

  // All of them wait when the lane starts: one group.
  void RunTogether(std::vector<CommitLane::Job> jobs) {
    lane_->Push(std::move(jobs));
    lane_->Start();
    lane_->Stop();
  }
  std::vector<Answer> Together(const std::vector<Fill>& fills) {
    std::vector<CommitLane::Job> jobs;
    std::vector<std::uint64_t> sequences;
    for (const Fill& fill : fills) {
      sequences.push_back(worker_->NextSequence());
      jobs.push_back(worker_->Job(sequences.back(), generation(), fill));
    }
    RunTogether(std::move(jobs));
    std::vector<Answer> answers;
    for (auto sequence : sequences) answers.push_back(worker_->Receive(sequence));
    return answers;
  }
  Answer Do(const Fill& fill) { return std::move(Together({fill})[0]); }
  ApiResult<void> DoInternal(std::function<ApiResult<void>(LaneTransaction&)> run) {
    ApiResult<void> result = Refuse(500, "never called");
    lane_->RunNow(CommitLane::Internal{std::move(run), [&](ApiResult<void> done) { result = std::move(done); }});
    return result;
  }

  // ---- mutations
  template <class Builder>
  static void FillRecord(Builder out, const Record& record) {
    out.setCollectionId(ToText(record.collection().id));
    WriteRecordValues(out.initValues(unsigned(record.collection().fields.size())), record);
    std::vector<std::uint16_t> passwords;
    for (std::size_t i = 0; i < record.collection().fields.size(); i++)
      if (record.PlainPassword(int(i))) passwords.push_back(std::uint16_t(i));
    auto list = out.initPasswordsSet(unsigned(passwords.size()));
    for (unsigned i = 0; i < list.size(); i++) list.set(i, passwords[i]);
  }
  Record NewRecord(std::string_view collection, const std::string& values) {
    Record record(Shared(collection));
    auto parsed = ParseJson(values);
    EXPECT_TRUE(parsed) << values;
    for (const auto& [name, value] : parsed->as_object()) record.Set(name, value);
    if (record.collection().password_field >= 0 && record.PlainPassword(record.collection().password_field))
      record.SetRaw(record.collection().password_field, "$2a$04$hash of " + values);
    return record;
  }
  Fill Creating(std::string_view collection, const std::string& values) {
    auto record = std::make_shared<Record>(NewRecord(collection, values));
    return [record](proto::Mutation::Builder mutation) { FillRecord(mutation.initCreateRecord(), *record); };
  }
  // The stored row with these values changed. `computed`: one of them depends on the row they were computed from.
  Fill Updating(std::string_view collection, std::string_view id, const std::string& values, std::uint64_t based_on = 0,
                bool computed = false) {
    auto record = std::make_shared<Record>(Stored(collection, id));
    Record before = *record;
    auto parsed = ParseJson(values);
    EXPECT_TRUE(parsed) << values;
    for (const auto& [name, value] : parsed->as_object()) record->Set(name, value);
    int password = record->collection().password_field;
    if (password >= 0 && record->PlainPassword(password)) record->SetRaw(password, "$2a$04$hash of " + values);
    std::vector<std::uint16_t> changed;
    for (std::size_t i = 0; i < before.collection().fields.size(); i++)
      if (!(record->value(int(i)) == before.value(int(i)))) changed.push_back(std::uint16_t(i));
    std::string old_id(id);
    return [record, old_id, based_on, computed, changed](proto::Mutation::Builder mutation) {
      auto update = mutation.initUpdateRecord();
      FillRecord(update, *record);
      update.setRecordId(ToText(old_id));
      update.setBasedOn(based_on);
      update.setComputed(computed);
      auto list = update.initChanged(unsigned(changed.size()));
      for (unsigned i = 0; i < list.size(); i++) list.set(i, changed[i]);
    };
  }
  Fill Deleting(std::string_view collection, std::string_view id) {
    std::string collection_id = Shared(collection)->id, record_id(id);
    return [collection_id, record_id](proto::Mutation::Builder mutation) {
      auto remove = mutation.initDeleteRecord();
      remove.setCollectionId(ToText(collection_id));
      remove.setRecordId(ToText(record_id));
    };
  }
  Fill SavingCollection(std::shared_ptr<Collection> collection, const std::string& stored_id) {
    return [collection, stored_id](proto::Mutation::Builder mutation) {
      auto save = mutation.initSaveCollection();
      save.setIsNew(stored_id.empty());
      save.setId(ToText(stored_id));
      save.setNewId(ToText(collection->id));
      save.setName(ToText(collection->name));
      save.setRawType(ToText(collection->raw_type));
      save.setSystem(collection->system);
      std::string fields = StoredFields(*collection), indexes = StoredIndexes(*collection), options = StoredOptions(*collection);
      save.setFields(ToText(fields));
      save.setIndexes(ToText(indexes));
      save.setOptions(ToText(options));
      save.setCreated(ToText(collection->created));
      auto rules = save.initRules(5);
      const Rule* sources[] = {&collection->list_rule, &collection->view_rule, &collection->create_rule,
                               &collection->update_rule, &collection->delete_rule};
      for (unsigned i = 0; i < 5; i++) {
        rules[i].setIsSet(sources[i]->has_value());
        if (*sources[i]) rules[i].setText(ToText(**sources[i]));
      }
    };
  }
  Fill CreatingCollection(const std::string& body, CollectionType type = CollectionType::kBase) {
    auto collection = std::make_shared<Collection>(NewCollection(type));
    Apply(*collection, body);
    NormalizeCollection(*collection, nullptr, *schema());
    return SavingCollection(collection, {});
  }
  Fill ChangingCollection(std::string_view name, const std::string& body) {
    auto collection = std::make_shared<Collection>(*Shared(name));
    std::string id = collection->id;
    Apply(*collection, body);
    return SavingCollection(collection, id);
  }
  static Fill DeletingCollection(const std::string& id) {
    return [id](proto::Mutation::Builder mutation) { mutation.initDeleteCollection().setId(ToText(id)); };
  }

  // ---- done at once
  void CreateCollection(const std::string& body, CollectionType type = CollectionType::kBase) {
    Answer answer = Do(CreatingCollection(body, type));
    ASSERT_TRUE(answer.is_collection()) << answer;
  }
  // The new record's id.
  std::string Create(std::string_view collection, const std::string& values) {
    Answer answer = Do(Creating(collection, values));
    return std::string(answer.record(Shared(collection)).id());
  }

  // ---- what is stored
  Record Stored(std::string_view collection, std::string_view id) {
    CollectionPtr shared = Shared(collection);
    auto row = data_.data->Prepare("SELECT " + shared->select_columns + " FROM `" + shared->name + "` WHERE `id` = ?");
    EXPECT_TRUE(row);
    row->Bind(1, SqlValue(std::string(id)));
    EXPECT_TRUE(row->Step().value_or(false)) << collection << " has no " << id;
    return Record::FromRow(shared, *row);
  }
  std::int64_t Count(const std::string& table, const std::string& where = "1") {
    auto value = data_.data->QueryValue("SELECT COUNT(*) FROM `" + table + "` WHERE " + where);
    EXPECT_TRUE(value) << value.error().message;
    return value ? std::get<std::int64_t>(*value) : -1;
  }

  static void Apply(Collection& collection, const std::string& body) {
    auto parsed = ParseJson(body);
    ASSERT_TRUE(parsed) << body;
    auto applied = ApplyCollectionBody(collection, *parsed);
    ASSERT_TRUE(applied) << applied.error().message;
  }

  TemporaryDirectory directory_;
  App app_;
  SharedPage* page_;
  DataDirectory data_;
  std::unique_ptr<CommitLane> lane_;
  std::unique_ptr<TestWorker> worker_;
};

}  // namespace wombat

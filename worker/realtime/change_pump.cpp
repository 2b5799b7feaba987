#include "worker/realtime/change_pump.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "common/base/text.h"
#include "common/records/row_json.h"
#include "proto/values.h"
#include "worker/pause.h"
#include "worker/read.h"

namespace wombat {
namespace {

// More is not caught up with any more: the clients connect again instead.
constexpr std::size_t kMaxWaitingBytes = 128u << 20;
constexpr std::size_t kQuestionsOnLoop = 64;
constexpr std::chrono::seconds kQuestionTimeLimit{2};
constexpr std::chrono::milliseconds kPoolIsFullPause{20};
// A round that takes longer than this is followed by a rest, in proportion.
constexpr std::uint64_t kShortRoundNs = 500'000, kRestPerWork = 3, kLongestRestNs = 100'000'000;
// Frames whose messages are written together.
constexpr std::size_t kFramesInFlush = 128;
// Rows of one transaction that its deletes are judged with; a larger one is judged by what is left.
constexpr std::size_t kMaxShownRows = 1000;

std::string_view ActionName(proto::ChangeAction action) {
  switch (action) {
    case proto::ChangeAction::CREATE:
      return "create";
    case proto::ChangeAction::UPDATE:
      return "update";
    case proto::ChangeAction::DELETE:
      break;
  }
  return "delete";
}

std::shared_ptr<const Record> ReadRecord(const CollectionPtr& collection,
                                         capnp::List<proto::FieldValue>::Reader values) {
  auto record = std::make_shared<Record>(collection);
  if (!ReadRecordValues(values, *record)) return nullptr;
  record->TakeAsOriginal();
  record->MarkSaved();
  return record;
}

}  // namespace

ChangePump::ChangePump(Runtime& runtime, RealtimeHub& hub)
    : runtime_(runtime),
      hub_(hub),
      tables_(runtime.config.data_dir + "/data.db"),
      turn_(new uv_check_t),
      pause_(new uv_timer_t) {
  uv_check_init(runtime.loop, turn_);
  turn_->data = this;
  uv_check_start(turn_, [](uv_check_t* check) { static_cast<ChangePump*>(check->data)->RunUnlessResting(); });
  uv_unref(reinterpret_cast<uv_handle_t*>(turn_));
  uv_timer_init(runtime.loop, pause_);
  pause_->data = this;
  uv_unref(reinterpret_cast<uv_handle_t*>(pause_));
}

// Telling thousands of clients takes a while, and requests shall not wait behind one such round after the other. What
// comes during the rest is told in the next round, in fewer and longer writes.
void ChangePump::RunUnlessResting() {
  if (running_ || waiting_.empty()) return;
  const std::uint64_t begin = uv_hrtime();
  if (begin < rests_until_ns_) {
    if (uv_is_active(reinterpret_cast<uv_handle_t*>(pause_))) return;
    uv_timer_start(
        pause_, [](uv_timer_t* timer) { static_cast<ChangePump*>(timer->data)->RunUnlessResting(); },
        (rests_until_ns_ - begin) / 1'000'000 + 1, 0);
    return;
  }
  Start(Run());
  const std::uint64_t took = uv_hrtime() - begin;
  if (took > kShortRoundNs) rests_until_ns_ = begin + took + std::min(took * kRestPerWork, kLongestRestNs);
}

ChangePump::~ChangePump() {
  uv_close(reinterpret_cast<uv_handle_t*>(turn_),
           [](uv_handle_t* check) { delete reinterpret_cast<uv_check_t*>(check); });
  uv_close(reinterpret_cast<uv_handle_t*>(pause_),
           [](uv_handle_t* timer) { delete reinterpret_cast<uv_timer_t*>(timer); });
}

void ChangePump::Push(Frame frame) {
  if (hub_.size() == 0) return;
  if (waiting_bytes_ + frame.bytes() > kMaxWaitingBytes) return hub_.EndAll();
  waiting_bytes_ += frame.bytes();
  waiting_.push_back(std::move(frame));
}

void ChangePump::Expect(const SchemaPtr& schema) {
  if (!running_) schema_ = schema;
}

Task<void> ChangePump::Run() {
  running_ = true;
  for (std::size_t told = 1; !waiting_.empty(); told++) {
    Frame frame = std::move(waiting_.front());
    waiting_.pop_front();
    auto message = frame.message();
    if (message.isTopicMessage()) {
      auto topic = message.getTopicMessage();
      auto payload = topic.getPayload();
      hub_.Broadcast({std::string(View(topic.getName())),
                      std::string(reinterpret_cast<const char*>(payload.begin()), payload.size())});
    } else if (message.isChanges()) {
      co_await Tell(message.getChanges());
    }
    waiting_bytes_ -= frame.bytes();
    if (told % kFramesInFlush == 0) hub_.Flush();
  }
  hub_.Flush();
  running_ = false;
}

// Changes are of the schema that they were made under; a worker that has seen a newer one since still knows it.
SchemaPtr ChangePump::SchemaOf(std::uint64_t generation) {
  if (!schema_ || schema_->generation() != generation) {
    (void)runtime_.snapshots.Refresh();
    schema_ = runtime_.snapshots.schema();
  }
  if (schema_) hub_.CompareAuth(*schema_);
  return schema_;
}

std::vector<ChangePump::Change> ChangePump::Read(proto::Changes::Reader message, const Schema& schema) {
  std::vector<Change> changes;
  changes.reserve(message.getItems().size());
  for (auto item : message.getItems()) {
    Change change;
    change.action = item.getAction();
    change.collection = schema.FindShared(View(item.getCollectionId()));
    if (!change.collection) continue;
    change.record_id = std::string(View(item.getRecordId()));
    change.record = ReadRecord(change.collection, item.getValues());
    if (!change.record) continue;
    if (item.getBefore().size() > 0) change.before = ReadRecord(change.collection, item.getBefore());
    change.announced = item.getAnnounced();
    change.token_key_changed = item.getTokenKeyChanged();
    changes.push_back(std::move(change));
  }
  return changes;
}

Task<void> ChangePump::Tell(proto::Changes::Reader message) {
  if (message.getLost()) {
    hub_.EndAll();
    co_return;
  }
  SchemaPtr schema = SchemaOf(message.getSchemaGeneration());
  if (!schema) co_return;
  std::vector<Change> changes = Read(message, *schema);
  for (std::size_t i = 0; i < changes.size(); i++) {
    const Change& change = changes[i];
    if (!change.announced) continue;
    auto identity = hub_.FindIdentity(change.collection->id, change.record_id);
    if (identity && change.action == proto::ChangeAction::UPDATE) {
      const bool other_key = identity->record && identity->record->Text("tokenKey") != change.record->Text("tokenKey");
      if (change.token_key_changed && other_key)
        hub_.SignOut(identity);
      else if (identity->record)
        identity->record = change.record;
    }
    co_await Announce(schema, changes, i);
    if (identity && change.action == proto::ChangeAction::DELETE) hub_.SignOut(identity);
  }
}

Task<void> ChangePump::Announce(const SchemaPtr& schema, const std::vector<Change>& changes, std::size_t index) {
  const Change& change = changes[index];
  const bool is_delete = change.action == proto::ChangeAction::DELETE;
  // A delete is judged by the state before its transaction, everything else by the state after it.
  std::shared_ptr<const Record> row = change.record;
  std::vector<RowBefore> shown;
  if (changes.size() > 1) {
    std::map<std::pair<const Collection*, std::string_view>, std::size_t> first, last;
    for (std::size_t i = 0; i < changes.size(); i++) {
      const std::pair<const Collection*, std::string_view> key(changes[i].collection.get(), changes[i].record_id);
      first.try_emplace(key, i);
      last[key] = i;
    }
    auto before = [](const Change& at) {
      if (at.action == proto::ChangeAction::CREATE) return std::shared_ptr<const Record>();
      return at.action == proto::ChangeAction::DELETE || !at.before ? at.record : at.before;
    };
    const std::pair<const Collection*, std::string_view> own(change.collection.get(), change.record_id);
    const Change& end = changes[last[own]];
    row = is_delete ? before(changes[first[own]]) : end.action == proto::ChangeAction::DELETE ? nullptr : end.record;
    if (is_delete && first.size() > 1 && first.size() <= kMaxShownRows)
      for (const auto& [key, at] : first)
        shown.push_back({changes[at].collection, changes[at].record_id, before(changes[at])});
  }
  Listeners listeners = FindListeners(schema, change, row != nullptr);
  if (listeners.empty()) co_return;
  std::vector<std::string_view> tags = TagsOf(*change.collection);
  if (runtime_.app.on_record_enrich.HasFor(tags))
    co_await Enrich(listeners, change, row, shown);
  else
    co_await Decide(listeners, change, row, shown);
  Deliver(listeners, ActionName(change.action));
}

ChangePump::Listeners ChangePump::FindListeners(const SchemaPtr& schema, const Change& change, bool row_exists) {
  Listeners listeners;
  const Collection& collection = *change.collection;
  const std::string by_name = collection.name + "/", by_id = collection.id + "/";
  const struct {
    std::string base;
    const Rule& rule;
  } topics[] = {{by_name + change.record_id, collection.view_rule},
                {by_id + change.record_id, collection.view_rule},
                {by_name + "*", collection.list_rule},
                {by_id + "*", collection.list_rule},
                {collection.name, collection.list_rule},
                {collection.id, collection.list_rule}};
  for (const auto& topic : topics) {
    // An id that holds the mark of options is compared as text.
    if (topic.base.find('?') != std::string::npos) {
      for (const Subscription* subscription : hub_.TopicsThatStartWith(topic.base + "?"))
        AddListeners(listeners, schema, change, *subscription, topic.rule, row_exists);
    } else if (const auto* subscriptions = hub_.FindTopic(topic.base)) {
      for (const auto& subscription : *subscriptions)
        AddListeners(listeners, schema, change, *subscription, topic.rule, row_exists);
    }
  }
  return listeners;
}

void ChangePump::AddListeners(Listeners& listeners, const SchemaPtr& schema, const Change& change,
                              const Subscription& subscription, const Rule& rule, bool row_exists) {
  std::unordered_map<const RealtimeIdentity*, std::size_t> by_identity;
  for (RealtimeClientImpl* client : subscription.clients) {
    auto auth = client->auth();
    const RealtimeIdentity* identity = auth ? client->identity().get() : nullptr;
    auto [at, added] = by_identity.try_emplace(identity, listeners.size());
    if (added) {
      Listener listener;
      listener.name = subscription.text;
      listener.question = {schema, change.collection, &rule, row_exists,
                           subscription.options.RequestOf(std::move(auth))};
      listeners.push_back(std::move(listener));
    }
    listeners[at->second].clients.push_back(client->shared_from_this());
  }
}

Task<void> ChangePump::Ask(Work work, std::size_t questions) {
  if (questions == 0) {
    (void)work(*runtime_.reader, false);
    co_return;
  }
  auto opened = tables_.Open();
  if (!opened) co_return;
  Connection& connection = **opened;
  if (questions <= kQuestionsOnLoop) {
    connection.SetTimeLimit(kLoopQueryBudget);
    auto done = work(connection, false);
    connection.SetTimeLimit({});
    if (done || done.error().kind != Error::Kind::kInterrupted) co_return;
  }
  std::function<bool(PoolThread&)> patiently = [&](PoolThread&) {
    const bool done = work(connection, true).has_value();
    connection.SetTimeLimit({});
    return done;
  };
  for (;;) {
    auto done = co_await runtime_.query_pool.Run<bool>(patiently);
    if (done) co_return;
    Pause pause(runtime_.loop, kPoolIsFullPause);
    co_await pause;
  }
}

Task<void> ChangePump::Decide(Listeners& listeners, const Change& change, std::shared_ptr<const Record> row,
                              std::vector<RowBefore> shown) {
  std::size_t questions = 0;
  for (const Listener& listener : listeners)
    if (!listener.question.is_trivial() || ShowsFromDatabase(listener.question)) questions++;
  const bool one_text_for_all = !change.collection->is_auth();
  std::string plain[2];  // for others, for superusers
  auto show_plain = [&](const AccessQuestion& question) {
    if (!one_text_for_all) return ShowPlainRecord(question, *change.record);
    std::string& text = plain[question.request.is_superuser()];
    if (text.empty()) text = ShowPlainRecord(question, *change.record);
    return text;
  };
  Work work = [&](Connection& connection, bool patient) -> Result<void> {
    if (questions > 0) {
      if (auto put = tables_.Show(shown); !put) return put;
      if (row)
        if (auto put = tables_.PutRow(*row, listeners[0].question.schema->generation()); !put) return put;
    }
    for (Listener& listener : listeners) {
      if (patient) connection.SetTimeLimit(kQuestionTimeLimit);
      auto allowed = MayHear(connection, listener.question);
      if (!allowed && !patient) return std::unexpected(allowed.error());
      listener.allowed = allowed && *allowed;
      if (!listener.allowed) continue;
      if (!ShowsFromDatabase(listener.question)) {
        listener.record_json = show_plain(listener.question);
        continue;
      }
      auto json = ShowRecord(connection, listener.question, *change.record);
      if (!json && !patient) return std::unexpected(json.error());
      listener.allowed = json.has_value();
      if (json) listener.record_json = std::move(*json);
    }
    return {};
  };
  co_await Ask(work, questions);
}

// With OnRecordEnrich bound: once for each subscription text and identity, on a copy of its own (07 §3.7).
Task<void> ChangePump::Enrich(Listeners& listeners, const Change& change, std::shared_ptr<const Record> row,
                              std::vector<RowBefore> shown) {
  for (Listener& listener : listeners) {
    const std::uint64_t generation = listener.question.schema->generation();
    Work may_hear = [&](Connection& connection, bool patient) -> Result<void> {
      if (auto put = tables_.Show(shown); !put) return put;
      if (row)
        if (auto put = tables_.PutRow(*row, generation); !put) return put;
      if (patient) connection.SetTimeLimit(kQuestionTimeLimit);
      auto allowed = MayHear(connection, listener.question);
      if (!allowed) return std::unexpected(allowed.error());
      listener.allowed = *allowed;
      return {};
    };
    co_await Ask(may_hear, 1);
    if (!listener.allowed) continue;
    RecordEnrichEvent event;
    event.app = &runtime_.app;
    event.record = std::make_shared<Record>(*change.record);
    event.info = &listener.question.request;
    bool was_shown = false;
    std::function<Task<HookResult>(RecordEnrichEvent&)> show = [&](RecordEnrichEvent& e) -> Task<HookResult> {
      std::shared_ptr<Record> record = e.record;
      Work work = [&](Connection& connection, bool patient) -> Result<void> {
        if (patient) connection.SetTimeLimit(kQuestionTimeLimit);
        auto json = ShowRecord(connection, listener.question, *record);
        if (!json) return std::unexpected(json.error());
        listener.record_json = std::move(*json);
        was_shown = true;
        return {};
      };
      co_await Ask(work, 1);
      if (!was_shown) co_return Refuse(400);
      co_return HookResult{};
    };
    std::vector<std::string_view> tags = TagsOf(*change.collection);
    auto enriched = co_await runtime_.app.on_record_enrich.Trigger(event, tags, show);
    listener.allowed = enriched.has_value();
    // A handler that went on nowhere leaves the record as it is, without expand and e-mail addresses.
    if (!was_shown) AppendRecordJson(listener.record_json, *event.record, Visibility());
  }
}

void ChangePump::Deliver(const Listeners& listeners, std::string_view action) {
  for (const Listener& listener : listeners) {
    if (!listener.allowed) continue;
    std::string payload = ChangePayload(listener.question.request, listener.record_json, action);
    if (!runtime_.app.on_realtime_message_send.empty()) {
      for (const auto& client : listener.clients) client->Send({listener.name, payload});
      continue;
    }
    auto tail = std::make_shared<const std::string>(RealtimeClientImpl::FrameTail(listener.name, payload));
    for (const auto& client : listener.clients) client->Deliver(tail);
  }
}

}  // namespace wombat

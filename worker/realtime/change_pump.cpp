#include "worker/realtime/change_pump.h"

#include <sched.h>

#include <algorithm>

#include "proto/values.h"
#include "worker/runtime.h"

namespace wombat {
namespace {

// More is not caught up with any more: the clients connect again instead.
constexpr std::size_t kMaxWaitingBytes = 128u << 20;
// One turn of the loop tells and writes this long at most, so that no request waits longer for it.
constexpr std::uint64_t kTellingNs = 500'000, kWritingNs = 150'000;
// Unless changes come faster than they are written: then requests wait for writing, and so do those who make the changes.
constexpr std::uint64_t kLateNs = 100'000'000, kMostWritingNs = 20'000'000;
// Changes are not told any further ahead of what is written.
constexpr std::size_t kMostMessagesAhead = 2048;
// Messages that go out together cost much less than each alone. So a round that took some time, and during which more was
// committed, is followed by a rest in proportion, unless enough has gathered already.
constexpr std::uint64_t kShortRoundNs = 500'000, kRestPerWork = 8, kLongestRestNs = 25'000'000;
constexpr std::size_t kEnoughMessages = 128;

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
      teller_(runtime, hub),
      turn_(new uv_check_t),
      go_on_(new uv_idle_t),
      pause_(new uv_timer_t) {
  uv_check_init(runtime.loop, turn_);
  turn_->data = this;
  uv_check_start(turn_, [](uv_check_t* check) { static_cast<ChangePump*>(check->data)->OnTurn(); });
  uv_unref(reinterpret_cast<uv_handle_t*>(turn_));
  uv_idle_init(runtime.loop, go_on_);
  uv_unref(reinterpret_cast<uv_handle_t*>(go_on_));
  uv_timer_init(runtime.loop, pause_);
  pause_->data = this;
  uv_unref(reinterpret_cast<uv_handle_t*>(pause_));
}

ChangePump::~ChangePump() {
  uv_close(reinterpret_cast<uv_handle_t*>(turn_),
           [](uv_handle_t* check) { delete reinterpret_cast<uv_check_t*>(check); });
  uv_close(reinterpret_cast<uv_handle_t*>(go_on_),
           [](uv_handle_t* idle) { delete reinterpret_cast<uv_idle_t*>(idle); });
  uv_close(reinterpret_cast<uv_handle_t*>(pause_),
           [](uv_handle_t* timer) { delete reinterpret_cast<uv_timer_t*>(timer); });
}

void ChangePump::OnTurn() {
  // Mutations of this turn shall not wait for what follows.
  runtime_.writer.FlushNow();
  // Not while a round is on its way: all that are written to in it shall be sent the same.
  const auto may_tell = [this] {
    return round_left_ == 0 && !running_ && !waiting_.empty() && hub_.outbox().longest() < kMostMessagesAhead;
  };
  if (may_tell()) Start(Run());
  if (Write() || may_tell())
    uv_idle_start(go_on_, [](uv_idle_t*) {});
  else
    uv_idle_stop(go_on_);
}

// The longer a change has waited, the more.
std::uint64_t ChangePump::Slice(std::uint64_t now_ns) const {
  if (waiting_.empty()) return kWritingNs;
  const std::uint64_t late = std::min(now_ns - std::min(now_ns, waiting_.front().since_ns), 10 * kLateNs);
  const std::uint64_t tenths = late / (kLateNs / 10);
  return std::min(kWritingNs * (1 + tenths * tenths / 10), kMostWritingNs);
}

bool ChangePump::Write() {
  Outbox& outbox = hub_.outbox();
  if (outbox.size() == 0) {  // they have all gone, perhaps in the middle of a round
    round_left_ = 0;
    return false;
  }
  const std::uint64_t begin = uv_hrtime();
  if (round_left_ == 0) {
    if (begin < rests_until_ns_ && outbox.longest() < kEnoughMessages) {
      if (!uv_is_active(reinterpret_cast<uv_handle_t*>(pause_)))
        uv_timer_start(
            pause_, [](uv_timer_t* timer) { static_cast<ChangePump*>(timer->data)->OnTurn(); },
            (rests_until_ns_ - begin) / 1'000'000 + 1, 0);
      return false;
    }
    round_left_ = outbox.size();
    round_ns_ = 0;
    pushed_in_round_ = false;
  }
  const std::uint64_t slice = Slice(begin);
  round_left_ -= outbox.Write(round_left_, begin + slice);
  const std::uint64_t end = uv_hrtime();
  round_ns_ += end - begin;
  if (outbox.size() == 0) round_left_ = 0;
  if (round_left_ > 0) {
    // Whoever waits for this core goes first: the writer with the next commit, or a client. The kernel alone would let
    // them wait until its next tick.
    if (slice == kWritingNs) ::sched_yield();
    return true;
  }
  if (pushed_in_round_ && round_ns_ > kShortRoundNs)
    rests_until_ns_ = end + std::min(round_ns_ * kRestPerWork, kLongestRestNs);
  return false;
}

void ChangePump::Push(Frame frame) {
  if (hub_.size() == 0) return;
  if (waiting_bytes_ + frame.bytes() > kMaxWaitingBytes) return hub_.EndAll();
  waiting_bytes_ += frame.bytes();
  pushed_in_round_ = true;
  waiting_.push_back({std::move(frame), uv_hrtime()});
}

void ChangePump::Expect(const SchemaPtr& schema) {
  if (!running_) schema_ = schema;
}

Task<void> ChangePump::Run() {
  running_ = true;
  const std::uint64_t until = uv_hrtime() + kTellingNs;
  while (!waiting_.empty()) {
    Frame frame = std::move(waiting_.front().frame);
    waiting_.pop_front();
    waiting_bytes_ -= frame.bytes();
    auto message = frame.message();
    if (message.isTopicMessage()) {
      auto topic = message.getTopicMessage();
      auto payload = topic.getPayload();
      hub_.Broadcast({std::string(View(topic.getName())),
                      std::string(reinterpret_cast<const char*>(payload.begin()), payload.size())});
    } else if (message.isChanges()) {
      co_await Tell(message.getChanges());
    }
    if (uv_hrtime() >= until) break;
  }
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

std::vector<CommittedChange> ChangePump::Read(proto::Changes::Reader message, const Schema& schema) {
  std::vector<CommittedChange> changes;
  changes.reserve(message.getItems().size());
  for (auto item : message.getItems()) {
    CommittedChange change;
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
  std::vector<CommittedChange> changes = Read(message, *schema);
  for (std::size_t i = 0; i < changes.size(); i++) {
    const CommittedChange& change = changes[i];
    if (!change.announced) continue;
    auto identity = hub_.FindIdentity(change.collection->id, change.record_id);
    if (identity && change.action == proto::ChangeAction::UPDATE) {
      const bool other_key = identity->record && identity->record->Text("tokenKey") != change.record->Text("tokenKey");
      if (change.token_key_changed && other_key)
        hub_.SignOut(identity);
      else if (identity->record)
        identity->record = change.record;
    }
    co_await teller_.Tell(schema, changes, i);
    if (identity && change.action == proto::ChangeAction::DELETE) hub_.SignOut(identity);
  }
}

}  // namespace wombat

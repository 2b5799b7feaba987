#include "writer/lane/announcer.h"

#include <algorithm>

#include "proto/values.h"

namespace wombat {
namespace {

// A frame of one transaction's changes is cut here; what its deletes are judged by is then only what the part holds.
constexpr std::size_t kMaxChangesInFrame = 2000;
// What gathers of one group of commits before it is sent in parts.
constexpr std::size_t kMaxGathered = 256u << 10;

std::string FrameOf(const std::function<void(proto::Message::Builder)>& fill) {
  capnp::MallocMessageBuilder builder;
  fill(builder.initRoot<proto::Message>());
  std::string frame;
  AppendFrame(frame, builder);
  return frame;
}

bool TokenKeyChanged(const RecordChange& change) {
  const Record& record = *change.record;
  return change.action == proto::ChangeAction::UPDATE && record.collection().is_auth() &&
         record.Get("tokenKey") != record.Original("tokenKey");
}

void WriteBefore(proto::Change::Builder out, const Record& record) {
  Record before(record.collection_ptr());
  for (std::size_t i = 0; i < record.original().size(); i++) before.SetRaw(int(i), record.original()[i]);
  WriteRecordValues(out.initBefore(unsigned(record.original().size())), before);
}

void WriteChange(proto::Change::Builder out, const RecordChange& change, bool with_before) {
  const Record& record = *change.record;
  const std::string id(record.id());
  out.setAction(change.action);
  out.setCollectionId(ToText(record.collection().id));
  out.setRecordId(ToText(id));
  WriteRecordValues(out.initValues(unsigned(record.collection().fields.size())), record);
  if (with_before && change.action == proto::ChangeAction::UPDATE) WriteBefore(out, record);
  out.setAnnounced(change.announced);
  out.setTokenKeyChanged(TokenKeyChanged(change));
}

}  // namespace

bool Announcer::IsWanted(const Collection& collection) const {
  if (!AnyInterest()) return false;
  return page_.interest.AnyOf(InterestBit(collection.name), InterestBit(collection.id),
                              [](std::size_t) { return true; });
}

void Announcer::Announce(const RecordChanges& changes, std::uint64_t schema_generation) {
  Workers receivers;
  bool deletes = false;
  for (const auto& change : changes) {
    deletes = deletes || change->action == proto::ChangeAction::DELETE;
    if (!change->announced || !change->wanted) continue;
    const Collection& collection = change->record->collection();
    page_.interest.AnyOf(InterestBit(collection.name), InterestBit(collection.id), [&](std::size_t worker) {
      receivers.set(worker);
      return false;
    });
  }
  if (receivers.none()) return;
  for (std::size_t begin = 0; begin < changes.size(); begin += kMaxChangesInFrame) {
    const std::size_t count = std::min(kMaxChangesInFrame, changes.size() - begin);
    alignas(capnp::word) char scratch[4096] = {};
    capnp::MallocMessageBuilder message(
        kj::arrayPtr(reinterpret_cast<capnp::word*>(scratch), sizeof scratch / sizeof(capnp::word)));
    auto out = message.initRoot<proto::Message>().initChanges();
    out.setSchemaGeneration(schema_generation);
    auto items = out.initItems(unsigned(count));
    for (std::size_t i = 0; i < count; i++) WriteChange(items[unsigned(i)], *changes[begin + i], deletes);
    Gather(receivers, message);
  }
}

void Announcer::Gather(const Workers& receivers, capnp::MessageBuilder& message) {
  std::lock_guard lock(mutex_);
  AppendFrame(announced_, message);
  if (!runs_.empty() && runs_.back().receivers == receivers)
    runs_.back().end = announced_.size();
  else
    runs_.push_back({receivers, announced_.size()});
  if (announced_.size() > kMaxGathered) SendGathered();
}

void Announcer::SendAnnounced() {
  std::lock_guard lock(mutex_);
  SendGathered();
}

// One write for each worker, usually: those that want to know of one change of a group want to know of all.
void Announcer::SendGathered() {
  std::size_t begin = 0;
  for (const Run& run : runs_) {
    const std::string_view frames = std::string_view(announced_).substr(begin, run.end - begin);
    for (std::size_t worker = 0; worker < run.receivers.size(); worker++)
      if (run.receivers[worker]) SendTo(worker, frames);
    begin = run.end;
  }
  runs_.clear();
  if (announced_.capacity() > 2 * kMaxGathered) announced_ = {};
  announced_.clear();
}

void Announcer::SendTo(std::size_t index, std::string_view frames) {
  Worker& worker = workers_[index];
  if (worker.peer) return worker.peer->Send(frames);
  const std::uint64_t incarnation = page_.interest.rows[index].incarnation.load();
  if (worker.kept_for != incarnation) {
    worker.kept_for = incarnation;
    worker.kept.clear();
    worker.lost = false;
  }
  if (worker.lost) return;
  worker.lost = worker.kept.size() + frames.size() > kMaxKept;
  if (worker.lost)
    worker.kept = {};
  else
    worker.kept += frames;
}

void Announcer::SendToInterested(std::string_view collection, std::string_view frame) {
  const std::size_t bit = InterestBit(collection);
  std::lock_guard lock(mutex_);
  SendGathered();
  page_.interest.AnyOf(bit, bit, [&](std::size_t worker) {
    SendTo(worker, frame);
    return false;
  });
}

void Announcer::Connected(const PeerPtr& peer, std::uint32_t index) {
  if (index >= workers_.size()) return;
  std::lock_guard lock(mutex_);
  Worker& worker = workers_[index];
  worker.peer = peer;
  if (worker.kept_for == peer->incarnation && worker.lost)
    peer->Send(FrameOf([](proto::Message::Builder message) { message.initChanges().setLost(true); }));
  else if (worker.kept_for == peer->incarnation && !worker.kept.empty())
    peer->Send(worker.kept);
  worker.kept_for = 0;
  worker.kept = {};
  worker.lost = false;
}

void Announcer::Gone(const Peer& peer) {
  std::lock_guard lock(mutex_);
  for (Worker& worker : workers_)
    if (worker.peer.get() == &peer) worker.peer.reset();
}

void Announcer::PassOn(const PeerPtr& from, proto::PassOn::Reader message) {
  PeerPtr to;
  {
    std::lock_guard lock(mutex_);
    if (message.getToWorker() < workers_.size()) to = workers_[message.getToWorker()].peer;
  }
  if (to) return to->Send(FrameOf([&](proto::Message::Builder out) { out.setPassOn(message); }));
  from->Send(FrameOf([&](proto::Message::Builder out) {
    auto reply = out.initPassOnReply();
    reply.setToWorker(message.getFromWorker());
    reply.setIncarnation(message.getIncarnation());
    reply.setNumber(message.getNumber());
    reply.setUnreachable();
  }));
}

void Announcer::PassOnReply(proto::PassOnReply::Reader message) {
  std::lock_guard lock(mutex_);
  if (message.getToWorker() >= workers_.size()) return;
  if (const PeerPtr& to = workers_[message.getToWorker()].peer)
    to->Send(FrameOf([&](proto::Message::Builder out) { out.setPassOnReply(message); }));
}

void Announcer::SendTopicMessage(proto::TopicMessage::Reader message) {
  const std::string frame = FrameOf([&](proto::Message::Builder out) { out.setTopicMessage(message); });
  const std::string_view name = View(message.getName());
  SendToInterested(name.substr(0, name.find_first_of("/?")), frame);
}

void Announcer::Broadcast(const RealtimeMessage& message) {
  const std::string frame = FrameOf([&](proto::Message::Builder out) {
    auto topic = out.initTopicMessage();
    topic.setName(ToText(message.name));
    topic.setPayload({reinterpret_cast<const kj::byte*>(message.data.data()), message.data.size()});
  });
  const std::string_view name = message.name;
  SendToInterested(name.substr(0, name.find_first_of("/?")), frame);
}

}  // namespace wombat

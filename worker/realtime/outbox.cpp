#include "worker/realtime/outbox.h"

#include <uv.h>

#include <algorithm>
#include <utility>

#include "worker/realtime/client.h"

namespace wombat {
namespace {

// Looking at the clock costs little, and a write about a hundred times as much.
constexpr std::size_t kWritesBetweenLooks = 4;

PendingMessages* Behind(PendingMessages* before, const std::vector<StreamBatch::Message>& messages) {
  if (before) before->holders++;
  return new PendingMessages{before, messages, messages.size() + (before ? before->count : 0), 1, {}};
}

void LetGo(PendingMessages* messages) {
  while (messages && --messages->holders == 0) delete std::exchange(messages, messages->before);
}

StreamBatch& BatchOf(PendingMessages& last, std::size_t prefix_bytes) {
  if (!last.batch || last.batch->prefix_bytes() != prefix_bytes) {
    std::vector<StreamBatch::Message> all(last.count);
    auto end = all.end();
    for (const PendingMessages* part = &last; part; part = part->before)
      end = std::copy_backward(part->messages.begin(), part->messages.end(), end);
    last.batch.emplace(std::move(all), prefix_bytes);
  }
  return *last.batch;
}

}  // namespace

void Outbox::Deliver(const std::vector<RealtimeClientImpl*>& clients, const StreamBatch::Message& message) {
  if (&clients != gathering_for_) Settle();
  gathering_for_ = &clients;
  gathered_.push_back(message);
}

void Outbox::DeliverTo(std::span<RealtimeClientImpl* const> clients, const StreamBatch::Message& message) {
  Settle();
  Append(clients, {message});
}

void Outbox::Settle() {
  if (!gathering_for_) return;
  Append(*std::exchange(gathering_for_, nullptr), std::exchange(gathered_, {}));
}

void Outbox::Append(std::span<RealtimeClientImpl* const> clients, std::vector<StreamBatch::Message> messages) {
  PendingMessages *before = nullptr, *with = nullptr;
  for (RealtimeClientImpl* client : clients) {
    if (!client->writer_) continue;
    if (!with || client->pending_ != before) {
      LetGo(with);
      before = client->pending_;
      with = Behind(before, messages);
    }
    if (!client->pending_) {
      waiting_.Append(client->outgoing_);
      size_++;
    }
    with->holders++;
    LetGo(std::exchange(client->pending_, with));
  }
  LetGo(with);
}

PendingMessages* Outbox::Take(RealtimeClientImpl& client) {
  Settle();
  if (client.pending_) size_--;
  client.outgoing_.Unlink();
  return std::exchange(client.pending_, nullptr);
}

void Outbox::WriteTo(RealtimeClientImpl& client) {
  PendingMessages* messages = Take(client);
  if (!messages) return;
  auto held = client.shared_from_this();
  client.WriteBatch(BatchOf(*messages, client.id_line().size()));
  LetGo(messages);
}

std::size_t Outbox::Write(std::size_t clients, std::uint64_t until_ns) {
  Settle();
  std::size_t written = 0;
  while (written < clients && size_ > 0) {
    WriteTo(*waiting_.front()->owner);
    if (++written % kWritesBetweenLooks == 0 && uv_hrtime() >= until_ns) break;
  }
  return written;
}

void Outbox::WriteAll() {
  Settle();
  while (size_ > 0) WriteTo(*waiting_.front()->owner);
}

void Outbox::Drop(RealtimeClientImpl& client) { LetGo(Take(client)); }

std::size_t Outbox::size() {
  Settle();
  return size_;
}

std::size_t Outbox::longest() {
  Settle();
  auto* first = waiting_.front();
  return first ? first->owner->pending_->count : 0;
}

}  // namespace wombat

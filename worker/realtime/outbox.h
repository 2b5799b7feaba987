// Messages that were delivered to clients and are not yet written.                            Behaviour: spec 05 §1.9.
//
// Clients that were delivered the same since they were last written to share one list of messages, so delivering costs a
// pointer a client, and the list is made into bytes once for all of them (StreamBatch). A client's messages leave in one
// write, in their order, whatever else happens meanwhile. Loop's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "worker/http/deadlines.h"
#include "worker/http/stream_batch.h"

namespace wombat {

class RealtimeClientImpl;

// Messages behind those of `before`. Kept by the clients that have yet to get them, and by longer lists.
struct PendingMessages {
  PendingMessages* before;
  std::vector<StreamBatch::Message> messages;
  std::size_t count;  // with those before
  std::uint32_t holders = 1;
  std::optional<StreamBatch> batch;
};

class Outbox {
 public:
  // `message` as for StreamWriter::Queue. Nothing is written yet, so no client ends by it. Several in a row for one list
  // gather and are delivered together: who changes the list says so before (Settle).
  void Deliver(const std::vector<RealtimeClientImpl*>& clients, const StreamBatch::Message& message);
  void DeliverTo(std::span<RealtimeClientImpl* const> clients, const StreamBatch::Message& message);
  void Settle();

  // Writes to `clients` of those who have waited longest, while the clock (uv_hrtime) says less than `until_ns`; at
  // least to one. To how many. A write can end its client, never another one.
  std::size_t Write(std::size_t clients, std::uint64_t until_ns);
  void WriteAll();
  void WriteTo(RealtimeClientImpl& client);
  // What waits for it is dropped.
  void Drop(RealtimeClientImpl& client);

  // How many clients wait.
  std::size_t size();
  // How many messages wait for who has waited longest.
  std::size_t longest();

 private:
  void Append(std::span<RealtimeClientImpl* const> clients, std::vector<StreamBatch::Message> messages);
  PendingMessages* Take(RealtimeClientImpl& client);

  LinkedList<RealtimeClientImpl> waiting_;
  std::size_t size_ = 0;
  const std::vector<RealtimeClientImpl*>* gathering_for_ = nullptr;
  std::vector<StreamBatch::Message> gathered_;
};

}  // namespace wombat

// Tells workers what was committed, as far as they have realtime clients for it, and carries messages between workers.
//                                                                                  design.md, "Realtime";
//                                                                                  writer/README.md.
//
// What a worker wants to know stands in the shared page (common/base/interest.h), so the lane asks no socket. A worker
// whose connection is away for a moment (this writer has just started) finds what it missed when it comes back.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "common/app/realtime.h"
#include "common/base/shared_page.h"
#include "common/records/record.h"
#include "writer/lane/peer.h"

namespace wombat {

// One record that a mutation saved or deleted.
struct RecordChange {
  proto::ChangeAction action;
  std::shared_ptr<const Record> record;  // right after it; of a delete right before it
  bool wanted = false;                   // some worker wants to know
  bool announced = false;                // the record's after-success hooks let it be told
};
using RecordChanges = std::vector<std::shared_ptr<RecordChange>>;

class Announcer final : public RealtimeBroker {
 public:
  explicit Announcer(SharedPage& page) : page_(page) {}

  // ---- lane
  bool AnyInterest() const { return page_.interest.Any(); }
  bool IsWanted(const Collection& collection) const;
  // After the COMMIT, in the order of commits. `changes`: of one mutation or session. They gather, and leave with
  // SendAnnounced, which has to come before the answers, or with whatever else is sent.
  void Announce(const RecordChanges& changes, std::uint64_t schema_generation);
  void SendAnnounced();

  // ---- mover
  void Connected(const PeerPtr& peer, std::uint32_t worker);
  void Gone(const Peer& peer);
  void PassOn(const PeerPtr& from, proto::PassOn::Reader message);
  void PassOnReply(proto::PassOnReply::Reader message);
  void SendTopicMessage(proto::TopicMessage::Reader message);

  // ---- RealtimeBroker, for hooks in the writer: it has no clients of its own. Any thread.
  void Broadcast(const RealtimeMessage& message) override;
  std::vector<std::shared_ptr<RealtimeClient>> clients() const override { return {}; }
  std::shared_ptr<RealtimeClient> FindClient(std::string_view) const override { return nullptr; }

 private:
  // What is kept for a worker that is not connected.
  static constexpr std::size_t kMaxKept = 16u << 20;

  struct Worker {
    PeerPtr peer;
    std::uint64_t kept_for = 0;  // the incarnation that `kept` is for
    std::string kept;
    bool lost = false;  // it was more than is kept
  };
  using Workers = std::bitset<kInterestWorkers>;
  // Frames in a row for the same workers, by where they end in `announced_`.
  struct Run {
    Workers receivers;
    std::size_t end;
  };
  void Gather(const Workers& receivers, capnp::MessageBuilder& message);
  void SendGathered();
  void SendTo(std::size_t worker, std::string_view frames);
  void SendToInterested(std::string_view collection, std::string_view frame);

  SharedPage& page_;
  std::mutex mutex_;
  std::string announced_;
  std::vector<Run> runs_;
  std::array<Worker, kInterestWorkers> workers_;
};

}  // namespace wombat

// What the writer announces, told to the clients that may hear it: one transaction after the other, in commit order.
//                                                                                        Behaviour: spec 05 §1.4–§1.7,
//                                                                                        §1.9.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "common/app/task.h"
#include "common/schema/schema.h"
#include "proto/frame.h"
#include "worker/realtime/change_teller.h"
#include "worker/realtime/hub.h"

namespace wombat {

struct Runtime;

class ChangePump {
 public:
  ChangePump(Runtime& runtime, RealtimeHub& hub);
  ~ChangePump();
  ChangePump(const ChangePump&) = delete;
  ChangePump& operator=(const ChangePump&) = delete;

  // A frame of changes or a topic message.
  void Push(Frame frame);
  // The schema that changes to come are probably of.
  void Expect(const SchemaPtr& schema);

 private:
  void OnTurn();
  Task<void> Run();
  Task<void> Tell(proto::Changes::Reader message);
  SchemaPtr SchemaOf(std::uint64_t generation);
  std::vector<CommittedChange> Read(proto::Changes::Reader message, const Schema& schema);
  // Whether it is to go on in the next turn.
  bool Write();
  // How long this turn may write.
  std::uint64_t Slice(std::uint64_t now_ns) const;

  Runtime& runtime_;
  RealtimeHub& hub_;
  ChangeTeller teller_;
  SchemaPtr schema_;
  struct Waiting {
    Frame frame;
    std::uint64_t since_ns;
  };
  std::deque<Waiting> waiting_;
  std::size_t waiting_bytes_ = 0;
  bool running_ = false;
  uv_check_t* turn_;   // what one loop turn brought is told together
  uv_idle_t* go_on_;   // active while the next turn is not to wait for anything
  uv_timer_t* pause_;  // ends a rest
  // A round writes to everybody who waited at its beginning, a slice in each turn.
  std::size_t round_left_ = 0;
  std::uint64_t round_ns_ = 0, rests_until_ns_ = 0;
  bool pushed_in_round_ = false;
};

}  // namespace wombat

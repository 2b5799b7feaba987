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
#include "worker/realtime/access.h"
#include "worker/realtime/event_tables.h"
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
  struct Change {
    proto::ChangeAction action;
    CollectionPtr collection;
    std::string record_id;
    std::shared_ptr<const Record> record;  // right after it; of a delete right before it
    std::shared_ptr<const Record> before;  // of an update, when it was sent
    bool announced = false, token_key_changed = false;
  };
  // Who hears the same of a change: one subscription text and one identity.
  struct Listener {
    std::string name;
    AccessQuestion question;
    std::vector<std::shared_ptr<RealtimeClientImpl>> clients;
    bool allowed = false;
    std::string record_json;
  };
  using Listeners = std::vector<Listener>;

  void RunUnlessResting();
  Task<void> Run();
  Task<void> Tell(proto::Changes::Reader message);
  Task<void> Announce(const SchemaPtr& schema, const std::vector<Change>& changes, std::size_t index);
  SchemaPtr SchemaOf(std::uint64_t generation);
  std::vector<Change> Read(proto::Changes::Reader message, const Schema& schema);

  Listeners FindListeners(const SchemaPtr& schema, const Change& change, bool row_exists);
  void AddListeners(Listeners& listeners, const SchemaPtr& schema, const Change& change,
                    const Subscription& subscription, const Rule& rule, bool row_exists);
  Task<void> Decide(Listeners& listeners, const Change& change, std::shared_ptr<const Record> row,
                    std::vector<RowBefore> shown);
  Task<void> Enrich(Listeners& listeners, const Change& change, std::shared_ptr<const Record> row,
                    std::vector<RowBefore> shown);
  using Work = std::function<Result<void>(Connection&, bool patient)>;
  // On the loop when there are few questions and they are quick, else on a pool thread.
  Task<void> Ask(Work work, std::size_t questions);
  void Deliver(const Listeners& listeners, std::string_view action);

  Runtime& runtime_;
  RealtimeHub& hub_;
  EventTables tables_;
  SchemaPtr schema_;
  std::deque<Frame> waiting_;
  std::size_t waiting_bytes_ = 0;
  bool running_ = false;
  uv_check_t* turn_;  // what one loop turn brought is told together
  uv_timer_t* pause_;
  std::uint64_t rests_until_ns_ = 0;
};

}  // namespace wombat

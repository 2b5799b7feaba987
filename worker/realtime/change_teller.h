// One committed change told to those clients that may hear it.                          Behaviour: spec 05 §1.4–§1.6.
//
// Clients of one subscription and one identity are asked about together, and so are whole subscriptions where the answer
// cannot differ; what they are told is made into text once. It only reaches the outbox here. Loop's thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/app/task.h"
#include "common/schema/schema.h"
#include "proto/messages.capnp.h"
#include "worker/realtime/access.h"
#include "worker/realtime/event_tables.h"
#include "worker/realtime/hub.h"

namespace wombat {

struct Runtime;

struct CommittedChange {
  proto::ChangeAction action;
  CollectionPtr collection;
  std::string record_id;
  std::shared_ptr<const Record> record;  // right after it; of a delete right before it
  std::shared_ptr<const Record> before;  // of an update, when it was sent
  bool announced = false, token_key_changed = false;
};

class ChangeTeller {
 public:
  ChangeTeller(Runtime& runtime, RealtimeHub& hub);

  // `changes`: of one transaction, all of the schema.
  Task<void> Tell(SchemaPtr schema, const std::vector<CommittedChange>& changes, std::size_t index);

 private:
  // What the change is judged by: a delete by the state before its transaction, everything else by the state after it.
  struct State {
    std::shared_ptr<const Record> row;  // null: there is none
    std::vector<RowBefore> shown;
  };
  struct Audience {
    std::shared_ptr<Subscription> subscription;
    Listeners* listeners;  // until the loop goes on; then `held` takes their place
    std::vector<std::shared_ptr<RealtimeClientImpl>> held;
    std::shared_ptr<const Record> auth;
    const Rule* rule;
    AccessQuestion question;  // filled in where it is asked or shown
    const RealtimeIdentity* identity;  // only to find them again
    std::size_t answered_by;           // an earlier one whose answer this is as well; or its own place
    bool superuser = false, asks = false, reads_to_show = false, allowed = false;
    Verdict verdict = {};
    std::string record_json = {};  // empty: the one that all see
  };
  struct Telling {
    SchemaPtr schema;
    const CommittedChange& change;
    State state;
    std::vector<Audience> audiences;
    std::vector<std::pair<std::string, std::size_t>> shared;  // questions and who asks them
    bool is_held = false;
  };
  using Work = std::function<Result<void>(Connection&, bool patient)>;

  static State StateOf(const std::vector<CommittedChange>& changes, std::size_t index);
  void FindAudiences(Telling& telling);
  void AddAudiences(Telling& telling, const std::shared_ptr<Subscription>& subscription, const Rule& rule);
  void AddAudience(Telling& telling, const std::shared_ptr<Subscription>& subscription, Listeners& listeners,
                   const Rule& rule);
  static void FillIn(const Telling& telling, Audience& audience);
  // The clients as they are now, for when the loop goes on in between.
  static void Hold(Telling& telling);
  // On the loop when there are few questions and they are quick, else on a pool thread.
  Task<void> Ask(Telling& telling, Work work, std::size_t questions);
  Task<void> Decide(Telling& telling);
  Result<void> AskAll(Telling& telling, Connection& connection, bool patient);
  static void KeepAnswers(Telling& telling);
  Task<void> Enrich(Telling& telling);
  void Deliver(Telling& telling);

  Runtime& runtime_;
  RealtimeHub& hub_;
  EventTables tables_;
};

}  // namespace wombat

// The realtime clients of this worker, and who of them is subscribed to what.                 Behaviour: spec 05
// §1.1–§1.3, §1.7.
//
// Loop's thread. Whatever is sent to a client can end it at once: hold what is iterated.
#pragma once

#include <uv.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/app/app.h"
#include "common/base/shared_page.h"
#include "common/schema/schema.h"
#include "worker/realtime/client.h"

namespace wombat {

class RealtimeHub {
 public:
  RealtimeHub(uv_loop_t* loop, App& app, SharedPage& page, int worker_index, std::uint64_t incarnation);
  ~RealtimeHub();
  RealtimeHub(const RealtimeHub&) = delete;
  RealtimeHub& operator=(const RealtimeHub&) = delete;

  App& app() { return app_; }

  // A client that is added when its stream opens. Its id names this worker (OwnerOf).
  std::shared_ptr<RealtimeClientImpl> NewClient(std::string user_ip);
  std::shared_ptr<RealtimeClientImpl> Find(std::string_view id) const;
  std::vector<std::shared_ptr<RealtimeClientImpl>> clients() const;
  std::size_t size() const { return clients_.size(); }
  // Whose client this is; -1 for an id that no worker has made.
  static int OwnerOf(std::string_view client_id);

  // Subscriptions whose text without options is `base`; null: none.
  const std::vector<std::shared_ptr<Subscription>>* FindTopic(std::string_view base) const;
  // Every topic of a collection part, for ids that are no plain text.
  std::vector<std::shared_ptr<Subscription>> TopicsThatStartWith(std::string_view prefix) const;
  // The clients of a whole subscription text.
  std::vector<std::shared_ptr<RealtimeClientImpl>> SubscribersOf(std::string_view text) const;

  // Every client that is signed in as this record is signed out, or sees the record's new state.
  std::shared_ptr<RealtimeIdentity> FindIdentity(std::string_view collection_id, std::string_view record_id) const;
  void SignOut(const std::shared_ptr<RealtimeIdentity>& identity);
  // Signs out whoever's auth collection is gone or has another token secret.
  void CompareAuth(const Schema& schema);

  // Delivered, and written with what else is in the outbox.
  void Broadcast(const RealtimeMessage& message);
  void EndAll();
  Outbox& outbox() { return outbox_; }

  // ---- clients'
  void Add(std::shared_ptr<RealtimeClientImpl> client);
  void Remove(RealtimeClientImpl& client);
  void Subscribe(RealtimeClientImpl& client, const std::vector<std::string>& texts);
  void Unsubscribe(RealtimeClientImpl& client, const std::vector<std::string>& texts);
  void SignIn(RealtimeClientImpl& client, std::shared_ptr<const Record> record);
  // Something is about to be written to it.
  void Touch(RealtimeClientImpl& client);

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  template <class Value>
  using ByText = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

  std::shared_ptr<RealtimeIdentity> IdentityOf(std::shared_ptr<const Record> record);
  Subscription& Obtain(const std::string& text);
  void Leave(RealtimeClientImpl& client, std::size_t place);
  static void Join(RealtimeClientImpl& client, RealtimeClientImpl::Place& place);
  static void Part(RealtimeClientImpl& client, const RealtimeClientImpl::Place& place);
  void CountInterest(std::string_view collection, int change);
  void OnTick();

  uv_loop_t* loop_;
  App& app_;
  SharedPage& page_;
  std::size_t worker_index_;
  uv_timer_t* timer_;
  ByText<std::shared_ptr<RealtimeClientImpl>> clients_;
  ByText<std::vector<std::shared_ptr<Subscription>>> topics_;  // by their text without options
  std::unordered_map<std::string_view, std::shared_ptr<Subscription>> by_text_;
  ByText<std::weak_ptr<RealtimeIdentity>> identities_;
  std::array<std::uint32_t, kInterestBits> interest_{};
  std::uint64_t compared_generation_ = 0;
  // Limits that all clients share run in order; a client with limits of its own is looked at in every tick.
  DeadlineQueue<RealtimeClientImpl> idle_, lifetime_;
  LinkedList<RealtimeClientImpl> own_limits_;
  Outbox outbox_;
};

}  // namespace wombat

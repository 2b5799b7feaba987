// One realtime client of this worker: an open event stream and what it is subscribed to.        Behaviour: spec 05
// §1.1.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/app/events.h"
#include "worker/http/deadlines.h"
#include "worker/http/stream.h"
#include "worker/realtime/kept_request.h"
#include "worker/realtime/outbox.h"
#include "worker/realtime/signal.h"
#include "worker/realtime/topics.h"

namespace wombat {

class RealtimeHub;
class RealtimeClientImpl;

inline constexpr std::chrono::minutes kRealtimeIdleTimeout{5}, kRealtimeMaxTimeout{30};

// Who clients are signed in as: one for all clients of the same record, so that a changed record is changed once.
struct RealtimeIdentity {
  std::string key;                       // collection id / record id
  std::shared_ptr<const Record> record;  // null: signed out since
};

// What a rule said that asks nothing but who the client is: it stays so as long as they and the rule do.
struct KeptAnswer {
  const Rule* rule = nullptr;  // of that generation's schema
  std::uint64_t generation = 0;
  std::shared_ptr<const Record> auth;
  bool allowed = false;
};

// Those of a subscription's clients who are signed in as the same record, or not at all: they hear the same.
struct Listeners {
  const RealtimeIdentity* identity = nullptr;  // held by each of the clients
  std::vector<RealtimeClientImpl*> clients;
  KeptAnswer answer;
};

// One distinct subscription text with its clients.
struct Subscription {
  std::string text;
  TopicOptions options;
  std::unordered_map<const RealtimeIdentity*, Listeners> listeners;
};

class RealtimeClientImpl final : public RealtimeClient, public std::enable_shared_from_this<RealtimeClientImpl> {
 public:
  RealtimeClientImpl(RealtimeHub& hub, const std::string& id, std::string user_ip);

  std::string_view id() const override { return std::string_view(id_line_).substr(3, id_line_.size() - 4); }
  std::vector<std::string> subscriptions() const override;
  bool HasSubscription(std::string_view text) const override;
  void Subscribe(const std::vector<std::string>& texts) override;
  void Unsubscribe(const std::vector<std::string>& texts) override;
  std::shared_ptr<const Record> auth() const override { return identity_ ? identity_->record : nullptr; }
  void SetAuth(std::shared_ptr<const Record> auth) override;
  void Send(RealtimeMessage message) override;
  void Discard() override;
  bool is_discarded() const override { return ended_; }

  const std::string& user_ip() const { return user_ip_; }
  const std::shared_ptr<RealtimeIdentity>& identity() const { return identity_; }

  // Before the stream opens. What message hooks are told that the connection's request was.
  void KeepRequest(std::shared_ptr<KeptRequest> request) { request_ = std::move(request); }
  std::chrono::nanoseconds idle_timeout = kRealtimeIdleTimeout, max_timeout = kRealtimeMaxTimeout;

  // The stream's: says PB_CONNECT; the connection has gone.
  void Open(StreamWriter& writer);
  void End();
  // Set when the client has ended.
  Signal& ended() { return ended_signal_; }

  std::string_view id_line() const { return id_line_; }
  // A message behind its id line.
  static std::string FrameTail(std::string_view name, std::string_view data);

 private:
  friend class RealtimeHub;
  friend class Outbox;
  // Without message hooks, at once.
  void SendNow(const RealtimeMessage& message);
  void WriteBatch(StreamBatch& batch);
  static Task<void> SendThroughHooks(std::shared_ptr<RealtimeClientImpl> self);

  struct Place {
    Subscription* subscription;
    Listeners* listeners;  // of it
    std::size_t index;     // in their clients
  };

  RealtimeHub& hub_;
  std::string id_line_;  // "id:…\n"
  std::string user_ip_;
  std::shared_ptr<RealtimeIdentity> identity_;
  std::vector<Place> places_;
  StreamWriter* writer_ = nullptr;
  PendingMessages* pending_ = nullptr;  // the outbox's
  ListLink<RealtimeClientImpl> outgoing_{this}, idle_{this}, lifetime_{this};
  std::uint64_t idle_due_ms_ = 0, lifetime_due_ms_ = 0;  // of limits that a hook has set
  std::shared_ptr<KeptRequest> request_;
  std::unique_ptr<std::deque<RealtimeMessage>> waiting_;  // for message hooks
  Signal ended_signal_;
  bool ended_ = false;
};

}  // namespace wombat

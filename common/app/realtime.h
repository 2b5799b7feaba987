// Realtime clients as extensions see them.                                            Behaviour: spec 05 §1, 07 §2.4,
// §11.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/records/record.h"

namespace wombat {

// One event of a client's stream. `data` is sent as it is: one line.
struct RealtimeMessage {
  std::string name, data;
};

// Belongs to the loop's thread of the worker that has the connection.
class RealtimeClient {
 public:
  virtual ~RealtimeClient() = default;
  virtual std::string_view id() const = 0;
  virtual std::vector<std::string> subscriptions() const = 0;
  virtual bool HasSubscription(std::string_view text) const = 0;
  virtual void Subscribe(const std::vector<std::string>& texts) = 0;
  // Without any: from all.
  virtual void Unsubscribe(const std::vector<std::string>& texts) = 0;
  virtual std::shared_ptr<const Record> auth() const = 0;  // null: a guest
  virtual void SetAuth(std::shared_ptr<const Record> auth) = 0;
  // Behind everything that was sent before; nothing once it is discarded.
  virtual void Send(RealtimeMessage message) = 0;
  // Ends the connection.
  virtual void Discard() = 0;
  virtual bool is_discarded() const = 0;
};

class RealtimeBroker {
 public:
  virtual ~RealtimeBroker() = default;
  // To every client of the server that is subscribed to exactly `message.name`. Worker: on its loop's thread; writer:
  // on any.
  virtual void Broadcast(const RealtimeMessage& message) = 0;
  // Those of this process.
  virtual std::vector<std::shared_ptr<RealtimeClient>> clients() const = 0;
  virtual std::shared_ptr<RealtimeClient> FindClient(std::string_view id) const = 0;
};

}  // namespace wombat

// All that a worker has for realtime: its clients, the changes that the writer announces, and the way to other workers'
// clients.                                                                        design.md, "Realtime";
// worker/README.md.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "common/app/realtime.h"
#include "worker/realtime/change_pump.h"
#include "worker/realtime/hub.h"
#include "worker/realtime/pass_on.h"

namespace wombat {

class Realtime final : public RealtimeBroker {
 public:
  explicit Realtime(Runtime& runtime);

  RealtimeHub& hub() { return hub_; }
  ChangePump& pump() { return pump_; }
  PassOnDesk& desk() { return desk_; }

  void Broadcast(const RealtimeMessage& message) override;
  std::vector<std::shared_ptr<RealtimeClient>> clients() const override;
  std::shared_ptr<RealtimeClient> FindClient(std::string_view id) const override { return hub_.Find(id); }

 private:
  void Take(Frame frame);

  Runtime& runtime_;
  RealtimeHub hub_;
  ChangePump pump_;
  PassOnDesk desk_;
};

}  // namespace wombat

#include "worker/realtime/realtime.h"

#include "proto/values.h"
#include "worker/api/realtime.h"
#include "worker/runtime.h"

namespace wombat {

Realtime::Realtime(Runtime& runtime)
    : runtime_(runtime),
      hub_(runtime.loop, runtime.app, *runtime.config.page, runtime.config.index, runtime.writer.incarnation()),
      pump_(runtime, hub_),
      desk_(runtime) {
  runtime.app.realtime = this;
  runtime.writer.on_message = [this](Frame frame) { Take(std::move(frame)); };
  runtime.writer.on_connected = [this] { desk_.Connected(); };
}

void Realtime::Take(Frame frame) {
  switch (frame.message().which()) {
    case proto::Message::CHANGES:
    case proto::Message::TOPIC_MESSAGE:
      return pump_.Push(std::move(frame));
    case proto::Message::PASS_ON:
      return desk_.TakeRequest(std::move(frame), &HandlePassedOn);
    case proto::Message::PASS_ON_REPLY:
      return desk_.TakeReply(std::move(frame));
    default:
      return;
  }
}

// Through the writer also to the own clients, so that all of them hear it behind the same changes.
void Realtime::Broadcast(const RealtimeMessage& message) {
  const bool sent = runtime_.writer.SendMessage([&](proto::Message::Builder out) {
    auto topic = out.initTopicMessage();
    topic.setName(ToText(message.name));
    topic.setPayload({reinterpret_cast<const kj::byte*>(message.data.data()), message.data.size()});
  });
  if (sent) return;
  hub_.Broadcast(message);
  hub_.outbox().WriteAll();
}

std::vector<std::shared_ptr<RealtimeClient>> Realtime::clients() const {
  std::vector<std::shared_ptr<RealtimeClient>> all;
  for (auto& client : hub_.clients()) all.push_back(std::move(client));
  return all;
}

}  // namespace wombat

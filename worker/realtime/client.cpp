#include "worker/realtime/client.h"

#include <algorithm>

#include "worker/realtime/hub.h"

namespace wombat {

RealtimeClientImpl::RealtimeClientImpl(RealtimeHub& hub, const std::string& id, std::string user_ip)
    : hub_(hub), id_line_("id:" + id + "\n"), user_ip_(std::move(user_ip)) {}

std::vector<std::string> RealtimeClientImpl::subscriptions() const {
  std::vector<std::string> texts;
  for (const Place& place : places_) texts.push_back(place.subscription->text);
  return texts;
}

bool RealtimeClientImpl::HasSubscription(std::string_view text) const {
  return std::any_of(places_.begin(), places_.end(),
                     [&](const Place& place) { return place.subscription->text == text; });
}

void RealtimeClientImpl::Subscribe(const std::vector<std::string>& texts) {
  if (!ended_) hub_.Subscribe(*this, texts);
}

void RealtimeClientImpl::Unsubscribe(const std::vector<std::string>& texts) {
  hub_.Unsubscribe(*this, texts.empty() ? subscriptions() : texts);
}

void RealtimeClientImpl::SetAuth(std::shared_ptr<const Record> auth) {
  if (!ended_) hub_.SignIn(*this, std::move(auth));
}

std::string RealtimeClientImpl::FrameTail(std::string_view name, std::string_view data) {
  std::string tail;
  tail.reserve(name.size() + data.size() + 16);
  tail.append("event:").append(name).append("\ndata:").append(data).append("\n\n");
  return tail;
}

void RealtimeClientImpl::Open(StreamWriter& writer) {
  if (ended_) return writer.End();
  writer_ = &writer;
  hub_.Add(shared_from_this());
  std::string data = "{\"clientId\":\"";
  data.append(id()).append("\"}");
  Send({"PB_CONNECT", std::move(data)});
}

void RealtimeClientImpl::End() {
  if (std::exchange(ended_, true)) return;
  writer_ = nullptr;
  hub_.outbox().Drop(*this);
  idle_.Unlink();
  lifetime_.Unlink();
  auto self = shared_from_this();  // the hub may hold the last one
  hub_.Remove(*this);
  identity_.reset();
  ended_signal_.Set();
}

void RealtimeClientImpl::Discard() {
  hub_.outbox().WriteTo(*this);
  if (writer_)
    writer_->End();  // End follows from the connection's, at once or when it has read the rest
  else
    End();
}

void RealtimeClientImpl::WriteBatch(StreamBatch& batch) {
  hub_.Touch(*this);
  writer_->Write(batch);  // may end this client
}

void RealtimeClientImpl::SendNow(const RealtimeMessage& message) {
  RealtimeClientImpl* self = this;
  hub_.outbox().DeliverTo({&self, 1}, std::make_shared<const std::string>(FrameTail(message.name, message.data)));
  hub_.outbox().WriteTo(*this);
}

void RealtimeClientImpl::Send(RealtimeMessage message) {
  if (!writer_) return;
  if (hub_.app().on_realtime_message_send.empty()) return SendNow(message);
  const bool runs = waiting_ != nullptr;
  if (!runs) waiting_ = std::make_unique<std::deque<RealtimeMessage>>();
  waiting_->push_back(std::move(message));
  if (!runs) Start(SendThroughHooks(shared_from_this()));
}

// One after the other, however long handlers wait.
Task<void> RealtimeClientImpl::SendThroughHooks(std::shared_ptr<RealtimeClientImpl> self) {
  std::function<Task<HookResult>(RealtimeMessageEvent&)> write =
      [self](RealtimeMessageEvent& event) -> Task<HookResult> {
    self->SendNow(event.message);
    co_return HookResult{};
  };
  while (!self->ended_ && !self->waiting_->empty()) {
    RealtimeMessageEvent event;
    event.app = &self->hub_.app();
    event.client = self;
    event.auth = self->auth();
    if (self->request_) {
      event.request = &self->request_->http;
      event.response = &self->request_->response;
      event.info = &self->request_->info;
    }
    event.message = std::move(self->waiting_->front());
    self->waiting_->pop_front();
    std::vector<std::string_view> no_tags;
    auto sent = co_await self->hub_.app().on_realtime_message_send.Trigger(event, no_tags, write);
    if (!sent) self->Discard();
  }
  self->waiting_.reset();
}

}  // namespace wombat

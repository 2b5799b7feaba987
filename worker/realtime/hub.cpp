#include "worker/realtime/hub.h"

#include <algorithm>

#include "common/base/random.h"

namespace wombat {
namespace {

constexpr std::uint64_t kTickMs = 1000;
constexpr std::size_t kClientIdLength = 40, kOwnerLength = 2;

std::uint64_t Ms(std::chrono::nanoseconds time) {
  return std::uint64_t(std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::milliseconds>(time).count()));
}

bool HasOwnLimits(const RealtimeClientImpl& client) {
  return client.idle_timeout != kRealtimeIdleTimeout || client.max_timeout != kRealtimeMaxTimeout;
}

std::string KeyOf(std::string_view collection_id, std::string_view record_id) {
  std::string key(collection_id);
  return key.append("/").append(record_id);
}

}  // namespace

RealtimeHub::RealtimeHub(uv_loop_t* loop, App& app, SharedPage& page, int worker_index, std::uint64_t incarnation)
    : loop_(loop), app_(app), page_(page), worker_index_(std::size_t(worker_index)), timer_(new uv_timer_t) {
  page_.interest.Begin(worker_index_, incarnation);
  uv_timer_init(loop, timer_);
  timer_->data = this;
  uv_timer_start(
      timer_, [](uv_timer_t* timer) { static_cast<RealtimeHub*>(timer->data)->OnTick(); }, kTickMs, kTickMs);
  uv_unref(reinterpret_cast<uv_handle_t*>(timer_));
}

RealtimeHub::~RealtimeHub() {
  uv_close(reinterpret_cast<uv_handle_t*>(timer_),
           [](uv_handle_t* timer) { delete reinterpret_cast<uv_timer_t*>(timer); });
}

std::shared_ptr<RealtimeClientImpl> RealtimeHub::NewClient(std::string user_ip) {
  std::string id = RandomText(kClientIdLength - kOwnerLength);
  id += kAlphanumeric[worker_index_ / kAlphanumeric.size()];
  id += kAlphanumeric[worker_index_ % kAlphanumeric.size()];
  return std::make_shared<RealtimeClientImpl>(*this, std::move(id), std::move(user_ip));
}

int RealtimeHub::OwnerOf(std::string_view id) {
  if (id.size() != kClientIdLength) return -1;
  const std::size_t high = kAlphanumeric.find(id[kClientIdLength - 2]),
                    low = kAlphanumeric.find(id[kClientIdLength - 1]);
  if (high == kAlphanumeric.npos || low == kAlphanumeric.npos) return -1;
  const std::size_t owner = high * kAlphanumeric.size() + low;
  return owner < kInterestWorkers ? int(owner) : -1;
}

std::shared_ptr<RealtimeClientImpl> RealtimeHub::Find(std::string_view id) const {
  auto at = clients_.find(id);
  return at == clients_.end() ? nullptr : at->second;
}

std::vector<std::shared_ptr<RealtimeClientImpl>> RealtimeHub::clients() const {
  std::vector<std::shared_ptr<RealtimeClientImpl>> all;
  all.reserve(clients_.size());
  for (const auto& [id, client] : clients_) all.push_back(client);
  return all;
}

void RealtimeHub::Add(std::shared_ptr<RealtimeClientImpl> client) {
  const std::uint64_t now = uv_now(loop_);
  if (HasOwnLimits(*client)) {
    client->lifetime_due_ms_ = now + Ms(client->max_timeout);
    own_limits_.Append(client->lifetime_);
  } else {
    lifetime_.Start(client->lifetime_, now, Ms(kRealtimeMaxTimeout));
  }
  Touch(*client);
  std::string id(client->id());
  clients_.emplace(std::move(id), std::move(client));
}

void RealtimeHub::Touch(RealtimeClientImpl& client) {
  const std::uint64_t now = uv_now(loop_);
  if (HasOwnLimits(client))
    client.idle_due_ms_ = now + Ms(client.idle_timeout);
  else
    idle_.Start(client.idle_, now, Ms(kRealtimeIdleTimeout));
}

void RealtimeHub::Remove(RealtimeClientImpl& client) {
  while (!client.places_.empty()) Leave(client, client.places_.size() - 1);
  client.places_.shrink_to_fit();
  if (auto at = clients_.find(client.id()); at != clients_.end()) clients_.erase(at);
}

void RealtimeHub::OnTick() {
  const std::uint64_t now = uv_now(loop_);
  std::vector<std::shared_ptr<RealtimeClientImpl>> due;
  for (auto* queue : {&idle_, &lifetime_}) {
    while (auto* client = queue->FrontDue(now)) {
      due.push_back(client->shared_from_this());
      client->idle_.Unlink();
      client->lifetime_.Unlink();
    }
  }
  for (auto* link = own_limits_.front(); link; link = own_limits_.After(link))
    if (link->owner->idle_due_ms_ <= now || link->owner->lifetime_due_ms_ <= now)
      due.push_back(link->owner->shared_from_this());
  for (const auto& client : due) client->Discard();
}

// ---- subscriptions

void RealtimeHub::CountInterest(std::string_view collection, int change) {
  const std::size_t bit = InterestBit(collection);
  const bool before = interest_[bit] != 0;
  interest_[bit] += std::uint32_t(change);
  if (before != (interest_[bit] != 0)) page_.interest.Set(worker_index_, bit, !before);
}

Subscription& RealtimeHub::Obtain(const std::string& text) {
  if (auto at = by_text_.find(text); at != by_text_.end()) return *at->second;
  auto made = std::make_shared<Subscription>();
  made->text = text;
  made->options = ParseTopicOptions(text);
  Subscription& subscription = *made;
  auto at = topics_.find(TopicBase(text));
  if (at == topics_.end())
    at = topics_.emplace(std::string(TopicBase(text)), std::vector<std::shared_ptr<Subscription>>()).first;
  by_text_.emplace(subscription.text, made);
  at->second.push_back(std::move(made));
  CountInterest(TopicCollection(text), 1);
  return subscription;
}

void RealtimeHub::Subscribe(RealtimeClientImpl& client, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    if (text.empty()) continue;
    Subscription& subscription = Obtain(text);
    auto same = [&](const auto& place) { return place.subscription == &subscription; };
    if (std::any_of(client.places_.begin(), client.places_.end(), same)) continue;
    Join(client, client.places_.emplace_back(RealtimeClientImpl::Place{&subscription, nullptr, 0}));
  }
}

void RealtimeHub::Unsubscribe(RealtimeClientImpl& client, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    for (std::size_t i = 0; i < client.places_.size(); i++) {
      if (client.places_[i].subscription->text != text) continue;
      Leave(client, i);
      break;
    }
  }
}

void RealtimeHub::Join(RealtimeClientImpl& client, RealtimeClientImpl::Place& place) {
  client.hub_.outbox_.Settle();
  const RealtimeIdentity* identity = client.identity_.get();
  Listeners& listeners = place.subscription->listeners[identity];
  listeners.identity = identity;
  place.listeners = &listeners;
  place.index = listeners.clients.size();
  listeners.clients.push_back(&client);
}

void RealtimeHub::Part(RealtimeClientImpl& client, const RealtimeClientImpl::Place& place) {
  client.hub_.outbox_.Settle();
  auto& members = place.listeners->clients;
  RealtimeClientImpl* last = members.back();
  members[place.index] = last;
  members.pop_back();
  if (last != &client)
    for (auto& theirs : last->places_)
      if (theirs.listeners == place.listeners) theirs.index = place.index;
  if (!members.empty()) return;
  const RealtimeIdentity* identity = place.listeners->identity;
  place.subscription->listeners.erase(identity);
}

void RealtimeHub::Leave(RealtimeClientImpl& client, std::size_t place) {
  const RealtimeClientImpl::Place left = client.places_[place];
  client.places_.erase(client.places_.begin() + std::ptrdiff_t(place));
  Part(client, left);
  if (!left.subscription->listeners.empty()) return;
  const std::string text = left.subscription->text;
  by_text_.erase(text);
  CountInterest(TopicCollection(text), -1);
  auto at = topics_.find(TopicBase(text));
  std::erase_if(at->second, [&](const auto& candidate) { return candidate.get() == left.subscription; });
  if (at->second.empty()) topics_.erase(at);
}

const std::vector<std::shared_ptr<Subscription>>* RealtimeHub::FindTopic(std::string_view base) const {
  auto at = topics_.find(base);
  return at == topics_.end() ? nullptr : &at->second;
}

std::vector<std::shared_ptr<Subscription>> RealtimeHub::TopicsThatStartWith(std::string_view prefix) const {
  std::vector<std::shared_ptr<Subscription>> found;
  for (const auto& [text, subscription] : by_text_)
    if ((std::string(text) + "?").starts_with(prefix)) found.push_back(subscription);
  return found;
}

std::vector<std::shared_ptr<RealtimeClientImpl>> RealtimeHub::SubscribersOf(std::string_view text) const {
  std::vector<std::shared_ptr<RealtimeClientImpl>> found;
  auto at = by_text_.find(text);
  if (at == by_text_.end()) return found;
  for (const auto& [identity, listeners] : at->second->listeners)
    for (auto* client : listeners.clients) found.push_back(client->shared_from_this());
  return found;
}

void RealtimeHub::Broadcast(const RealtimeMessage& message) {
  if (!app_.on_realtime_message_send.empty()) {
    for (const auto& client : SubscribersOf(message.name)) client->Send(message);
    return;
  }
  auto at = by_text_.find(message.name);
  if (at == by_text_.end()) return;
  auto tail = std::make_shared<const std::string>(RealtimeClientImpl::FrameTail(message.name, message.data));
  for (const auto& [identity, listeners] : at->second->listeners) outbox_.Deliver(listeners.clients, tail);
}

void RealtimeHub::EndAll() {
  for (const auto& client : clients()) client->Discard();
}

// ---- identities

std::shared_ptr<RealtimeIdentity> RealtimeHub::IdentityOf(std::shared_ptr<const Record> record) {
  if (!record) return nullptr;
  std::string key = KeyOf(record->collection().id, record->id());
  if (auto at = identities_.find(key); at != identities_.end()) {
    if (auto known = at->second.lock()) {
      known->record = std::move(record);
      return known;
    }
  }
  // The last client that lets go of it ends the interest in its record.
  std::shared_ptr<RealtimeIdentity> identity(
      new RealtimeIdentity{key, std::move(record)}, [this](RealtimeIdentity* gone) {
        const std::string_view all = gone->key;
        CountInterest(all.substr(0, all.find('/')), -1);
        if (auto at = identities_.find(gone->key); at != identities_.end() && at->second.expired())
          identities_.erase(at);
        delete gone;
      });
  CountInterest(std::string_view(key).substr(0, key.find('/')), 1);
  identities_[key] = identity;
  return identity;
}

// Into the new one's listeners of every subscription before the old identity may go.
void RealtimeHub::SignIn(RealtimeClientImpl& client, std::shared_ptr<const Record> record) {
  auto identity = IdentityOf(std::move(record));
  if (identity == client.identity_) return;
  for (const auto& place : client.places_) Part(client, place);
  client.identity_.swap(identity);
  for (auto& place : client.places_) Join(client, place);
}

std::shared_ptr<RealtimeIdentity> RealtimeHub::FindIdentity(std::string_view collection_id,
                                                            std::string_view record_id) const {
  if (identities_.empty()) return nullptr;
  auto at = identities_.find(KeyOf(collection_id, record_id));
  return at == identities_.end() ? nullptr : at->second.lock();
}

void RealtimeHub::SignOut(const std::shared_ptr<RealtimeIdentity>& identity) {
  identity->record.reset();
  identities_.erase(identity->key);
}

void RealtimeHub::CompareAuth(const Schema& schema) {
  if (schema.generation() == compared_generation_) return;
  compared_generation_ = schema.generation();
  std::vector<std::shared_ptr<RealtimeIdentity>> gone;
  for (const auto& [key, weak] : identities_) {
    auto identity = weak.lock();
    if (!identity || !identity->record) continue;
    const Collection& collection = identity->record->collection();
    const Collection* now = schema.FindById(collection.id);
    if (!now || now->auth.auth_token.secret != collection.auth.auth_token.secret) gone.push_back(std::move(identity));
  }
  for (const auto& identity : gone) SignOut(identity);
}

}  // namespace wombat

#include "worker/realtime/hub.h"

#include "tests/worker/worker_fixture.h"

namespace wombat {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A connection that keeps what it is to write.
class KeptStream final : public StreamWriter {
 public:
  void Queue(std::shared_ptr<const std::string> message) override { queued.push_back(*message); }
  void Flush() override { written = queued.size(); }
  void Write(StreamBatch& batch) override {
    writes++;
    for (const auto& message : batch.messages()) Queue(message);
    Flush();
    if (on_write) on_write();
  }
  void End() override { ended = true; }
  std::vector<std::string> queued;
  std::size_t written = 0;
  int writes = 0;
  bool ended = false;
  std::function<void()> on_write;
};

class RealtimeHubTest : public WorkerTest {
 protected:
  static constexpr int kIndex = 70;
  RealtimeHubTest() : hub_(std::make_unique<RealtimeHub>(loop_.get(), app_, *page_, kIndex, 1)) {}
  ~RealtimeHubTest() override {
    for (const auto& client : hub_->clients()) client->End();
    hub_.reset();
  }

  std::shared_ptr<RealtimeClientImpl> Connected(KeptStream& stream) {
    auto client = hub_->NewClient("127.0.0.1");
    client->Open(stream);
    return client;
  }
  const std::vector<RealtimeClientImpl*>& ListenersOf(std::string_view topic) {
    return (*hub_->FindTopic(topic))[0]->listeners.begin()->second.clients;
  }
  bool Wants(std::string_view collection) const { return page_->interest.rows[kIndex].Has(InterestBit(collection)); }
  std::shared_ptr<Record> User(const std::string& email) {
    return Shareable("users", Create("users", R"({"email":")" + email + R"(","password":"1234567890"})"));
  }

  TestLoop loop_;
  std::unique_ptr<RealtimeHub> hub_;
  KeptStream stream_, other_stream_;
};

TEST_F(RealtimeHubTest, AClientIsToldItsIdAtOnce) {
  auto client = Connected(stream_);
  const std::string id(client->id());
  EXPECT_THAT(stream_.queued, ElementsAre("event:PB_CONNECT\ndata:{\"clientId\":\"" + id + "\"}\n\n"));
  EXPECT_EQ(stream_.written, 1u);
  EXPECT_EQ(client->id_line(), "id:" + id + "\n");
}

TEST_F(RealtimeHubTest, AnIdNamesTheWorkerThatMadeIt) {
  auto client = hub_->NewClient("127.0.0.1");
  EXPECT_THAT(std::string(client->id()), SizeIs(40));
  EXPECT_EQ(RealtimeHub::OwnerOf(client->id()), kIndex);
  for (std::string_view id :
       {"", "short", "!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!", "999999999999999999999999999999999999999999"})
    EXPECT_EQ(RealtimeHub::OwnerOf(id), -1) << id;
}

TEST_F(RealtimeHubTest, InterestLastsAsLongAsSomebodyIsSubscribed) {
  auto first = Connected(stream_), second = Connected(other_stream_);
  first->Subscribe({"posts/*", "posts/*", "", "notes?options=x"});
  second->Subscribe({"posts/abc"});
  EXPECT_TRUE(Wants("posts") && Wants("notes"));
  EXPECT_THAT(first->subscriptions(), ElementsAre("posts/*", "notes?options=x"));
  first->Unsubscribe({});
  EXPECT_TRUE(Wants("posts"));
  EXPECT_FALSE(Wants("notes"));
  second->End();
  EXPECT_FALSE(page_->interest.Any());
}

TEST_F(RealtimeHubTest, ATopicsClientsAreThoseThatAreSubscribedNow) {
  KeptStream streams[3];
  std::vector<std::shared_ptr<RealtimeClientImpl>> clients;
  for (auto& stream : streams) {
    clients.push_back(Connected(stream));
    clients.back()->Subscribe({"posts/*", "notes/*"});
  }
  clients[0]->Unsubscribe({"posts/*"});
  clients[2]->End();
  ASSERT_TRUE(hub_->FindTopic("posts/*"));
  EXPECT_THAT(ListenersOf("posts/*"), ElementsAre(clients[1].get()));
  EXPECT_THAT(ListenersOf("notes/*"), ::testing::UnorderedElementsAre(clients[0].get(), clients[1].get()));
  EXPECT_EQ(hub_->FindTopic("posts"), nullptr);
}

TEST_F(RealtimeHubTest, AMessageForATopicReachesItsSubscribersAlone) {
  auto in = Connected(stream_), out = Connected(other_stream_);
  in->Subscribe({"news"});
  out->Subscribe({"news?options=x"});
  hub_->Broadcast({"news", "{\"a\":1}"});
  hub_->outbox().WriteAll();
  EXPECT_THAT(stream_.queued, SizeIs(2));
  EXPECT_EQ(stream_.queued[1], "event:news\ndata:{\"a\":1}\n\n");
  EXPECT_THAT(other_stream_.queued, SizeIs(1));
}

TEST_F(RealtimeHubTest, ListenersAreThoseOfOneIdentityWhoeverSignsInOrOut) {
  auto guest = Connected(stream_), member = Connected(other_stream_);
  auto user = User("a@example.com");
  for (auto& client : {guest, member}) client->Subscribe({"posts/*"});
  EXPECT_THAT(ListenersOf("posts/*"), SizeIs(2));
  member->SetAuth(user);
  const auto& listeners = (*hub_->FindTopic("posts/*"))[0]->listeners;
  EXPECT_THAT(listeners, SizeIs(2));
  EXPECT_THAT(listeners.at(member->identity().get()).clients, ElementsAre(member.get()));
  EXPECT_THAT(listeners.at(nullptr).clients, ElementsAre(guest.get()));
  member->SetAuth(nullptr);
  EXPECT_THAT(ListenersOf("posts/*"), SizeIs(2));
  EXPECT_THAT(listeners, SizeIs(1));
}

TEST_F(RealtimeHubTest, WhatGathersForAClientLeavesInOneWriteAndInOrder) {
  auto first = Connected(stream_), second = Connected(other_stream_);
  first->Subscribe({"a", "b"});
  second->Subscribe({"b"});
  const int writes = stream_.writes;
  hub_->Broadcast({"a", "1"});
  hub_->Broadcast({"b", "2"});
  hub_->Broadcast({"a", "3"});
  hub_->Broadcast({"a", "4"});
  EXPECT_EQ(hub_->outbox().size(), 2u);
  hub_->outbox().WriteAll();
  EXPECT_EQ(stream_.writes, writes + 1);
  stream_.queued.erase(stream_.queued.begin());
  EXPECT_THAT(stream_.queued, ElementsAre("event:a\ndata:1\n\n", "event:b\ndata:2\n\n", "event:a\ndata:3\n\n",
                                          "event:a\ndata:4\n\n"));
  EXPECT_EQ(other_stream_.queued.back(), "event:b\ndata:2\n\n");
  EXPECT_THAT(other_stream_.queued, SizeIs(2));
}

TEST_F(RealtimeHubTest, WhoSubscribesBehindAMessageDoesNotGetItAndWhoLeavesStillDoes) {
  auto early = Connected(stream_), late = Connected(other_stream_);
  early->Subscribe({"a"});
  hub_->Broadcast({"a", "1"});
  late->Subscribe({"a"});
  early->Unsubscribe({"a"});
  hub_->Broadcast({"a", "2"});
  hub_->outbox().WriteAll();
  EXPECT_EQ(stream_.queued.back(), "event:a\ndata:1\n\n");
  EXPECT_THAT(stream_.queued, SizeIs(2));
  EXPECT_EQ(other_stream_.queued.back(), "event:a\ndata:2\n\n");
  EXPECT_THAT(other_stream_.queued, SizeIs(2));
}

TEST_F(RealtimeHubTest, AClientThatEndsWhileItIsWrittenToOrWaitsTakesNobodyAlong) {
  KeptStream third_stream;
  auto first = Connected(stream_), second = Connected(other_stream_), third = Connected(third_stream);
  for (auto& client : {first, second, third}) client->Subscribe({"a"});
  stream_.on_write = [&] { first->End(); };
  hub_->Broadcast({"a", "1"});
  second->End();
  hub_->outbox().WriteAll();
  EXPECT_EQ(hub_->outbox().size(), 0u);
  EXPECT_THAT(stream_.queued, SizeIs(2));
  EXPECT_THAT(other_stream_.queued, SizeIs(1));
  EXPECT_THAT(third_stream.queued, SizeIs(2));
  stream_.on_write = nullptr;
}

TEST_F(RealtimeHubTest, AWriteOfSomeGoesOnWhereItEnded) {
  KeptStream streams[10];
  std::vector<std::shared_ptr<RealtimeClientImpl>> clients;
  for (auto& stream : streams) {
    clients.push_back(Connected(stream));
    clients.back()->Subscribe({"a"});
  }
  hub_->Broadcast({"a", "1"});
  EXPECT_EQ(hub_->outbox().Write(100, 0), 4u) << "the clock is looked at after some";
  hub_->Broadcast({"a", "2"});
  EXPECT_EQ(hub_->outbox().longest(), 2u);
  EXPECT_EQ(hub_->outbox().Write(6, ~std::uint64_t{0}), 6u);
  EXPECT_EQ(hub_->outbox().size(), 4u);
  hub_->outbox().WriteAll();
  for (const auto& stream : streams) {
    ASSERT_THAT(stream.queued, SizeIs(3));
    EXPECT_EQ(stream.queued[1], "event:a\ndata:1\n\n");
    EXPECT_EQ(stream.queued[2], "event:a\ndata:2\n\n");
  }
  for (const auto& client : clients) client->End();
}

TEST_F(RealtimeHubTest, ADiscardedClientGetsWhatWasDeliveredBefore) {
  auto client = Connected(stream_);
  client->Subscribe({"a"});
  hub_->Broadcast({"a", "1"});
  client->Discard();
  EXPECT_TRUE(stream_.ended);
  EXPECT_EQ(stream_.queued.back(), "event:a\ndata:1\n\n");
}

TEST_F(RealtimeHubTest, ClientsOfTheSameRecordShareWhatBecomesOfIt) {
  auto first = Connected(stream_), second = Connected(other_stream_);
  auto user = User("a@example.com");
  first->SetAuth(user);
  second->SetAuth(user);
  EXPECT_EQ(first->identity(), second->identity());
  EXPECT_TRUE(Wants(user->collection().id));
  auto identity = hub_->FindIdentity(user->collection().id, user->id());
  ASSERT_TRUE(identity);
  hub_->SignOut(identity);
  EXPECT_EQ(first->auth(), nullptr);
  EXPECT_EQ(second->auth(), nullptr);
  EXPECT_EQ(hub_->FindIdentity(user->collection().id, user->id()), nullptr);
}

TEST_F(RealtimeHubTest, WhoSignsInAgainIsNotSignedOutByAnEarlierIdentitysEnd) {
  auto first = Connected(stream_), second = Connected(other_stream_);
  auto user = User("a@example.com");
  first->SetAuth(user);
  hub_->SignOut(first->identity());
  second->SetAuth(user);
  first->End();
  EXPECT_EQ(second->auth(), user);
  EXPECT_TRUE(hub_->FindIdentity(user->collection().id, user->id()));
  EXPECT_TRUE(Wants(user->collection().id));
}

TEST_F(RealtimeHubTest, ANewTokenSecretSignsTheCollectionsRecordsOut) {
  auto client = Connected(stream_);
  client->SetAuth(User("a@example.com"));
  hub_->CompareAuth(*schema());
  EXPECT_TRUE(client->auth());
  ASSERT_TRUE(Do(ChangingCollection(
                     "users", R"({"authToken":{"secret":"0123456789012345678901234567890123456789","duration":1000}})"))
                  .is_collection());
  hub_->CompareAuth(*schema());
  EXPECT_FALSE(client->auth());
}

TEST_F(RealtimeHubTest, AClientWithLimitsOfItsOwnIsEndedByThem) {
  auto client = hub_->NewClient("127.0.0.1");
  client->idle_timeout = std::chrono::milliseconds(10);
  client->Open(stream_);
  auto patient = Connected(other_stream_);
  EXPECT_TRUE(loop_.RunUntil([&] { return stream_.ended; }));
  EXPECT_FALSE(other_stream_.ended);
}

TEST_F(RealtimeHubTest, MessageHooksSeeAndChangeEachMessageInOrder) {
  app_.on_realtime_message_send.BindFunc([](RealtimeMessageEvent& event) -> Task<HookResult> {
    event.message.data += "!";
    auto sent = co_await event.Next();
    co_return sent;
  });
  auto client = Connected(stream_);
  client->Send({"a", "1"});
  client->Send({"b", "2"});
  EXPECT_THAT(stream_.queued, SizeIs(3));
  EXPECT_EQ(stream_.queued[1], "event:a\ndata:1!\n\n");
  EXPECT_EQ(stream_.queued[2], "event:b\ndata:2!\n\n");
}

TEST_F(RealtimeHubTest, AMessageHookThatFailsEndsTheConnection) {
  app_.on_realtime_message_send.BindFunc([](RealtimeMessageEvent&) -> Task<HookResult> { co_return Refuse(400); });
  Connected(stream_);
  EXPECT_TRUE(stream_.ended);
  EXPECT_THAT(stream_.queued, IsEmpty());
}

}  // namespace
}  // namespace wombat

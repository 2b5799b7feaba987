// A transaction that a worker fills call by call, while the lane serves nobody else (writer/README.md, "Sessions").
#include <poll.h>

#include <chrono>
#include <thread>

#include "tests/writer/lane_fixture.h"

namespace wombat {
namespace {

using namespace std::chrono_literals;

// A worker's end of a session's connection: calls and waits for the answer.
class SessionClient {
 public:
  SessionClient(CommitLane& lane, std::uint64_t incarnation) : lane_(lane) {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    peer_ = std::make_shared<Peer>(UniqueFd(ends[0]), [](int) {});
    peer_->incarnation = incarnation;
    peer_->said_hello = true;
    end_ = UniqueFd(ends[1]);
  }

  void Send(const std::function<void(proto::SessionCall::Builder)>& fill) {
    capnp::MallocMessageBuilder builder;
    fill(builder.initRoot<proto::Message>().initSession());
    std::string bytes;
    AppendFrame(bytes, builder);
    CommitLane::FromWorker job{peer_, Frame(std::as_bytes(std::span(bytes).subspan(sizeof(std::uint32_t))))};
    if (!job.frame.message().getSession().isBegin()) return lane_.PushSessionCall(std::move(job));
    std::vector<CommitLane::Job> jobs;
    jobs.push_back(std::move(job));
    lane_.Push(std::move(jobs));
  }
  // nullopt: no answer came within a time that is long for one.
  std::optional<Frame> Receive(std::chrono::milliseconds patience = 5s) {
    std::optional<Frame> received;
    while (!received) {
      pollfd waiting{end_.get(), POLLIN, 0};
      if (::poll(&waiting, 1, int(patience.count())) <= 0) break;
      char buffer[65536];
      ssize_t n = ::recv(end_.get(), buffer, sizeof buffer, 0);
      if (n <= 0) break;
      EXPECT_TRUE(frames_.Feed({buffer, std::size_t(n)}, [&](Frame frame) { received.emplace(std::move(frame)); }));
    }
    return received;
  }
  Frame Call(const std::function<void(proto::SessionCall::Builder)>& fill) {
    Send(fill);
    auto frame = Receive();
    if (!frame) {
      ADD_FAILURE() << "no answer";
      std::abort();
    }
    return std::move(*frame);
  }

  void SendBegin(std::uint64_t generation, std::uint32_t limit_ms = 5000) {
    Send([&](proto::SessionCall::Builder call) {
      auto begin = call.initBegin();
      begin.setSchemaGeneration(generation);
      begin.setTimeLimitMs(limit_ms);
    });
  }
  bool Begin(std::uint64_t generation, std::uint32_t limit_ms = 5000) {
    SendBegin(generation, limit_ms);
    auto frame = Receive();
    return frame && frame->message().getSessionReply().isBegun();
  }
  Frame Mutate(const Fill& fill) {
    return Call([&](proto::SessionCall::Builder call) { fill(call.initMutation()); });
  }
  Frame Query(const std::string& sql) {
    return Call([&](proto::SessionCall::Builder call) { call.initStatement().setSql(ToText(sql)); });
  }
  std::int64_t Number(const std::string& sql) {
    Frame frame = Query(sql);
    auto reply = frame.message().getSessionReply();
    return reply.isRows() && reply.getRows().getValues().size() == 1 ? reply.getRows().getValues()[0].getInteger() : -1;
  }
  Frame Commit(std::uint64_t sequence) {
    return Call([&](proto::SessionCall::Builder call) { call.setCommit(sequence); });
  }
  Frame RollBack() {
    return Call([&](proto::SessionCall::Builder call) {
      WriteRefusal(call.initRollback(), {418, "over", Json::Object(), {}});
    });
  }
  // As the mover does when the connection has ended.
  void Go() {
    peer_->gone = true;
    lane_.WakeSession();
  }

 private:
  CommitLane& lane_;
  PeerPtr peer_;
  UniqueFd end_;
  FrameReader frames_;
};

class SessionTest : public LaneTest {
 protected:
  SessionTest() {
    CreateCollection(R"({"name":"notes","fields":[{"name":"title","type":"text","required":true}]})");
    generation_ = generation();
    a_ = Creating("notes", R"({"id":"record000000001","title":"a"})");
    b_ = Creating("notes", R"({"id":"record000000002","title":"b"})");
    collection_ = CreatingCollection(R"({"name":"more"})");
    lane_->Start();
  }
  ~SessionTest() override { lane_->Stop(); }
  // Only with a lane that has stopped: the connection is its own.
  std::int64_t Stored() {
    lane_->Stop();
    return Count("notes");
  }
  static proto::SessionReply::Reader ReplyOf(const Frame& frame) { return frame.message().getSessionReply(); }

  std::uint64_t generation_;
  Fill a_, b_, collection_;
};

TEST_F(SessionTest, WhatItCommitsIsStored) {
  SessionClient session(*lane_, 11);
  ASSERT_TRUE(session.Begin(generation_));
  Frame first = session.Mutate(a_);
  EXPECT_TRUE(ReplyOf(first).getMutation().isRecord());
  session.Mutate(b_);
  Frame committed = session.Commit(1);
  EXPECT_TRUE(ReplyOf(committed).isCommitted());
  EXPECT_EQ(Stored(), 2);
}

TEST_F(SessionTest, ItsStatementsSeeWhatItHasWritten) {
  SessionClient session(*lane_, 11);
  ASSERT_TRUE(session.Begin(generation_));
  EXPECT_EQ(session.Number("SELECT COUNT(*) FROM notes"), 0);
  session.Mutate(a_);
  EXPECT_EQ(session.Number("SELECT COUNT(*) FROM notes"), 1);
  Frame rows = session.Query("SELECT id, title, 1.5, NULL FROM notes");
  auto values = ReplyOf(rows).getRows().getValues();
  ASSERT_EQ(values.size(), 4u);
  EXPECT_EQ(View(values[0].getText()), "record000000001");
  EXPECT_EQ(values[2].getReal(), 1.5);
  EXPECT_TRUE(values[3].isNull());
  EXPECT_EQ(View(ReplyOf(rows).getRows().getColumns()[1]), "title");
}

TEST_F(SessionTest, AStatementOrMutationThatFailsLeavesTheTransactionStanding) {
  SessionClient session(*lane_, 11);
  ASSERT_TRUE(session.Begin(generation_));
  session.Mutate(a_);
  Frame wrong = session.Query("SELECT nothing FROM nowhere");
  EXPECT_TRUE(ReplyOf(wrong).isFailed());
  Frame refused = session.Mutate(a_);
  EXPECT_TRUE(ReplyOf(refused).getMutation().isRefused());
  Frame committed = session.Commit(1);
  EXPECT_TRUE(ReplyOf(committed).isCommitted());
  EXPECT_EQ(Stored(), 1);
}

TEST_F(SessionTest, RolledBackNothingIsLeft) {
  SessionClient session(*lane_, 11);
  ASSERT_TRUE(session.Begin(generation_));
  session.Mutate(a_);
  Frame ended = session.RollBack();
  EXPECT_EQ(ReplyOf(ended).getEnded(), proto::SessionEnd::ROLLED_BACK);
  EXPECT_EQ(Stored(), 0);
}

TEST_F(SessionTest, WhenItsWorkerIsGoneNothingIsLeftAndTheLaneGoesOn) {
  SessionClient session(*lane_, 11);
  ASSERT_TRUE(session.Begin(generation_));
  session.Mutate(a_);
  session.Go();
  SessionClient next(*lane_, 12);
  ASSERT_TRUE(next.Begin(generation_));
  EXPECT_EQ(next.Number("SELECT COUNT(*) FROM notes"), 0);
  next.RollBack();
  EXPECT_EQ(Stored(), 0);
}

TEST_F(SessionTest, PastItsTimeLimitNothingIsLeftAndTheLaneGoesOn) {
  SessionClient session(*lane_, 11);
  ASSERT_TRUE(session.Begin(generation_, 30));
  session.Mutate(a_);
  std::this_thread::sleep_for(60ms);
  SessionClient next(*lane_, 12);
  ASSERT_TRUE(next.Begin(generation_));
  EXPECT_EQ(next.Number("SELECT COUNT(*) FROM notes"), 0);
  Frame late = session.Commit(1);
  EXPECT_TRUE(ReplyOf(late).isEnded());
  next.RollBack();
  EXPECT_EQ(Stored(), 0);
}

TEST_F(SessionTest, AStatementThatRunsPastTheTimeLimitEndsIt) {
  SessionClient session(*lane_, 11);
  ASSERT_TRUE(session.Begin(generation_, 50));
  Frame ended = session.Query("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n");
  ASSERT_TRUE(ReplyOf(ended).isEnded());
  EXPECT_EQ(ReplyOf(ended).getEnded(), proto::SessionEnd::TIME_IS_UP);
}

TEST_F(SessionTest, MutationsOfOthersWaitUntilItHasEnded) {
  SessionClient session(*lane_, 11);
  ASSERT_TRUE(session.Begin(generation_));
  session.Mutate(a_);
  std::vector<CommitLane::Job> jobs;
  jobs.push_back(worker_->Job(worker_->NextSequence(), generation_, b_));
  lane_->Push(std::move(jobs));
  EXPECT_EQ(session.Number("SELECT COUNT(*) FROM notes"), 1);
  session.Commit(1);
  EXPECT_EQ(Stored(), 2);
}

TEST_F(SessionTest, OfAnotherSchemaGenerationIsNotBegun) {
  SessionClient session(*lane_, 11);
  session.SendBegin(generation_ + 1);
  auto answer = session.Receive();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(ReplyOf(*answer).isStale());
}

TEST_F(SessionTest, ACommitThatIsAskedAboutAgainIsKnown) {
  {
    SessionClient session(*lane_, 11);
    ASSERT_TRUE(session.Begin(generation_));
    session.Mutate(a_);
    Frame committed = session.Commit(5);
    ASSERT_TRUE(ReplyOf(committed).isCommitted());
  }
  // The same session's client on the connection to the next writer.
  lane_->Stop();
  OpenLane();
  lane_->Start();
  SessionClient again(*lane_, 11);
  Frame known = again.Commit(5);
  EXPECT_TRUE(ReplyOf(known).isCommitted());
  Frame unknown = again.Commit(6);
  ASSERT_TRUE(ReplyOf(unknown).isEnded());
  EXPECT_EQ(ReplyOf(unknown).getEnded(), proto::SessionEnd::UNKNOWN);
  EXPECT_EQ(Stored(), 1);
}

TEST_F(SessionTest, AfterHooksRunOnceItIsDecided) {
  lane_->Stop();
  std::vector<std::string> seen;
  app_.on_record_after_create_success.BindFunc([&](RecordEvent& event) -> HookResult {
    seen.push_back("success");
    return event.Next();
  });
  app_.on_record_after_create_error.BindFunc([&](RecordEvent& event) -> HookResult {
    seen.push_back("error " + std::to_string(event.error.status));
    return event.Next();
  });
  lane_->Start();
  SessionClient session(*lane_, 11);
  ASSERT_TRUE(session.Begin(generation_));
  session.Mutate(a_);
  EXPECT_TRUE(seen.empty());
  session.RollBack();
  EXPECT_THAT(seen, ::testing::ElementsAre("error 418"));
  ASSERT_TRUE(session.Begin(generation_));
  session.Mutate(a_);
  session.Commit(1);
  EXPECT_THAT(seen, ::testing::ElementsAre("error 418", "success"));
}

TEST_F(SessionTest, TakesNoCollectionChange) {
  SessionClient session(*lane_, 11);
  ASSERT_TRUE(session.Begin(generation_));
  Frame refused = session.Mutate(collection_);
  EXPECT_TRUE(ReplyOf(refused).getMutation().isRefused());
}

}  // namespace
}  // namespace wombat

#include "writer/lane/announcer.h"

#include "tests/writer/lane_fixture.h"

namespace wombat {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A worker's main connection as the mover has it, and what arrives at the other end.
class EventEnd {
 public:
  explicit EventEnd(std::uint64_t incarnation) {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    peer = std::make_shared<Peer>(UniqueFd(ends[0]), [](int) {});
    peer->incarnation = incarnation;
    end_ = UniqueFd(ends[1]);
  }
  std::vector<Frame> Frames() {
    std::vector<Frame> frames;
    char buffer[65536];
    for (ssize_t n; (n = ::recv(end_.get(), buffer, sizeof buffer, MSG_DONTWAIT)) > 0;)
      EXPECT_TRUE(reader_.Feed({buffer, std::size_t(n)}, [&](Frame frame) { frames.push_back(std::move(frame)); }));
    return frames;
  }
  PeerPtr peer;

 private:
  UniqueFd end_;
  FrameReader reader_;
};

class AnnouncerTest : public LaneTest {
 protected:
  static constexpr std::size_t kWorker = 2;
  static constexpr std::uint64_t kIncarnation = 99;

  AnnouncerTest() : announcer_(*page_), end_(kIncarnation) {
    CreateCollection(R"({"name":"authors","fields":[{"name":"name","type":"text"}]})");
    CreateCollection(R"({"name":"posts","fields":[{"name":"title","type":"text","required":true},
      {"name":"author","type":"relation","collectionId":")" +
                     Shared("authors")->id + R"json(","cascadeDelete":true}]})json");
    CommitLane::Options options;
    options.announcer = &announcer_;
    lane_ = std::make_unique<CommitLane>(*data_.data, app_, *page_, options);
    EXPECT_TRUE(lane_->Prepare(DatabasePath()));
    page_->interest.Begin(kWorker, kIncarnation);
    announcer_.Connected(end_.peer, kWorker);
  }

  void Want(std::string_view collection) { page_->interest.Set(kWorker, InterestBit(collection), true); }

  // "create posts a" for each announced change; a text of its own ends each frame.
  std::vector<std::string> Told() {
    std::vector<std::string> told;
    for (const Frame& frame : end_.Frames()) {
      auto changes = frame.message().getChanges();
      if (changes.getLost()) told.emplace_back("lost");
      for (auto change : changes.getItems()) {
        const char* actions[] = {"create", "update", "delete"};
        const CollectionPtr collection = schema()->FindShared(View(change.getCollectionId()));
        Record record(collection);
        EXPECT_TRUE(ReadRecordValues(change.getValues(), record));
        std::string line = change.getAnnounced() ? "" : "beside: ";
        line.append(actions[int(change.getAction())]).append(" ").append(collection->name).append(" ");
        line.append(record.Text(collection->name == "posts" ? "title" : "name"));
        told.push_back(std::move(line));
      }
      told.emplace_back("-");
    }
    return told;
  }

  Announcer announcer_;
  EventEnd end_;
};

TEST_F(AnnouncerTest, ChangesOfACollectionThatNobodyWantsAreNotTold) {
  Create("posts", R"({"title":"a"})");
  Want("authors");
  Create("posts", R"({"title":"b"})");
  EXPECT_THAT(Told(), IsEmpty());
}

TEST_F(AnnouncerTest, EachCommittedChangeIsToldInTheOrderOfTheCommits) {
  Want("posts");
  std::string id = Create("posts", R"({"title":"a"})");
  ASSERT_TRUE(Do(Updating("posts", id, R"({"title":"b"})")).is_record());
  ASSERT_TRUE(Do(Deleting("posts", id)).is_done());
  EXPECT_THAT(Told(), ElementsAre("create posts a", "-", "update posts b", "-", "delete posts b", "-"));
}

TEST_F(AnnouncerTest, ACollectionIsWantedByItsIdAsWell) {
  Want(Shared("posts")->id);
  Create("posts", R"({"title":"a"})");
  EXPECT_THAT(Told(), ElementsAre("create posts a", "-"));
}

TEST_F(AnnouncerTest, AMutationThatFailsIsNotToldWhileItsNeighboursAre) {
  Want("posts");
  auto answers = Together({Creating("posts", R"({"title":"a"})"), Creating("posts", R"({"title":""})"),
                           Creating("posts", R"({"title":"c"})"), Deleting("posts", "nosuchrecord000")});
  EXPECT_TRUE(answers[3].is_refused());
  auto told = Told();
  EXPECT_THAT(std::vector<std::string>(told.begin(), told.begin() + 2), ElementsAre("create posts a", "-"));
  EXPECT_THAT(std::vector<std::string>(told.end() - 2, told.end()), ElementsAre("create posts c", "-"));
}

TEST_F(AnnouncerTest, ABatchIsToldInOneAndNotAtAllWhenItIsRolledBack) {
  Want("posts");
  auto batch = [&](const std::vector<Fill>& items) -> Fill {
    return [items](proto::Mutation::Builder mutation) {
      auto out = mutation.initBatch();
      out.setTimeLimitMs(5000);
      auto list = out.initItems(unsigned(items.size()));
      for (unsigned i = 0; i < list.size(); i++) items[i](list[i]);
    };
  };
  (void)Do(batch({Creating("posts", R"({"title":"a"})"), Deleting("posts", "nosuchrecord000")}));
  EXPECT_THAT(Told(), IsEmpty());
  (void)Do(batch({Creating("posts", R"({"title":"b"})"), Creating("posts", R"({"title":"c"})")}));
  EXPECT_THAT(Told(), ElementsAre("create posts b", "create posts c", "-"));
}

TEST_F(AnnouncerTest, ACascadeIsToldFromTheLeavesUpAndWithWhatItDeletedBeside) {
  Want("posts");
  std::string author = Create("authors", R"({"name":"x"})");
  Create("posts", R"({"title":"a","author":")" + author + R"("})");
  Told();
  ASSERT_TRUE(Do(Deleting("authors", author)).is_done());
  auto told = Told();
  ASSERT_EQ(told.size(), 3u);
  EXPECT_EQ(told[0], "delete posts a");
  EXPECT_THAT(told[1], ::testing::EndsWith("delete authors x"));
}

TEST_F(AnnouncerTest, AnAfterSuccessHandlerThatDoesNotGoOnKeepsTheChangeToItself) {
  Want("posts");
  app_.on_record_after_create_success.BindFunc([](RecordEvent& event) -> HookResult {
    return event.record->Text("title") == "secret" ? HookResult{} : event.Next();
  });
  Create("posts", R"({"title":"secret"})");
  Create("posts", R"({"title":"open"})");
  EXPECT_THAT(Told(), ElementsAre("create posts open", "-"));
}

TEST_F(AnnouncerTest, AHandlerOfTheModelCannotKeepItBack) {
  Want("posts");
  app_.on_model_after_create_success.BindFunc([](ModelEvent&) { return HookResult{}; });
  Create("posts", R"({"title":"a"})");
  EXPECT_THAT(Told(), ElementsAre("create posts a", "-"));
}

TEST_F(AnnouncerTest, AWorkerWhoseConnectionIsAwayFindsEverythingWhenItComesBack) {
  Want("posts");
  announcer_.Gone(*end_.peer);
  Create("posts", R"({"title":"a"})");
  Create("posts", R"({"title":"b"})");
  EXPECT_THAT(Told(), IsEmpty());
  announcer_.Connected(end_.peer, kWorker);
  EXPECT_THAT(Told(), ElementsAre("create posts a", "-", "create posts b", "-"));
}

TEST_F(AnnouncerTest, AWorkerThatTookThePlaceOfADeadOneIsNotToldWhatThatOneMissed) {
  Want("posts");
  announcer_.Gone(*end_.peer);
  Create("posts", R"({"title":"a"})");
  page_->interest.Begin(kWorker, kIncarnation + 1);
  end_.peer->incarnation = kIncarnation + 1;
  announcer_.Connected(end_.peer, kWorker);
  EXPECT_THAT(Told(), IsEmpty());
}

TEST_F(AnnouncerTest, WhoMissedMoreThanIsKeptIsToldThatItWasLost) {
  Want("posts");
  announcer_.Gone(*end_.peer);
  const std::string title(100'000, 'x');
  CreateCollection(R"({"name":"papers","fields":[{"name":"name","type":"text","max":200000}]})");
  Want("papers");
  for (int i = 0; i < 200; i++) Create("papers", R"({"name":")" + title + R"("})");
  announcer_.Connected(end_.peer, kWorker);
  auto told = Told();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0], "lost");
  Create("posts", R"({"title":"after"})");
  EXPECT_THAT(Told(), ElementsAre("create posts after", "-"));
}

TEST_F(AnnouncerTest, AHookInTheLaneReachesEveryWorkerWithItsTopic) {
  Want("news");
  announcer_.Broadcast({"news", "{}"});
  announcer_.Broadcast({"weather", "{}"});
  auto frames = end_.Frames();
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(View(frames[0].message().getTopicMessage().getName()), "news");
}

TEST_F(AnnouncerTest, AQuestionForAWorkerThatIsNotThereIsAnsweredAtOnce) {
  capnp::MallocMessageBuilder builder;
  auto question = builder.initRoot<proto::Message>().initPassOn();
  question.setToWorker(77);
  question.setIncarnation(kIncarnation);
  question.setNumber(5);
  announcer_.PassOn(end_.peer, question.asReader());
  auto frames = end_.Frames();
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_TRUE(frames[0].message().getPassOnReply().isUnreachable());
  EXPECT_EQ(frames[0].message().getPassOnReply().getNumber(), 5u);
}

}  // namespace
}  // namespace wombat

#include "supervisor/process_table.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <thread>

namespace wombat {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kPatienceMs = 10'000;

class ProcessTableTest : public testing::Test {
 protected:
  ~ProcessTableTest() override {
    if (!table_) return;
    table_->Kill(0);
    Until([&] { return !table_->IsRunning(0); });
  }

  // One child; each life of it raises `lives`.
  ProcessTable& Make(std::function<int()> body, ProcessTiming timing = {}, std::vector<int> foreign = {},
                     std::vector<int> own = {}) {
    table_ = std::make_unique<ProcessTable>(timing, std::move(foreign));
    table_->Add({"wombat: test",
                 [this, body = std::move(body)] {
                   page_->schema_generation++;
                   return body();
                 },
                 &page_->writer, std::move(own)});
    table_->Start(0, MonotonicMs());
    return *table_;
  }

  int lives() const { return static_cast<int>(page_->schema_generation.load()) - 1; }

  template <class Condition>
  bool Until(Condition condition, std::int64_t patience = kPatienceMs) {
    const std::int64_t deadline = MonotonicMs() + patience;
    while (!condition()) {
      if (MonotonicMs() >= deadline) return false;
      for (const ChildExit& exit : table_->Reap(MonotonicMs())) exits_.push_back(exit);
      table_->Tick(MonotonicMs());
      std::this_thread::sleep_for(milliseconds(1));
    }
    return true;
  }

  SharedPage* page_ = CreateSharedPage();
  std::unique_ptr<ProcessTable> table_;
  std::vector<ChildExit> exits_;
};

int SleepForever() {
  while (true) ::pause();
}

TEST_F(ProcessTableTest, AChildRunsItsBodyAndItsStatusIsReported) {
  Make([] { return 7; });
  ASSERT_TRUE(Until([&] { return !exits_.empty(); }));
  EXPECT_TRUE(WIFEXITED(exits_[0].status));
  EXPECT_EQ(WEXITSTATUS(exits_[0].status), 7);
}

TEST_F(ProcessTableTest, AChildThatIsKilledIsStartedAgainAtOnce) {
  ProcessTiming timing;
  timing.first_delay = milliseconds(60'000);
  Make(SleepForever, timing);
  ASSERT_TRUE(Until([&] { return lives() == 1; }));
  const pid_t first = table_->Pid(0);
  ::kill(first, SIGKILL);
  ASSERT_TRUE(Until([&] { return lives() == 2; }));
  EXPECT_NE(table_->Pid(0), first);
  EXPECT_EQ(page_->writer.pid.load(), table_->Pid(0));
}

TEST_F(ProcessTableTest, AChildThatKeepsDyingIsStartedWithGrowingDelays) {
  ProcessTiming timing;
  timing.first_delay = milliseconds(50);
  timing.longest_delay = milliseconds(100);
  const std::int64_t start = MonotonicMs();
  Make([] { return 1; }, timing);
  ASSERT_TRUE(Until([&] { return lives() == 5; }));
  EXPECT_GE(MonotonicMs() - start, 0 + 50 + 100 + 100);  // before the 2nd, 3rd, 4th and 5th life
}

TEST_F(ProcessTableTest, ALongLifeEndsTheDelays) {
  ProcessTiming timing;
  timing.first_delay = milliseconds(60'000);
  timing.steady_after = milliseconds(20);
  Make(
      [] {
        ::usleep(50'000);
        return 1;
      },
      timing);
  EXPECT_TRUE(Until([&] { return lives() == 4; }));
}

TEST_F(ProcessTableTest, AStoppedChildIsNotStartedAgain) {
  Make(SleepForever);
  ASSERT_TRUE(Until([&] { return lives() == 1; }));
  table_->Stop(0);
  ASSERT_TRUE(Until([&] { return !table_->IsRunning(0); }));
  EXPECT_EQ(WTERMSIG(exits_.at(0).status), SIGTERM);
  EXPECT_FALSE(Until([&] { return table_->IsRunning(0); }, 50));
}

TEST_F(ProcessTableTest, AChildWithoutHeartbeatIsKilledAndStartedAgain) {
  ProcessTiming timing;
  timing.hang_timeout = milliseconds(150);
  Make(
      [this] {
        page_->writer.last_beat_ms = MonotonicMs();  // one beat, then silence
        return SleepForever();
      },
      timing);
  ASSERT_TRUE(Until([&] { return lives() == 2; }));
  EXPECT_EQ(WTERMSIG(exits_.at(0).status), SIGKILL);
}

TEST_F(ProcessTableTest, AChildThatBeatsIsLeftAlone) {
  ProcessTiming timing;
  timing.hang_timeout = milliseconds(500);
  Make(
      [this] {
        while (true) {
          page_->writer.last_beat_ms = MonotonicMs();
          ::usleep(5'000);
        }
        return 0;
      },
      timing);
  EXPECT_FALSE(Until([&] { return lives() == 2; }, 1'200));
}

TEST_F(ProcessTableTest, AChildThatIsStillStartingHasMoreTime) {
  ProcessTiming timing;
  timing.hang_timeout = milliseconds(50);
  timing.start_timeout = milliseconds(600);
  Make(SleepForever, timing);
  EXPECT_FALSE(Until([&] { return lives() == 2; }, 300));
  EXPECT_TRUE(Until([&] { return lives() == 2; }));
}

TEST_F(ProcessTableTest, AfterAPauseOfTheSupervisorTheChildrenGetTimeToBeatAgain) {
  ProcessTiming timing;
  timing.hang_timeout = milliseconds(5'000);
  Make(SleepForever, timing);
  ASSERT_TRUE(Until([&] { return lives() == 1; }));
  const std::int64_t now = MonotonicMs();
  page_->writer.last_beat_ms = now;
  table_->Tick(now);
  table_->Tick(now + 60'000);  // nobody ran for a minute
  page_->writer.last_beat_ms = now + 60'100;
  table_->Tick(now + 60'200);
  EXPECT_FALSE(Until([&] { return !exits_.empty(); }, 100));
}

TEST_F(ProcessTableTest, AChildKeepsItsOwnDescriptorsOnly) {
  int own[2], foreign[2];
  ASSERT_EQ(::pipe(own), 0);
  ASSERT_EQ(::pipe(foreign), 0);
  Make(
      [own, foreign] {
        char byte = 0;
        const bool own_works = ::write(own[1], &byte, 1) == 1;
        const bool foreign_is_closed = ::write(foreign[1], &byte, 1) < 0 && errno == EBADF;
        return own_works && foreign_is_closed ? 40 : 41;
      },
      {}, {own[1], foreign[1]}, {own[1]});
  ASSERT_TRUE(Until([&] { return !exits_.empty(); }));
  EXPECT_EQ(WEXITSTATUS(exits_[0].status), 40);
  for (int fd : {own[0], own[1], foreign[0], foreign[1]}) ::close(fd);
}

TEST_F(ProcessTableTest, ATerminalsInterruptDoesNotEndAChild) {
  Make(SleepForever);
  ASSERT_TRUE(Until([&] { return lives() == 1; }));
  ::kill(table_->Pid(0), SIGINT);
  ::kill(table_->Pid(0), SIGHUP);
  EXPECT_FALSE(Until([&] { return !exits_.empty(); }, 100));
}

TEST_F(ProcessTableTest, AChildIsNamedAfterItsRole) {
  Make(SleepForever);
  ASSERT_TRUE(Until([&] { return lives() == 1; }));
  std::ifstream file("/proc/" + std::to_string(table_->Pid(0)) + "/comm");
  std::string name;
  std::getline(file, name);
  EXPECT_EQ(name, "wombat-test");
}

TEST(ProcessTable, ChildrenDieWithTheirSupervisor) {
  SharedPage* page = CreateSharedPage();
  const pid_t supervisor = ::fork();
  if (supervisor == 0) {
    ProcessTable table({}, {});
    table.Add({"wombat: test", SleepForever, &page->writer, {}});
    table.Start(0, MonotonicMs());
    ::pause();
    ::_exit(0);
  }
  const auto wait_for = [](auto condition) {
    for (int i = 0; i < 10'000 && !condition(); i++) ::usleep(1'000);
    return condition();
  };
  ASSERT_TRUE(wait_for([&] { return page->writer.pid.load() != 0; }));
  ::kill(supervisor, SIGKILL);
  ::waitpid(supervisor, nullptr, 0);
  EXPECT_TRUE(wait_for([&] {
    // Gone, or a zombie that whoever adopts orphans has not collected yet.
    std::ifstream file("/proc/" + std::to_string(page->writer.pid.load()) + "/stat");
    std::stringstream text;
    text << file.rdbuf();
    const std::string stat = text.str();
    return stat.empty() || stat.find(") Z") != std::string::npos;
  }));
}

}  // namespace
}  // namespace wombat

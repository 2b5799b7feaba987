#include "writer/jobs/log_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <set>

#include "common/base/time.h"
#include "tests/writer/data_directory.h"
#include "writer/bootstrap/bootstrap.h"
#include "writer/jobs/log_queue.h"

namespace wombat {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;

constexpr auto kNever = std::chrono::hours(1);

Settings WithLogs(std::int64_t max_days, int min_level = 0) {
  Settings settings;
  settings.logs.max_days = max_days;
  settings.logs.min_level = min_level;
  return settings;
}

LogEntry Entry(std::string message, int level = 0) {
  return {level, std::move(message), R"({"status":200,"type":"request"})", NowText()};
}

std::vector<LogEntry> Entries(int count, const std::string& prefix = "m") {
  std::vector<LogEntry> entries;
  for (int i = 0; i < count; ++i) entries.push_back(Entry(prefix + std::to_string(i)));
  return entries;
}

class LogStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    page_ = CreateSharedPage();
    ASSERT_NE(page_, nullptr);
    ASSERT_TRUE(Bootstrap({directory_.path().string(), ""}));
  }

  std::unique_ptr<LogStore> Open(const Settings& settings, const LogStore::Options& options) {
    auto connection = Connection::Open(directory_.file("auxiliary.db"), {.mode = Connection::Mode::kAuxiliary});
    return std::make_unique<LogStore>(std::move(*connection), settings, *page_, options);
  }
  std::unique_ptr<LogStore> Open(const Settings& settings = {}) { return Open(settings, LogStore::Options()); }

  std::string Value(const std::string& sql) { return directory_.Value("auxiliary.db", sql); }
  std::vector<std::string> Messages() {
    return directory_.Column("auxiliary.db", "SELECT message FROM _logs ORDER BY rowid");
  }
  std::string Count() { return Value("SELECT count(*) FROM _logs"); }
  bool EventuallyCounts(const std::string& count, milliseconds within = milliseconds(5000)) {
    const auto end = std::chrono::steady_clock::now() + within;
    while (Count() != count) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(milliseconds(5));
    }
    return true;
  }

  TemporaryDirectory directory_;
  SharedPage* page_ = nullptr;
};

TEST_F(LogStoreTest, AnEntryIsStoredWithAllItsParts) {
  auto store = Open();
  const LogEntry entry{8, "GET /x?y=1", R"({"a":1})", "2126-01-02 03:04:05.678Z"};
  store->Append(std::span(&entry, 1));
  store->Flush();
  EXPECT_EQ(Value("SELECT json_array(level, message, data, created) FROM _logs"),
            R"([8,"GET /x?y=1","{\"a\":1}","2126-01-02 03:04:05.678Z"])");
}

TEST_F(LogStoreTest, IdsAreDistinctAndOfTheRightForm) {
  auto store = Open();
  store->Append(Entries(500));
  store->Flush();
  store->Append(Entries(500));
  store->Flush();
  EXPECT_EQ(Value("SELECT count(DISTINCT id) FROM _logs"), "1000");
  EXPECT_EQ(Value("SELECT count(*) FROM _logs WHERE length(id) <> 15 OR id GLOB '*[^a-z0-9]*'"), "0");
}

TEST_F(LogStoreTest, EntriesKeepTheOrderInWhichTheyCame) {
  auto store = Open();
  const auto entries = Entries(1000);
  store->Append(entries);
  store->Flush();
  std::vector<std::string> expected;
  for (const auto& entry : entries) expected.push_back(entry.message);
  EXPECT_EQ(Messages(), expected);
}

TEST_F(LogStoreTest, AFullBatchIsWrittenAtOnce) {
  LogStore::Options options;
  options.idle_flush = kNever;
  auto store = Open({}, options);
  store->Append(Entries(199));
  EXPECT_FALSE(EventuallyCounts("199", milliseconds(100)));
  store->Append(Entries(1));
  EXPECT_TRUE(EventuallyCounts("200"));
}

TEST_F(LogStoreTest, FewEntriesAreWrittenOnceNoMoreHaveComeForAWhile) {
  LogStore::Options options;
  options.idle_flush = milliseconds(150);
  auto store = Open({}, options);
  const auto start = std::chrono::steady_clock::now();
  store->Append(Entries(2));
  EXPECT_TRUE(EventuallyCounts("2"));
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(150));
}

TEST_F(LogStoreTest, UnderLoadManyBatchesShareATransaction) {
  LogStore::Options options;
  options.idle_flush = kNever;
  options.min_pause = kNever;
  options.burst_entries = 1000;
  auto store = Open({}, options);
  store->Append(Entries(200));
  ASSERT_TRUE(EventuallyCounts("200"));  // the first one has no other to wait for
  store->Append(Entries(999));
  EXPECT_FALSE(EventuallyCounts("1199", milliseconds(100)));
  store->Append(Entries(1));
  EXPECT_TRUE(EventuallyCounts("1200"));
}

TEST_F(LogStoreTest, WhatIsQueuedIsWrittenWhenItStops) {
  LogStore::Options options;
  options.idle_flush = kNever;
  auto store = Open({}, options);
  store->Append(Entries(7));
  store->Stop();
  EXPECT_EQ(Count(), "7");
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "auxiliary.db-wal"));
}

TEST_F(LogStoreTest, EntriesBelowTheMinimalLevelAreIgnored) {
  auto store = Open(WithLogs(5, 4));
  const std::vector<LogEntry> entries = {Entry("info", 0), Entry("warn", 4), Entry("debug", -4), Entry("error", 8)};
  store->Append(entries);
  store->Flush();
  EXPECT_THAT(Messages(), ElementsAre("warn", "error"));
}

TEST_F(LogStoreTest, NothingIsKeptWhileLogsAreOff) {
  directory_.Execute("auxiliary.db", "INSERT INTO _logs (message) VALUES ('old')");
  auto store = Open(WithLogs(0));
  store->Append(Entries(10));
  store->Flush();
  EXPECT_TRUE(EventuallyCounts("0"));
}

TEST_F(LogStoreTest, OldEntriesAndThoseBelowTheLevelGoWhenSettingsAreLoaded) {
  directory_.Execute("auxiliary.db",
                     "INSERT INTO _logs (message, level, created) VALUES "
                     "('old', 8, strftime('%Y-%m-%d %H:%M:%fZ', 'now', '-5 days', '-1 minutes')),"
                     "('young', 8, strftime('%Y-%m-%d %H:%M:%fZ', 'now', '-5 days', '+5 minutes')),"
                     "('low', 0, strftime('%Y-%m-%d %H:%M:%fZ', 'now')), ('timeless', 8, '')");
  auto store = Open(WithLogs(5, 4));
  ASSERT_TRUE(EventuallyCounts("1"));
  EXPECT_THAT(Messages(), ElementsAre("young"));
  store->Update(WithLogs(4, 4));
  EXPECT_TRUE(EventuallyCounts("0"));
}

TEST_F(LogStoreTest, APurgeOfManyRowsIsFinished) {
  directory_.Execute("auxiliary.db",
                     "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000) "
                     "INSERT INTO _logs (message, created) SELECT 'm' || i, '2001-01-01 00:00:00.000Z' FROM n");
  auto store = Open();
  EXPECT_TRUE(EventuallyCounts("0"));
}

TEST_F(LogStoreTest, TheWriteAheadLogStaysBounded) {
  auto store = Open();
  const auto entries = Entries(2000, std::string(300, 'x'));
  std::uintmax_t largest = 0;
  for (int round = 0; round < 60; ++round) {
    store->Append(entries);
    store->Flush();
    largest = std::max(largest, std::filesystem::file_size(directory_.path() / "auxiliary.db-wal"));
  }
  EXPECT_EQ(Count(), "120000");
  EXPECT_GT(std::filesystem::file_size(directory_.path() / "auxiliary.db"), 80u << 20);
  EXPECT_LT(largest, 48u << 20);
}

TEST_F(LogStoreTest, AFullDiskCostsEntriesButNotTheStore) {
  auto store = Open();
  store->Append(Entries(1, "before"));
  store->Flush();
  (void)std::signal(SIGXFSZ, SIG_IGN);
  rlimit unlimited{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &unlimited), 0);
  const rlimit full{16 << 10, unlimited.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &full), 0);
  store->Append(Entries(2000, "lost"));
  store->Flush();
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
  EXPECT_EQ(page_->dropped_log_entries.load(), 2000u);

  store->Append(Entries(1, "after"));
  store->Flush();
  EXPECT_THAT(Messages(), ElementsAre("before0", "after0"));
  EXPECT_EQ(Value("PRAGMA integrity_check"), "ok");
}

TEST_F(LogStoreTest, AFullQueueLosesItsOldestEntriesAndCountsThem) {
  LogStore::Options options;
  options.idle_flush = kNever;
  options.flush_entries = options.burst_entries = 1'000'000;
  options.queue_bytes = 40'000;
  options.chunk_bytes = 4'000;
  auto store = Open({}, options);
  for (int i = 0; i < 2000; ++i) store->Append(Entries(1, std::to_string(i) + "-"));
  store->Stop();
  const auto messages = Messages();
  EXPECT_EQ(messages.size() + page_->dropped_log_entries.load(), 2000u);
  ASSERT_FALSE(messages.empty());
  EXPECT_GT(page_->dropped_log_entries.load(), 0u);
  EXPECT_EQ(messages.back(), "1999-0");
  EXPECT_EQ(messages.front(), std::to_string(2000 - messages.size()) + "-0");
}

TEST_F(LogStoreTest, ManyThreadsMayAppendAtOnce) {
  auto store = Open();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&store, t] {
        for (int i = 0; i < 50; ++i) store->Append(Entries(20, std::to_string(t) + "/" + std::to_string(i) + "/"));
      });
    }
  }
  store->Flush();
  EXPECT_EQ(Value("SELECT count(DISTINCT message) FROM _logs"), "4000");
}

TEST(LogQueue, AnEntryLongerThanAChunkGetsOneOfItsOwn) {
  LogQueue queue(100'000, 100);
  const std::string data(5000, 'd');
  EXPECT_EQ(queue.Push({1, "a", data, "c"}), 0u);
  EXPECT_EQ(queue.Push({2, "b", "{}", "c"}), 0u);
  const auto chunks = queue.Take(10);
  ASSERT_EQ(chunks.size(), 2u);
  EXPECT_EQ(chunks[0].at(0).data_json, data);
  EXPECT_EQ(chunks[1].at(0).message, "b");
  EXPECT_EQ(queue.size(), 0u);
}

TEST(LogQueue, AnEntryLongerThanTheQueueIsDropped) {
  LogQueue queue(1000, 100);
  EXPECT_EQ(queue.Push({0, std::string(2000, 'm'), "{}", "c"}), 1u);
  EXPECT_EQ(queue.size(), 0u);
}

TEST(LogQueue, NoMoreIsTakenThanAskedFor) {
  LogQueue queue(100'000, 20);
  for (int i = 0; i < 10; ++i) queue.Push({0, "0123456789", "012345", ""});
  EXPECT_EQ(queue.Take(3).size(), 3u);
  EXPECT_EQ(queue.size(), 7u);
}

}  // namespace
}  // namespace wombat

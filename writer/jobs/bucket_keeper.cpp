#include "writer/jobs/bucket_keeper.h"

#include <pthread.h>

#include <algorithm>
#include <cstdio>
#include <unordered_set>

#include "writer/jobs/file_references.h"

namespace wombat {
namespace {

constexpr std::chrono::seconds kFirstDelay{1}, kLongestDelay{300}, kLastMoment{3};
// More than these are left to the notes.
constexpr std::size_t kMaxJobs = 100'000;
constexpr int kCacheKib = 512;

}  // namespace

BucketKeeper::~BucketKeeper() {
  {
    std::lock_guard lock(mutex_);
    stop_at_ = Clock::now() + kLastMoment;
  }
  ready_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void BucketKeeper::Remove(std::shared_ptr<Storage> bucket, std::vector<std::string> keys, std::optional<std::uint64_t> note) {
  {
    std::lock_guard lock(mutex_);
    if (stop_at_ || jobs_.size() >= kMaxJobs) return;
    jobs_.push_back({std::move(bucket), std::move(keys), note, 0, {}});
    if (!thread_.joinable()) thread_ = std::thread([this] { ThreadMain(); });
  }
  ready_.notify_one();
}

void BucketKeeper::ThreadMain() {
  pthread_setname_np(pthread_self(), "bucket");
  while (auto job = NextJob()) {
    if (auto done = Work(*job); done) {
      if (job->note) journal_.End(*job->note);
      continue;
    } else if (job->failures++ == 0) {
      std::fprintf(stderr, "wombat writer: files cannot be deleted from the bucket yet: %s\n", done.error().message.c_str());
    }
    const auto delay = std::min(kLongestDelay, kFirstDelay * (1 << std::min(job->failures - 1, 10)));
    job->due = Clock::now() + delay;
    std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(*job));
  }
}

std::optional<BucketKeeper::Job> BucketKeeper::NextJob() {
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto now = Clock::now();
    if (stop_at_ && now >= *stop_at_) return std::nullopt;
    const auto next = std::ranges::min_element(jobs_, {}, &Job::due);
    if (next != jobs_.end() && next->due <= now) {
      Job job = std::move(*next);
      jobs_.erase(next);
      return job;
    }
    // What has failed is not tried once more at the end.
    if (stop_at_) return std::nullopt;
    if (next == jobs_.end()) ready_.wait(lock);
    else ready_.wait_until(lock, next->due);
  }
}

Result<void> BucketKeeper::Work(Job& job) {
  while (!job.keys.empty()) {
    if (auto removed = RemoveKey(*job.bucket, job.keys.back()); !removed) return removed;
    job.keys.pop_back();
  }
  return {};
}

Result<void> BucketKeeper::RemoveKey(Storage& bucket, const std::string& key) {
  if (!key.ends_with('/')) {
    std::vector<std::string> keys{key};
    if (auto spared = Spare(keys); !spared || keys.empty()) return spared;
    return bucket.Discard(key);
  }
  Result<void> spared;
  const Storage::Spare spare = [&](std::vector<std::string>& keys) {
    spared = Spare(keys);
    if (!spared) keys.clear();
  };
  auto deleted = bucket.DeletePrefix(key, spare);
  return deleted ? spared : deleted;
}

Result<void> BucketKeeper::Spare(std::vector<std::string>& keys) {
  // In this order: an upload whose note has gone meanwhile is committed, and seen below.
  const auto noted = NotedKeys(data_dir_, journal_.folder());
  const std::unordered_set<std::string> under_way(noted.begin(), noted.end());
  if (!reader_) {
    auto opened = Connection::Open(data_dir_ + "/data.db", {.mode = Connection::Mode::kReader, .cache_kib = kCacheKib});
    if (!opened) return std::unexpected(opened.error());
    reader_ = std::move(*opened);
  }
  auto schema = LoadSchema(*reader_, 0);
  if (!schema) return std::unexpected(schema.error());
  FileReferences references(*reader_, **schema);
  std::erase_if(keys, [&](const std::string& key) {
    const std::string owner = OwnerOfKey(key);
    const FileKeyParts parts = ParseFileKey(owner);
    return under_way.contains(owner) || references.HasFile(parts.collection, parts.record, parts.name);
  });
  // A view that reads no table would be the old one with the next schema.
  reader_->ClearCache();
  return {};
}

}  // namespace wombat

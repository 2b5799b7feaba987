#include "writer/jobs/cron.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>

namespace wombat {
namespace {

bool IsProducts(std::string_view id) { return id.starts_with("__pb"); }

void RunContained(const std::string& id, const CronJobs::Run& run) {
  try {
    run();
  } catch (const std::exception& exception) {
    std::fprintf(stderr, "the cron job %s failed: %s\n", id.c_str(), exception.what());
  } catch (...) {
    std::fprintf(stderr, "the cron job %s failed\n", id.c_str());
  }
}

}  // namespace

std::expected<void, std::string> CronJobs::Add(std::string id, std::string_view expression, Run run) {
  auto schedule = ParseCron(expression);
  if (!schedule) return std::unexpected(std::move(schedule.error()));
  const std::lock_guard lock(mutex_);
  std::erase_if(jobs_, [&](const Job& job) { return job.id == id; });
  jobs_.push_back({std::move(id), std::string(ExpandCronMacro(expression)), *schedule, std::make_shared<const Run>(std::move(run))});
  return {};
}

void CronJobs::Remove(std::string_view id) {
  const std::lock_guard lock(mutex_);
  std::erase_if(jobs_, [&](const Job& job) { return job.id == id; });
}

std::vector<CronJobs::Listed> CronJobs::List() const {
  std::vector<Listed> listed;
  {
    const std::lock_guard lock(mutex_);
    for (const Job& job : jobs_) listed.push_back({job.id, job.expression});
  }
  const auto products = std::ranges::stable_partition(listed, [](const Listed& job) { return !IsProducts(job.id); });
  std::sort(listed.begin(), products.begin(), [](const Listed& a, const Listed& b) { return a.id < b.id; });
  return listed;
}

bool CronJobs::Start(std::string_view id) {
  const std::lock_guard lock(mutex_);
  const auto job = std::ranges::find(jobs_, id, &Job::id);
  if (job == jobs_.end()) return false;
  StartLocked(*job);
  return true;
}

void CronJobs::Tick(Timestamp now) {
  const std::int64_t minute = std::chrono::floor<std::chrono::minutes>(now).time_since_epoch().count();
  std::list<Running> ended;
  {
    const std::lock_guard lock(mutex_);
    if (minute == last_minute_) return;
    // The minute in which the server started had begun before; a clock that was set back starts nothing twice.
    const bool begins = last_minute_ != 0 && minute > last_minute_;
    last_minute_ = minute;
    ended = TakeEndedLocked();
    if (begins)
      for (const Job& job : jobs_)
        if (job.schedule.IsDue(now)) StartLocked(job);
  }
  for (Running& run : ended) run.thread.join();
}

void CronJobs::StartLocked(const Job& job) {
  if (stopped_) return;
  Running& running = running_.emplace_back();
  running.thread = std::thread([this, &running, id = job.id, run = job.run] {
    RunContained(id, *run);
    const std::lock_guard lock(mutex_);
    running.ended = true;
  });
}

std::list<CronJobs::Running> CronJobs::TakeEndedLocked() {
  std::list<Running> ended;
  for (auto run = running_.begin(); run != running_.end();) {
    const auto next = std::next(run);
    if (run->ended) ended.splice(ended.end(), running_, run);
    run = next;
  }
  return ended;
}

void CronJobs::Stop() {
  std::list<Running> running;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    running.splice(running.end(), running_);
  }
  for (Running& run : running) run.thread.join();
}

}  // namespace wombat

// Jobs on a schedule, beside the lane.                                                         Behaviour: spec 05 §6, 07 §14.2.
//
// Once a minute everything that is due runs, each job on a thread of its own, which is made for that run: a server whose
// jobs rest has no thread for them. Runs of one job may overlap, and minutes that were missed are not made up for. What a job
// throws ends that run and nothing else.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/base/cron.h"

namespace wombat {

class CronJobs {
 public:
  using Run = std::function<void()>;
  struct Listed {
    std::string id, expression;
  };

  CronJobs() = default;
  ~CronJobs() { Stop(); }
  CronJobs(const CronJobs&) = delete;
  CronJobs& operator=(const CronJobs&) = delete;

  // Any thread. A job of the same id is replaced and goes to the end of the list. The error: what the parser says.
  std::expected<void, std::string> Add(std::string id, std::string_view expression, Run run);
  void Remove(std::string_view id);
  // The jobs of the application by id, then those of the product ("__pb…") as they were added. Macros are written out.
  std::vector<Listed> List() const;
  // Starts it now. False: there is none of this id.
  bool Start(std::string_view id);

  // Called at least once a second, by one thread: starts what is due when a new minute has begun since the last call.
  void Tick(Timestamp now);
  // Nothing starts any more; returns when all runs have ended.
  void Stop();

 private:
  struct Job {
    std::string id, expression;
    CronSchedule schedule;
    std::shared_ptr<const Run> run;
  };
  struct Running {
    std::thread thread;
    bool ended = false;
  };

  void StartLocked(const Job& job);
  std::list<Running> TakeEndedLocked();

  mutable std::mutex mutex_;
  std::vector<Job> jobs_;
  std::list<Running> running_;
  std::int64_t last_minute_ = 0;       // since 1970; 0: not ticked yet
  bool stopped_ = false;
};

}  // namespace wombat

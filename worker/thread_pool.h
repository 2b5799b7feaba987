// Threads for whatever blocks: password hashing, queries that turn out slow. Results come back on the loop.
#pragma once

#include <uv.h>

#include <condition_variable>
#include <coroutine>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "common/app/task.h"
#include "common/db/sqlite.h"

namespace wombat {

// What a job may use on its thread.
class PoolThread {
 public:
  explicit PoolThread(std::string data_path) : data_path_(std::move(data_path)) {}
  // This thread's own read connection, opened when first asked for.
  Result<Connection*> Reader();

 private:
  std::string data_path_;
  std::unique_ptr<Connection> reader_;
};

// How a pool's threads behave towards all that runs on the machine.
struct PoolManners {
  int niceness = 0;                  // they leave the cores to whoever wants them more
  // False: enough runs on the machine already, so no further thread starts working while one of this pool does. Asked with
  // how many of this pool's do.
  std::function<bool(int working)> may_work = {};
  std::function<void(int working)> working = {};   // after each change of it
};

// Created, used and destroyed on the loop's thread. Threads start with the first job, so an idle worker has none.
class ThreadPool {
 public:
  // `threads` bounds what runs at once; jobs past `max_waiting` are not taken (Run answers nullopt).
  ThreadPool(uv_loop_t* loop, int threads, std::size_t max_waiting, std::string data_path, PoolManners manners = {});
  ~ThreadPool();

  // Runs `job` on a pool thread and resumes the caller on the loop. Everything that `job` refers to must live until then,
  // which it does when it belongs to the awaiting coroutine. nullopt: too much waits already.
  template <class T>
  Task<std::optional<T>> Run(std::function<T(PoolThread&)> job) {
    std::optional<T> result;
    Waiter waiter(this, [&result, &job](PoolThread& thread) { result.emplace(job(thread)); });
    bool taken = co_await waiter;
    if (!taken) co_return std::nullopt;
    co_return std::move(result);
  }

  std::size_t waiting();
  // Jobs that have not started are dropped; running ones are waited for.
  void Stop();

 private:
  // Its address is what the pool knows it by. g++ 12 copies awaiters that can be copied, so this one cannot.
  struct Waiter {
    Waiter(ThreadPool* pool_, std::function<void(PoolThread&)> job_) : pool(pool_), job(std::move(job_)) {}
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    ThreadPool* pool;
    std::function<void(PoolThread&)> job;
    std::coroutine_handle<> coroutine;
    bool taken = true;

    bool await_ready() const { return false; }
    bool await_suspend(std::coroutine_handle<> handle) {
      coroutine = handle;
      taken = pool->Submit(this);
      return taken;
    }
    bool await_resume() const { return taken; }
  };

  bool Submit(Waiter* waiter);
  void ThreadMain();
  bool MayWorkLocked() const { return working_ == 0 || !manners_.may_work || manners_.may_work(working_); }
  void SetWorkingLocked(int working);
  void WakeLocked();
  void Deliver();

  uv_loop_t* loop_;
  int max_threads_;
  std::size_t max_waiting_;
  std::string data_path_;
  PoolManners manners_;
  std::unique_ptr<uv_async_t, void (*)(uv_async_t*)> done_signal_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Waiter*> waiting_;
  std::vector<Waiter*> done_;
  int idle_ = 0;
  int working_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace wombat

#include "worker/thread_pool.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

namespace wombat {
namespace {

// A pool connection serves few statements at a time; its cache is small because every worker may have several.
constexpr int kPoolCacheKib = 4000;

void CloseAsync(uv_async_t* async) {
  uv_close(reinterpret_cast<uv_handle_t*>(async), [](uv_handle_t* handle) { delete reinterpret_cast<uv_async_t*>(handle); });
}

}  // namespace

Result<Connection*> PoolThread::Reader() {
  if (!reader_) {
    auto opened = Connection::Open(data_path_, {.mode = Connection::Mode::kReader, .cache_kib = kPoolCacheKib, .cached_statements = 0});
    if (!opened) return std::unexpected(opened.error());
    reader_ = std::move(*opened);
  }
  // No statements are kept, and a table is read first: SQLite looks for a changed schema only then, and a statement over a
  // view that reads no table would be the old view's (Snapshots::Refresh does the same for the loop).
  if (auto looked = reader_->QueryValue("SELECT 1 FROM sqlite_master LIMIT 1"); !looked) {
    return std::unexpected(looked.error());
  }
  return reader_.get();
}

ThreadPool::ThreadPool(uv_loop_t* loop, int threads, std::size_t max_waiting, std::string data_path, PoolManners manners)
    : loop_(loop), max_threads_(threads), max_waiting_(max_waiting), data_path_(std::move(data_path)), manners_(std::move(manners)),
      done_signal_(new uv_async_t, CloseAsync) {
  uv_async_init(loop_, done_signal_.get(), [](uv_async_t* async) { static_cast<ThreadPool*>(async->data)->Deliver(); });
  done_signal_->data = this;
  uv_unref(reinterpret_cast<uv_handle_t*>(done_signal_.get()));
}

ThreadPool::~ThreadPool() { Stop(); }

std::size_t ThreadPool::waiting() {
  std::lock_guard lock(mutex_);
  return waiting_.size();
}

bool ThreadPool::Submit(Waiter* waiter) {
  std::lock_guard lock(mutex_);
  if (stopping_ || waiting_.size() >= max_waiting_) return false;
  waiting_.push_back(waiter);
  WakeLocked();
  return true;
}

// Has one more thread see to what waits. Where none may, whoever works now takes it afterwards.
void ThreadPool::WakeLocked() {
  if (stopping_ || waiting_.empty() || !MayWorkLocked()) return;
  if (idle_ < int(waiting_.size()) && int(threads_.size()) < max_threads_) threads_.emplace_back([this] { ThreadMain(); });
  else ready_.notify_one();
}

void ThreadPool::SetWorkingLocked(int working) {
  working_ = working;
  if (manners_.working) manners_.working(working);
}

void ThreadPool::ThreadMain() {
  pthread_setname_np(pthread_self(), "pool");
  if (manners_.niceness != 0) (void)::setpriority(PRIO_PROCESS, id_t(::gettid()), manners_.niceness);
  PoolThread thread(data_path_);
  for (;;) {
    Waiter* waiter;
    {
      std::unique_lock lock(mutex_);
      idle_++;
      ready_.wait(lock, [&] { return stopping_ || (!waiting_.empty() && MayWorkLocked()); });
      idle_--;
      if (stopping_) return;
      SetWorkingLocked(working_ + 1);
      waiter = waiting_.front();
      waiting_.pop_front();
      WakeLocked();                  // others may have stopped working since this job was submitted
    }
    waiter->job(thread);
    {
      std::lock_guard lock(mutex_);
      SetWorkingLocked(working_ - 1);
      done_.push_back(waiter);
    }
    uv_async_send(done_signal_.get());
  }
}

void ThreadPool::Deliver() {
  std::vector<Waiter*> done;
  {
    std::lock_guard lock(mutex_);
    done.swap(done_);
  }
  for (Waiter* waiter : done) waiter->coroutine.resume();
}

void ThreadPool::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_all();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace wombat

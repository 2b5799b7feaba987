// co_await OffLoop(loop, work): runs `work` on libuv's thread pool and goes on with its result on the loop.
// For whatever may block: file system calls, password hashes, slow queries. `work` must own or outlive what it touches
// and must not throw.
#pragma once

#include <uv.h>

#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace wombat {

template <class Work>
class OffLoopAwaiter {
 public:
  using Value = std::invoke_result_t<Work&>;

  OffLoopAwaiter(uv_loop_t* loop, Work work) : loop_(loop), work_(std::move(work)) {}
  OffLoopAwaiter(const OffLoopAwaiter&) = delete;
  OffLoopAwaiter& operator=(const OffLoopAwaiter&) = delete;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    waiting_ = waiting;
    request_.data = this;
    const int status = uv_queue_work(
        loop_, &request_,
        [](uv_work_t* request) {
          auto& self = *static_cast<OffLoopAwaiter*>(request->data);
          self.value_.emplace(self.work_());
        },
        [](uv_work_t* request, int) { static_cast<OffLoopAwaiter*>(request->data)->waiting_.resume(); });
    if (status != 0) std::terminate();  // only for a missing callback
  }
  Value await_resume() { return std::move(*value_); }

 private:
  uv_loop_t* loop_;
  Work work_;
  uv_work_t request_{};
  std::coroutine_handle<> waiting_;
  std::optional<Value> value_;
};

// The awaiter must stay where it is while it is awaited: `auto step = OffLoop(…); auto result = co_await step;`
template <class Work>
OffLoopAwaiter<Work> OffLoop(uv_loop_t* loop, Work work) {
  return {loop, std::move(work)};
}

}  // namespace wombat

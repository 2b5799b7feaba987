// co_await Pause(loop, duration): goes on when that time has passed, while the loop serves others.
#pragma once

#include <uv.h>

#include <chrono>
#include <coroutine>
#include <cstdint>

namespace wombat {

class Pause {
 public:
  Pause(uv_loop_t* loop, std::chrono::milliseconds duration) : loop_(loop), duration_(duration) {}

  bool await_ready() const noexcept { return duration_.count() <= 0; }
  void await_suspend(std::coroutine_handle<> waiting) {
    auto* timer = new uv_timer_t;  // lives until the loop has closed it, which is after the coroutine went on
    uv_timer_init(loop_, timer);
    timer->data = waiting.address();
    uv_timer_start(timer, &Pause::Ended, std::uint64_t(duration_.count()), 0);
  }
  void await_resume() const noexcept {}

 private:
  static void Ended(uv_timer_t* timer) {
    const auto waiting = std::coroutine_handle<>::from_address(timer->data);
    uv_close(reinterpret_cast<uv_handle_t*>(timer),
             [](uv_handle_t* handle) { delete reinterpret_cast<uv_timer_t*>(handle); });
    waiting.resume();
  }

  uv_loop_t* loop_;
  std::chrono::milliseconds duration_;
};

}  // namespace wombat

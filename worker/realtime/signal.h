// A moment that one coroutine waits for and that comes once. Loop's thread.
#pragma once

#include <coroutine>
#include <utility>

namespace wombat {

class Signal {
 public:
  Signal() = default;
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  void Set() {
    if (std::exchange(is_set_, true)) return;
    if (auto waiting = std::exchange(waiting_, {})) waiting.resume();
  }
  bool is_set() const { return is_set_; }

  struct Awaiter {
    Signal* signal;
    bool await_ready() const { return signal->is_set_; }
    void await_suspend(std::coroutine_handle<> waiting) { signal->waiting_ = waiting; }
    void await_resume() const {}
  };
  Awaiter Wait() { return {this}; }

 private:
  bool is_set_ = false;
  std::coroutine_handle<> waiting_;
};

}  // namespace wombat

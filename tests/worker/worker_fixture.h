// A fresh data directory with a writer's lane in it and a worker's reader beside it.
#pragma once

#include <uv.h>

#include "tests/writer/lane_fixture.h"
#include "worker/request_context.h"

namespace wombat {

// A loop that is run until something has happened, and closed with all its handles.
class TestLoop {
 public:
  TestLoop() {
    uv_loop_init(&loop_);
    // Pool signals do not keep a loop alive, and a loop without anything alive looks at nothing.
    uv_timer_init(&loop_, &alive_);
    uv_timer_start(&alive_, [](uv_timer_t*) {}, 1, 1);
  }
  ~TestLoop() {
    uv_close(reinterpret_cast<uv_handle_t*>(&alive_), nullptr);
    uv_run(&loop_, UV_RUN_DEFAULT);      // lets closed handles go
    EXPECT_EQ(uv_loop_close(&loop_), 0);
  }
  TestLoop(const TestLoop&) = delete;
  TestLoop& operator=(const TestLoop&) = delete;

  uv_loop_t* get() { return &loop_; }
  // False: it did not happen in time.
  template <class Happened>
  bool RunUntil(Happened happened, std::chrono::milliseconds limit = std::chrono::seconds(20)) {
    auto deadline = std::chrono::steady_clock::now() + limit;
    while (!happened()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      uv_run(&loop_, UV_RUN_ONCE);
    }
    return true;
  }

 private:
  uv_loop_t loop_;
  uv_timer_t alive_;
};

class WorkerTest : public LaneTest {
 protected:
  WorkerTest() {
    auto opened = Connection::Open(DatabasePath(), {.mode = Connection::Mode::kReader});
    EXPECT_TRUE(opened) << opened.error().message;
    reader_ = std::move(*opened);
  }
  std::shared_ptr<Record> Shareable(std::string_view collection, std::string_view id) {
    return std::make_shared<Record>(Stored(collection, id));
  }
  RequestInfo Guest() { return {}; }
  RequestInfo As(std::string_view collection, std::string_view id) {
    RequestInfo info;
    info.auth = Shareable(collection, id);
    return info;
  }
  RequestInfo Superuser() {
    if (root_.empty()) root_ = Create("_superusers", R"({"email":"root@b.co","password":"1234567890"})");
    return As("_superusers", root_);
  }

  std::unique_ptr<Connection> reader_;
  std::string root_;
};

}  // namespace wombat

#include "worker/files/detached.h"

#include <memory>

namespace wombat {
namespace {

struct Detached {
  uv_work_t request{};
  std::function<void()> work;
};

}  // namespace

void RunDetached(uv_loop_t* loop, std::function<void()> work) {
  auto job = std::make_unique<Detached>();
  job->work = std::move(work);
  job->request.data = job.get();
  const int status = uv_queue_work(
      loop, &job->request, [](uv_work_t* request) { static_cast<Detached*>(request->data)->work(); },
      [](uv_work_t* request, int) { delete static_cast<Detached*>(request->data); });
  if (status == 0) (void)job.release();
}

}  // namespace wombat

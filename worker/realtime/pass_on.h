// Requests about realtime clients of other workers: passed on through the writer, answered by the client's worker.
//                                                                                     design.md, "Realtime";
//                                                                                     proto/README.md.
//
// What was not answered is asked again when the writer comes back. Doing it twice does no harm: a subscription is set
// whole.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "common/app/task.h"
#include "proto/frame.h"
#include "worker/realtime/signal.h"
#include "worker/request_context.h"

namespace wombat {

class PassOnDesk {
 public:
  explicit PassOnDesk(Runtime& runtime) : runtime_(runtime) {}

  // The other worker's answer to this request; 404 with `gone` when it cannot be reached.
  Task<HandlerResult> Ask(RequestContext& context, int owner, std::string_view gone);

  // ---- the writer link's
  void Connected();
  void TakeReply(Frame frame);
  // A request that another worker has passed on: `handle` makes the answer.
  void TakeRequest(Frame frame, Task<HandlerResult> (*handle)(RequestContext&));

 private:
  struct Question {
    const RequestContext* context;
    int owner;
    Signal answered;
    std::optional<Frame> reply;
  };
  bool Send(std::uint64_t number, const Question& question);
  Task<void> Answer(Frame frame, Task<HandlerResult> (*handle)(RequestContext&));

  Runtime& runtime_;
  std::uint64_t next_number_ = 1;
  std::map<std::uint64_t, Question*> questions_;
};

}  // namespace wombat

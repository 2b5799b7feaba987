#include "worker/background.h"

#include <chrono>
#include <memory>

#include "worker/pause.h"

namespace wombat {
namespace {

struct Background {
  Background(const RequestContext& request, std::function<Task<void>(RequestContext&)> task)
      : user_ip(request.user_ip), context(request.runtime, http), work(std::move(task)) {
    context.schema = request.schema;
    context.settings = request.settings;
    context.identity = request.identity;
    context.info = request.info;
    context.user_ip = user_ip;
  }

  HttpRequest http;  // an empty one: the request's is gone by then
  std::string user_ip;
  RequestContext context;
  std::function<Task<void>(RequestContext&)> work;
};

// Behind the answer: how long that takes must not tell what the work is.
constexpr std::chrono::milliseconds kUntilAnswered{1};

Task<void> Run(std::unique_ptr<Background> background) {
  Pause until_answered(background->context.runtime.loop, kUntilAnswered);
  co_await until_answered;
  co_await background->work(background->context);
}

}  // namespace

void RunInBackground(const RequestContext& context, std::function<Task<void>(RequestContext&)> work) {
  Start(Run(std::make_unique<Background>(context, std::move(work))));
}

void LogFailure(const RequestContext& context, int level, std::string_view message, const ApiError& error) {
  std::string cause = error.message.empty() ? error.log_details : error.message;
  if (!error.message.empty() && !error.log_details.empty() && error.log_details != cause)
    cause += ": " + error.log_details;
  if (cause.empty()) cause = DefaultMessage(error.status);
  context.runtime.log.AddMessage(level, message, cause, *context.settings);
}

}  // namespace wombat

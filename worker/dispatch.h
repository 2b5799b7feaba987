// The way of every request: middlewares around its handler.                             Behaviour: spec 01 §1.3, §1.7–§1.14.
#pragma once

#include "worker/http/cors.h"
#include "worker/http/server.h"
#include "worker/http/static_files.h"
#include "worker/request_context.h"

namespace wombat {

class Dispatcher {
 public:
  explicit Dispatcher(Runtime& runtime);

  // Redirect of unclean paths, CORS, log, identity, superuser addresses, security headers, handler.
  Task<HttpResponse> Handle(HttpRequest& request);
  // The same for a request whose body is over its limit.
  Task<HttpResponse> HandleTooLarge(HttpRequest& request);
  // Spec 01 §1.7.
  BodyDecision LimitOf(const HttpRequest& head);

 private:
  // What happens between the log and the answer.
  Task<HandlerResult> Guarded(RequestContext& context, bool too_large, bool& past_guards);
  ApiResult<void> LimitRate(RequestContext& context);
  Task<HandlerResult> Route(RequestContext& context);
  Task<HttpResponse> Run(HttpRequest& request, bool too_large);

  Runtime& runtime_;
  Cors cors_;
  StaticFiles static_files_;
};

}  // namespace wombat

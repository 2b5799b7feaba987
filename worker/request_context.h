// One API request on its way through a handler.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/app/http.h"
#include "common/base/result.h"
#include "common/records/request_info.h"
#include "common/records/row_json.h"
#include "worker/http/body.h"
#include "worker/request_log.h"
#include "worker/runtime.h"

namespace wombat {

using HandlerResult = ApiResult<HttpResponse>;

struct BatchPart;

class RequestContext {
 public:
  RequestContext(Runtime& runtime_, const HttpRequest& request);

  Runtime& runtime;
  const HttpRequest& http;
  SchemaPtr schema;                          // one snapshot for the whole request
  SettingsPtr settings;
  std::vector<std::string> path;             // decoded wildcards, in the order of the route's pattern
  Identity identity;
  RequestLogNote note;
  RequestInfo info;                          // method, query, headers, auth; body after ReadBody
  std::string_view user_ip;
  std::string_view route_pattern;            // "" within a batch
  bool rate_counted = false;                 // against its rate limit: once, however often the handler starts over
  BatchPart* part = nullptr;                 // of an item of a batch: what joins it to the others (api/batch_part.h)

  bool is_superuser() const { return info.is_superuser(); }
  // First value of a query parameter; "" when absent.
  std::string_view Query(std::string_view name) const;

  // Parses the body into info.body (spec 01 §1.6); without one it becomes {}.
  ApiResult<void> ReadBody();
  // Parts with a file name, and what they view.
  const ParsedBody& body() const { return body_; }

  // The collection that the first path part names; null when there is none.
  CollectionPtr FindCollection() const { return schema->FindShared(path[0]); }

  Visibility ViewerOf() const;

 private:
  ParsedBody body_;
};

// A JSON answer: applies `?fields=` (spec 01 §1.15) and appends the final newline.
HttpResponse JsonResponse(const RequestContext& context, std::string json, int status = 200);
HttpResponse NoContent();

// For handlers that only superusers may call (spec 01 §1.11).
ApiResult<void> RequireSuperuser(const RequestContext& context);

}  // namespace wombat

#include "worker/request_context.h"

#include "common/records/fields_picker.h"
#include "worker/api/batch_part.h"

namespace wombat {

RequestContext::RequestContext(Runtime& runtime_, const HttpRequest& request) : runtime(runtime_), http(request) {
  info.method = std::string(http.method);
  if (!http.query.empty()) info.query = ParseQuery(http.query);
  info.headers.reserve(http.headers.size());
  for (const auto& header : http.headers) info.headers.emplace_back(header.name, header.value);
}

std::string_view RequestContext::Query(std::string_view name) const {
  const std::string* value = info.FindQuery(name);
  return value ? std::string_view(*value) : std::string_view();
}

ApiResult<void> RequestContext::ReadBody() {
  if (part) {
    info.body = part->body;
    body_.files = part->files;
    return {};
  }
  if (!http.has_body) return {};
  auto parsed = ParseBody(http);
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  body_ = std::move(*parsed);
  info.body = std::move(body_.values);
  return {};
}

Visibility RequestContext::ViewerOf() const {
  Visibility visibility;
  visibility.superuser = is_superuser();
  if (info.auth) visibility.viewer_id = info.auth->id();
  return visibility;
}

HttpResponse JsonResponse(const RequestContext& context, std::string json, int status) {
  HttpResponse response;
  response.status = status;
  response.content_type = "application/json";
  std::string_view fields = context.Query("fields");
  if (!fields.empty() && status >= 200 && status < 300) {
    auto picked = PickFields(json, fields);
    if (!picked) return response;           // the reference finds out after the status line: 200 without a body
    json = std::move(*picked);
  }
  json += '\n';
  response.body = std::move(json);
  return response;
}

HttpResponse NoContent() {
  HttpResponse response;
  response.status = 204;
  return response;
}

ApiResult<void> RequireSuperuser(const RequestContext& context) {
  if (!context.info.auth) return Refuse(401, "The request requires valid record authorization token.");
  if (!context.is_superuser()) return Refuse(403, "The authorized record is not allowed to perform this action.");
  return {};
}

}  // namespace wombat

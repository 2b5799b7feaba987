#include "worker/http/error_response.h"

#include "common/base/json_text.h"

namespace wombat {

void AppendErrorEnvelope(std::string& out, const ApiError& error) {
  out.append("{\"data\":");
  if (error.data.is_object())
    error.data.AppendTo(out);
  else
    out.append("{}");
  out.append(",\"message\":");
  std::string message = NormalizeMessage(error.message);
  if (message.empty() || message == ".") message = DefaultMessage(error.status);
  AppendJsonString(out, message);
  out.append(",\"status\":");
  AppendJsonNumber(out, static_cast<std::int64_t>(error.status));
  out.push_back('}');
}

HttpResponse ErrorResponse(const ApiError& error) {
  HttpResponse response;
  response.status = error.status;
  response.content_type = "application/json";
  AppendErrorEnvelope(response.body, error);
  response.body.push_back('\n');
  return response;
}

}  // namespace wombat

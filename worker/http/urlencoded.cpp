#include "worker/http/urlencoded.h"

#include "worker/http/media_type.h"

namespace wombat {
namespace {

std::unexpected<ApiError> Unreadable(const char* reason) {
  return std::unexpected(ApiError{400, {}, Json::Object(), reason});
}

}  // namespace

ApiResult<FormValues> ReadUrlencoded(const HttpRequest& request) {
  FormValues values;
  bool malformed = false;
  if (request.method == "POST" || request.method == "PUT" || request.method == "PATCH") {
    const auto media = ParseMediaType(request.Header("Content-Type"));
    if (!media) return Unreadable("malformed Content-Type");
    if (media->type == "application/x-www-form-urlencoded") {
      if (request.body.size() > kMaxUrlencodedBody) return Unreadable("the form is too large");
      AddFormPairs(values, ParseQuery(request.body, &malformed));
      if (malformed) return Unreadable("malformed pair in the form");
    }
  }
  AddFormPairs(values, ParseQuery(request.query, &malformed));
  if (malformed) return Unreadable("malformed pair in the query");
  return values;
}

}  // namespace wombat

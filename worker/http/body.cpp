#include "worker/http/body.h"

#include <utility>

#include "worker/http/form_values.h"
#include "worker/http/media_type.h"
#include "worker/http/urlencoded.h"

namespace wombat {
namespace {

std::unexpected<ApiError> Unreadable(std::string reason) {
  return std::unexpected(ApiError{400, {}, Json::Object(), std::move(reason)});
}

ApiResult<ParsedBody> ParseJsonBody(const HttpRequest& request) {
  auto value = ParseJson(request.body, false);
  if (!value) return Unreadable("JSON: " + value.error().message);
  ParsedBody body;
  if (value->is_object())
    body.values = std::move(*value);
  else if (!value->is_null())
    return Unreadable("the JSON value is no object");
  return body;
}

ApiResult<ParsedBody> ParseMultipartBody(const HttpRequest& request) {
  const auto media = ParseMediaType(request.Header("Content-Type"));
  const auto* boundary = media && media->type == "multipart/form-data" ? media->Find("boundary") : nullptr;
  if (!boundary) return Unreadable("no multipart boundary");
  bool malformed = false;
  FormValues values;
  AddFormPairs(values, ParseQuery(request.query, &malformed));
  if (malformed) return Unreadable("malformed pair in the query");

  SubmittedForm read;
  if (!request.form) read = ReadForm(request.body, *boundary);
  const SubmittedForm& form = request.form ? *request.form : read;
  if (form.error) return std::unexpected(*form.error);
  for (const auto& [key, list] : form.values) {
    auto& all = values[key];
    all.insert(all.end(), list.begin(), list.end());
  }
  ParsedBody body;
  body.files = form.files;
  body.kept = std::move(read.kept);
  auto object = FormToObject(std::move(values));
  if (!object) return std::unexpected(std::move(object.error()));
  body.values = std::move(*object);
  return body;
}

ApiResult<ParsedBody> ParseUrlencodedBody(const HttpRequest& request) {
  auto values = ReadUrlencoded(request);
  if (!values) return std::unexpected(std::move(values.error()));
  auto object = FormToObject(std::move(*values));
  if (!object) return std::unexpected(std::move(object.error()));
  ParsedBody body;
  body.values = std::move(*object);
  return body;
}

}  // namespace

ApiResult<ParsedBody> ParseBody(const HttpRequest& request) {
  const auto type = request.Header("Content-Type");
  if (!request.has_body) {
    ParsedBody body;
    body.files_unreadable = type.starts_with("multipart/form-data");
    return body;
  }
  if (type.starts_with("application/json")) return ParseJsonBody(request);
  if (type.starts_with("multipart/form-data")) return ParseMultipartBody(request);
  if (type.starts_with("application/x-www-form-urlencoded")) return ParseUrlencodedBody(request);
  // Typed endpoints could take XML, but its elements can match none of their documented keys.
  if (type.starts_with("text/xml") || type.starts_with("application/xml")) return Unreadable("XML cannot fill a body");
  return Refuse(400, "Unsupported Content-Type.");
}

}  // namespace wombat

// A request's body as one JSON object, whatever format it came in.                         Behaviour: spec 01 §1.6.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/app/http.h"
#include "common/base/json.h"
#include "common/base/result.h"
#include "worker/http/submitted_form.h"

namespace wombat {

struct ParsedBody {
  Json values = Json::Object();
  std::vector<UploadedFile> files;  // views into the request's body or form, or into `kept`
  // A multipart Content-Type without any body: there is nothing to parse, but asking for its files is an error
  // (record create and update answer "Failed to read the submitted data.").
  bool files_unreadable = false;
  std::vector<std::unique_ptr<std::string>> kept;  // contents of the few parts that came in a transfer encoding
};

// Errors: 400 with the default message for an unreadable body, 400 "Unsupported Content-Type." for any other format.
// A request without a body gives an empty object, whatever its Content-Type.
ApiResult<ParsedBody> ParseBody(const HttpRequest& request);

}  // namespace wombat

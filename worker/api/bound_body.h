// Bodies of endpoints with a fixed form: JSON or form fields, each of a known type.       Behaviour: spec 01 §1.6, 05 §0.
#pragma once

#include <string>
#include <string_view>

#include "worker/request_context.h"

namespace wombat {

// Each is one step in reading a form; the first value of a wrong type fails the whole. Keys match in any letter case.
class BoundBody {
 public:
  // Error: the body cannot be read; `message` is the endpoint's for that.
  static ApiResult<BoundBody> Read(RequestContext& context, std::string_view message);
  // The same for an auth endpoint, which says of a content type that it is not supported.                    spec 04 §1
  static ApiResult<BoundBody> ReadAuth(RequestContext& context);

  std::string Text(std::string_view key);
  std::int64_t Integer(std::string_view key);
  bool Bool(std::string_view key);
  // Null when absent.
  const Json* Member(std::string_view key) const;
  const Json& values() const { return values_; }
  bool is_form() const { return is_form_; }

  // After the steps: the error of the first one that failed.
  ApiResult<void> Finish() const;
  ApiError Failure(std::string details) const { return {400, message_, Json::Object(), std::move(details)}; }

 private:
  static ApiResult<BoundBody> Read(RequestContext& context, std::string_view message, bool tells_unsupported);

  Json values_;
  bool is_form_ = false;
  std::string message_;
  std::string failed_;
};

}  // namespace wombat

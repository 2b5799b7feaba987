#include "worker/api/bound_body.h"

#include <charconv>
#include <cmath>

#include "common/schema/json_read.h"

namespace wombat {
namespace {

constexpr std::string_view kUnsupportedType = "Unsupported Content-Type.";

// The first value of a form's key as it was written.
std::string FormText(const Json& value) {
  const Json& first = value.is_array() && !value.as_array().empty() ? value.as_array().front() : value;
  return first.is_string() ? first.as_string() : first.Dump();
}

}  // namespace

ApiResult<BoundBody> BoundBody::Read(RequestContext& context, std::string_view message, bool tells_unsupported) {
  BoundBody body;
  body.message_ = message;
  body.values_ = Json::Object();
  if (!context.http.has_body) return body;
  if (auto read = context.ReadBody(); !read) {
    if (read.error().status == 413 || (tells_unsupported && read.error().message == kUnsupportedType))
      return std::unexpected(std::move(read.error()));
    return std::unexpected(body.Failure(read.error().log_details.empty() ? read.error().message : read.error().log_details));
  }
  body.values_ = context.info.body;
  body.is_form_ = !context.http.Header("Content-Type").starts_with("application/json");
  return body;
}

ApiResult<BoundBody> BoundBody::Read(RequestContext& context, std::string_view message) {
  return Read(context, message, false);
}

ApiResult<BoundBody> BoundBody::ReadAuth(RequestContext& context) {
  return Read(context, "An error occurred while loading the submitted data.", true);
}

const Json* BoundBody::Member(std::string_view key) const {
  const Json* value = FindMember(values_, key);
  return value && !value->is_null() ? value : nullptr;
}

std::string BoundBody::Text(std::string_view key) {
  const Json* value = Member(key);
  if (!value) return {};
  if (value->is_string()) return value->as_string();
  if (is_form_) return FormText(*value);
  failed_ = std::string(key) + " must be a string";
  return {};
}

std::int64_t BoundBody::Integer(std::string_view key) {
  const Json* value = Member(key);
  if (!value) return 0;
  if (value->is_number() && !value->is_written_as_fraction() && std::fabs(value->as_number()) < 9223372036854775808.0)
    return std::int64_t(value->as_number());
  std::int64_t number = 0;
  if (is_form_) {
    const std::string text = FormText(*value);
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || (read.ec == std::errc() && read.ptr == text.data() + text.size())) return number;
  }
  failed_ = std::string(key) + " must be an integer";
  return 0;
}

bool BoundBody::Bool(std::string_view key) {
  const Json* value = Member(key);
  if (!value) return false;
  if (value->is_bool()) return value->as_bool();
  if (is_form_) {
    const std::string text = FormText(*value);
    for (std::string_view yes : {"1", "t", "T", "TRUE", "true", "True"})
      if (text == yes) return true;
    for (std::string_view no : {"", "0", "f", "F", "FALSE", "false", "False"})
      if (text == no) return false;
  }
  failed_ = std::string(key) + " must be a bool";
  return false;
}

ApiResult<void> BoundBody::Finish() const {
  if (failed_.empty()) return {};
  return std::unexpected(Failure(failed_));
}

}  // namespace wombat

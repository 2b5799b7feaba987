#include "common/base/result.h"

#include <cmath>

#include "common/base/json_text.h"
#include "common/base/text.h"
#include "common/base/utf8.h"

namespace wombat {
namespace {

// As it reads inside a message (spec 02, conventions): integers decimal, lists as [a b c].
std::string ParameterText(const Json& value) {
  if (value.is_string()) return value.as_string();
  if (value.is_bool()) return value.as_bool() ? "true" : "false";
  if (value.is_number()) {
    const double number = value.as_number();
    return number == std::trunc(number) ? PlainDecimal(number) : ShortestDecimal(number, 6);
  }
  if (value.is_array()) {
    std::string list = "[";
    for (const Json& item : value.as_array()) {
      if (list.size() > 1) list.push_back(' ');
      list += ParameterText(item);
    }
    return list + "]";
  }
  return value.is_null() ? "<nil>" : value.Dump();
}

// One pass, so that a placeholder inside a parameter's value stays what it is.
std::string FillPlaceholders(std::string_view message, const Json& params) {
  std::string text;
  while (!message.empty()) {
    const std::size_t open = message.find("{{.");
    const std::size_t close = open == message.npos ? message.npos : message.find("}}", open);
    const Json* value = close == message.npos ? nullptr : params.Find(message.substr(open + 3, close - open - 3));
    if (close == message.npos) return text.append(message);
    text += message.substr(0, open);
    text += value ? ParameterText(*value) : std::string(message.substr(open, close + 2 - open));
    message.remove_prefix(close + 2);
  }
  return text;
}

bool IsFieldError(const Json& data) {
  const Json* code = data.Find("code");
  return code && code->is_string();
}

}  // namespace

std::string_view DefaultMessage(int status) {
  switch (status) {
    case 400:
    case 500:
      return "Something went wrong while processing your request.";
    case 401:
      return "Missing or invalid authentication.";
    case 403:
      return "You are not allowed to perform this request.";
    case 404:
      return "The requested resource wasn't found.";
    case 402:
      return "Payment Required.";
    case 405:
      return "Method Not Allowed.";
    case 406:
      return "Not Acceptable.";
    case 407:
      return "Proxy Authentication Required.";
    case 408:
      return "Request Timeout.";
    case 409:
      return "Conflict.";
    case 410:
      return "Gone.";
    case 411:
      return "Length Required.";
    case 412:
      return "Precondition Failed.";
    case 413:
      return "Request entity too large.";
    case 414:
      return "Request URI Too Long.";
    case 415:
      return "Unsupported Media Type.";
    case 416:
      return "Requested Range Not Satisfiable.";
    case 417:
      return "Expectation Failed.";
    case 418:
      return "I'm a teapot.";
    case 421:
      return "Misdirected Request.";
    case 422:
      return "Unprocessable Entity.";
    case 423:
      return "Locked.";
    case 424:
      return "Failed Dependency.";
    case 425:
      return "Too Early.";
    case 426:
      return "Upgrade Required.";
    case 428:
      return "Precondition Required.";
    case 429:
      return "Too Many Requests.";
    case 431:
      return "Request Header Fields Too Large.";
    case 451:
      return "Unavailable For Legal Reasons.";
    case 501:
      return "Not Implemented.";
    case 502:
      return "Bad Gateway.";
    case 503:
      return "Service Unavailable.";
    case 504:
      return "Gateway Timeout.";
    case 505:
      return "HTTP Version Not Supported.";
    case 507:
      return "Insufficient Storage.";
    case 508:
      return "Loop Detected.";
    case 511:
      return "Network Authentication Required.";
    default:
      return "";
  }
}

std::string NormalizeMessage(std::string_view text) {
  std::string message(TrimWhiteSpace(text));
  if (message.empty()) return message;
  if (message[0] >= 'a' && message[0] <= 'z') message[0] = static_cast<char>(message[0] - 'a' + 'A');
  const char last = message.back();
  if (last != '.' && last != '?' && last != '!') message.push_back('.');
  return message;
}

void AddFieldError(Json& data, std::string_view path, const FieldError& error) {
  Json* place = &data;
  for (const std::string_view key : Split(path, '.')) {
    if (IsFieldError(*place)) return;
    place = &(*place)[key];
  }
  if (!place->is_null()) return;
  *place = Json::Object(
      {{"code", error.code}, {"message", NormalizeMessage(FillPlaceholders(error.message, error.params))}});
  if (error.params.is_object() && !error.params.as_object().empty()) (*place)["params"] = error.params;
}

}  // namespace wombat

#include "worker/http/form_values.h"

#include <charconv>

#include "common/base/json_text.h"

namespace wombat {
namespace {

// True when `text` is the shortest plain decimal of the number that it reads as.
bool ReadCanonicalDecimal(std::string_view text, double& number) {
  if (text.empty() || (text[0] != '-' && (text[0] < '0' || text[0] > '9'))) return false;
  if (text.find_first_not_of("-.0123456789") != std::string_view::npos) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  return PlainDecimal(number) == text;
}

bool MergePayload(Json& object, std::string_view payload) {
  auto parsed = ParseJson(payload);
  if (!parsed) return false;
  if (parsed->is_null()) {
    object = Json::Object();
    return true;
  }
  if (!parsed->is_object()) return false;
  for (auto& [key, value] : parsed->as_object()) object[key] = std::move(value);
  return true;
}

}  // namespace

void AddFormPairs(FormValues& values, std::vector<std::pair<std::string, std::string>> pairs) {
  for (auto& [key, value] : pairs) values[std::move(key)].push_back(std::move(value));
}

Json InferFormValue(std::string text) {
  if (text == "true") return true;
  if (text == "false") return false;
  double number = 0;
  if (ReadCanonicalDecimal(text, number)) return number;
  return Json(std::move(text));
}

ApiResult<Json> FormToObject(FormValues values) {
  Json object = Json::Object();
  for (auto& [key, list] : values) {
    if (key == kJsonPayloadKey) continue;
    if (list.size() == 1) {
      object[key] = InferFormValue(std::move(list.front()));
      continue;
    }
    Json array = Json::List();
    for (auto& text : list) array.Append(InferFormValue(std::move(text)));
    object[key] = std::move(array);
  }
  if (const auto payloads = values.find(kJsonPayloadKey); payloads != values.end()) {
    for (const auto& payload : payloads->second) {
      if (!MergePayload(object, payload))
        return std::unexpected(ApiError{400, {}, Json::Object(), "a @jsonPayload value is no JSON object"});
    }
  }
  return object;
}

}  // namespace wombat

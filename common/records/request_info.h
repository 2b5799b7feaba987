// What rules may ask of the request that they guard: @request.*                       Behaviour: spec 01 §1.17, 03 §5.6.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/json.h"
#include "common/records/record.h"

namespace wombat {

struct RequestInfo {
  std::string context = "default";
  std::string method;
  std::vector<std::pair<std::string, std::string>> query;      // decoded; the first of a name counts
  std::vector<std::pair<std::string, std::string>> headers;    // as received, without Host; the first of a name counts
  Json body = Json::Object();                                  // on create/update the normalised data (01 §2.5)
  bool body_is_normalized = false;                             // true on create/update: 03 §5.7 applies to known fields
  std::shared_ptr<const Record> auth;                          // null for a guest

  bool is_superuser() const { return auth && auth->collection().is_superusers(); }
  // Value of @request.query.NAME / @request.headers.NAME (header name in snake_case); null when absent.
  const std::string* FindQuery(std::string_view name) const;
  const std::string* FindHeader(std::string_view snake_name) const;
};

}  // namespace wombat

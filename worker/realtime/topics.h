// What a subscription's text says.                                                              Behaviour: spec 05
// §1.3.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/records/request_info.h"

namespace wombat {

inline constexpr std::size_t kMaxSubscriptions = 1000;
inline constexpr std::size_t kMaxSubscriptionBytes = 2500;

// "posts/abc" of "posts/abc?options=…": what a changed record is compared with.
std::string_view TopicBase(std::string_view subscription);
// "posts" of it: a collection's name or id, if it is about records.
std::string_view TopicCollection(std::string_view subscription);

struct TopicOptions {
  std::vector<std::pair<std::string, std::string>> query, headers;

  std::string_view Query(std::string_view name) const;
  // What rules see of a client that gave these options.
  RequestInfo RequestOf(std::shared_ptr<const Record> auth) const;
};

// Options that cannot be read are none.
TopicOptions ParseTopicOptions(std::string_view subscription);

}  // namespace wombat

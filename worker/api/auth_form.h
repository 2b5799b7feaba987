// What the forms of several auth endpoints check alike.                                              spec 04 §1, §6
#pragma once

#include <string>
#include <string_view>

#include "common/base/json.h"
#include "worker/auth_tokens.h"
#include "worker/request_context.h"

namespace wombat {

inline constexpr const char* kInvalidForm = "An error occurred while validating the submitted data.";

// Required, 1…255 bytes, an e-mail address.
void CheckEmailInput(Json& errors, std::string_view key, const std::string& email);
// Within so many bytes; nothing is said of an empty text. False: an error was added.
bool CheckByteLength(Json& errors, std::string_view key, const std::string& text, std::size_t min, std::size_t max);

// A mailed token that somebody brings back to `collection`. Adds to `errors` at "token" what is wrong with it; its
// record is null then. Error: the database could not be read.
Task<ApiResult<TokenOwner>> CheckMailedToken(RequestContext& context, CollectionPtr collection, std::string token,
                                             std::string_view type, Json& errors);

// The path's collection for endpoints of its own auth records only: 401 and 403 for anybody else.
ApiResult<CollectionPtr> OwnAuthCollection(const RequestContext& context);

// The event of a request hook that is about one auth record.
template <class Event>
Event RecordEventOf(RequestContext& context, const Collection& collection, HttpResponse& response,
                    std::shared_ptr<Record> record) {
  Event event;
  event.app = &context.runtime.app;
  event.request = &context.http;
  event.response = &response;
  event.info = &context.info;
  event.auth = context.info.auth;
  event.collection = &collection;
  event.record = std::move(record);
  return event;
}

}  // namespace wombat

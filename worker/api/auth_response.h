// The common end of every way to sign in.                                                               spec 04 §5
#pragma once

#include "worker/request_context.h"

namespace wombat {

struct AuthOutcome {
  std::shared_ptr<Record> record;
  std::string token;
  Json meta;                         // null: none
  std::string_view method;           // "password", …; "" for refresh
};

// Auth rule, OnRecordAuthRequest, MFA, enrich, login origins, and the answer {meta?, record, token}.
Task<HandlerResult> AnswerAuthenticated(RequestContext& context, AuthOutcome outcome);

// The auth collection that the path names. 404 for none or one of another type.
ApiResult<CollectionPtr> AuthCollection(const RequestContext& context);

}  // namespace wombat

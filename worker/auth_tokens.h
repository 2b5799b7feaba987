// Tokens of auth records: issuing all types, and finding out whose a presented one is.            Behaviour: spec 04 §2.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "common/base/json.h"
#include "common/records/record.h"
#include "worker/request_context.h"

namespace wombat {

// Types: "auth", "verification", "passwordReset", "emailChange", "file". (IssueAuthToken is in worker/auth_cache.h.)
inline constexpr std::string_view kVerificationToken = "verification", kPasswordResetToken = "passwordReset",
                                  kEmailChangeToken = "emailChange";

// An auth token that is not renewed (impersonation, installer). Without a duration of its own it is that of all auth tokens.
std::string IssueStaticAuthToken(const Record& record, std::chrono::seconds duration);
std::string IssueVerificationToken(const Record& record);
std::string IssuePasswordResetToken(const Record& record);
std::string IssueEmailChangeToken(const Record& record, std::string_view new_email);

// The claims without any check but the shape: for what is said before a token is looked at. Null when there are none.
Json UnverifiedClaims(std::string_view token);

struct TokenOwner {
  std::shared_ptr<Record> record;    // null: the token is nobody's, or not (any more) valid
  Json claims;                       // of a valid token
};
// Whose valid token this is, if its type is `type`. Error: the database could not be read.
Task<Result<TokenOwner>> FindAuthRecordByToken(RequestContext& context, std::string token, std::string_view type);

}  // namespace wombat

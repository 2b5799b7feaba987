// What an auth record is made from that a sign-in with OAuth2 creates.                                         spec 04 §6.10
#pragma once

#include <string>
#include <vector>

#include "common/app/events.h"
#include "worker/api/oauth2_provider.h"

namespace wombat {

struct NewOAuth2Record {
  Json body;                         // as it would be submitted to POST …/records
  std::string password_hash;         // of the password in it, when that is a random one
  std::optional<Avatar> avatar;      // owns what `files` view
  std::vector<UploadedFile> files;
};

// createData with the provider's values for the mapped fields that are not in it. Downloads and hashes: no transaction may
// wait for it. Stays where it is made.
Task<ApiResult<void>> PrepareNewRecord(RequestContext& context, const RecordAuthWithOAuth2RequestEvent& event, NewOAuth2Record& made);

// The hash of a password that nobody knows.
Task<ApiResult<std::string>> HashOfRandomPassword(RequestContext& context, const Collection& collection, std::string plain);

inline constexpr std::size_t kRandomPasswordLength = 30;

}  // namespace wombat

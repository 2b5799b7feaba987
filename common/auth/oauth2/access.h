// What an adapter asks its provider with: the client, the token, and the time that is left.            Behaviour: spec 04 §7.
#pragma once

#include <string>
#include <vector>

#include "common/auth/oauth2/client.h"
#include "common/auth/oauth2/id_token.h"

namespace wombat {

class OAuth2Access {
 public:
  OAuth2Access(const OAuth2Client& client, const OAuth2Token& token, OAuth2Client::Deadline deadline)
      : client_(client), token_(token), deadline_(deadline) {}

  const OAuth2Client& client() const { return client_; }
  const OAuth2Token& token() const { return token_; }

  // With the token, which is renewed when it is about to end. Any status is an answer.
  Result<IncomingResponse> Get(const std::string& url, std::vector<std::string> headers = {});
  Result<IncomingResponse> PostJson(const std::string& url, const Json& body, std::vector<std::string> headers = {});
  // The user info: an object, or null. A status from 400 on is an error.
  static Result<Json> ReadUserInfo(const Result<IncomingResponse>& response);

  // The token response's "id_token" with its times checked, and with `audience` also for whom it is. kNotFound: there is none.
  Result<IdToken> ReadIdToken(bool audience) const;
  // Whether one of the keys that are published at `url` signed it. They are asked for each time: keys change.
  Result<void> VerifyIdToken(const IdToken& token, const std::string& url) const;

 private:
  Result<IncomingResponse> Send(OutgoingRequest request, std::vector<std::string> headers);
  Result<void> RenewToken();

  const OAuth2Client& client_;
  OAuth2Token token_;
  OAuth2Client::Deadline deadline_;
};

// Sends `request` with the time that is left.
Result<IncomingResponse> SendBefore(const OAuth2Client& client, OutgoingRequest request, OAuth2Client::Deadline deadline);

}  // namespace wombat

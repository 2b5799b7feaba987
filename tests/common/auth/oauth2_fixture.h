// A provider whose every address is answered from a table, for clients that would ask vendors.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/auth/oauth2/client.h"

namespace wombat {

inline Json Parsed(std::string_view text) {
  auto parsed = ParseJson(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? std::move(*parsed) : Json();
}

struct CannedProvider {
  std::map<std::string, IncomingResponse> answers;   // by address
  std::vector<OutgoingRequest> asked;

  void Answer(const std::string& url, int status, const std::string& body, const std::string& type = "application/json") {
    answers[url] = {status, type, url, body};
  }

  // For an item of oauth2.providers; the addresses are https://p/token and https://p/user.
  std::shared_ptr<OAuth2Client> Client(const std::string& name, const Json& extra = Json::Object(), bool with_user_info = true) {
    auto client = OAuth2Client::Make(Json::Object({{"name", name},
                                                   {"clientId", "me"},
                                                   {"clientSecret", "s e"},
                                                   {"authURL", "https://p/auth"},
                                                   {"tokenURL", "https://p/token"},
                                                   {"userInfoURL", with_user_info ? "https://p/user" : ""},
                                                   {"extra", extra}}));
    client->send = [this](const OutgoingRequest& request) -> Result<IncomingResponse> {
      asked.push_back(request);
      auto answer = answers.find(request.url);
      if (answer == answers.end()) return Fail("nothing answers at this address");
      return answer->second;
    };
    return client;
  }

  static OAuth2Client::Deadline Soon() { return std::chrono::steady_clock::now() + std::chrono::seconds(5); }

  static OAuth2Token Token(const Json& extra = Json::Object()) {
    OAuth2Token token;
    token.access_token = "access";
    token.type = "Bearer";
    token.extra = extra;
    return token;
  }
};

inline bool HasHeader(const OutgoingRequest& request, std::string_view line) {
  for (const std::string& header : request.headers)
    if (header == line) return true;
  return false;
}

}  // namespace wombat

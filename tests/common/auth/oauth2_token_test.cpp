#include <gtest/gtest.h>

#include "common/auth/oauth2/form.h"
#include "tests/common/auth/oauth2_fixture.h"

namespace wombat {
namespace {

constexpr std::chrono::sys_seconds kNow{std::chrono::seconds(1'000'000)};
constexpr const char* kJson = "application/json";

Result<OAuth2Token> Read(const std::string& body, const std::string& type = kJson, int status = 200) {
  return ReadTokenResponse({status, type, "https://p/token", body}, kNow);
}

TEST(TokenResponse, IsAFormWhereItsTypeSaysSoAndJsonOtherwise) {
  EXPECT_EQ(Read("access_token=a%20b&token_type=bearer", "application/x-www-form-urlencoded")->access_token, "a b");
  EXPECT_EQ(Read("access_token=a", "text/plain; charset=utf-8")->access_token, "a");
  EXPECT_EQ(Read(R"({"access_token":"a"})", "text/html")->access_token, "a");
  EXPECT_EQ(Read(R"({"access_token":"a"})", "")->access_token, "a");
  EXPECT_FALSE(Read(R"({"access_token":"a"})", "text/plain"));
}

TEST(TokenResponse, IsRefusedWhereItIsAnErrorOrHasNoToken) {
  EXPECT_TRUE(Read(R"({"access_token":"a"})", kJson, 201));
  EXPECT_FALSE(Read(R"({"access_token":"a"})", kJson, 302));
  EXPECT_FALSE(Read(R"({"access_token":"a"})", kJson, 500));
  EXPECT_FALSE(Read(R"({"access_token":"a","error":"x"})"));
  EXPECT_TRUE(Read(R"({"access_token":"a","error":null})"));
  EXPECT_FALSE(Read("access_token=a&error=x", "text/plain"));
  EXPECT_FALSE(Read(R"({"access_token":""})"));
  EXPECT_FALSE(Read(R"({"access_token":5})"));
  EXPECT_FALSE(Read(R"({"access_token":"a"} x)"));
  EXPECT_FALSE(Read("[1]"));
  EXPECT_FALSE(Read("null"));
  EXPECT_FALSE(Read(R"({"access_token":"a","token_type":5})"));
}

TEST(TokenResponse, ExpiresAfterANumberOfSecondsThatMayBeAText) {
  const auto seconds = [](const char* value) -> std::string {
    auto token = Read(std::string(R"({"access_token":"a","expires_in":)") + value + "}");
    if (!token) return "refused";
    return token->expiry ? std::to_string((*token->expiry - kNow).count()) : "never";
  };
  EXPECT_EQ(seconds("3600"), "3600");
  EXPECT_EQ(seconds("\"3600\""), "3600");
  EXPECT_EQ(seconds("0"), "never");
  EXPECT_EQ(seconds("null"), "never");
  EXPECT_EQ(seconds("-5"), "-5");
  EXPECT_EQ(seconds("99999999999"), "2147483647");
  EXPECT_EQ(seconds("3600.5"), "refused");
  EXPECT_EQ(seconds("\"x\""), "refused");
  EXPECT_EQ(seconds("true"), "refused");
  EXPECT_FALSE(Read("access_token=a&expires_in=x", "text/plain")->expiry);
}

TEST(TokenResponse, NamesItsTypeAsHeadersWriteIt) {
  const auto type = [](const std::string& text) { return Read(R"({"access_token":"a","token_type":")" + text + "\"}")->type; };
  EXPECT_EQ(type("bearer"), "Bearer");
  EXPECT_EQ(type(""), "Bearer");
  EXPECT_EQ(type("mac"), "MAC");
  EXPECT_EQ(type("Token"), "Token");
}

TEST(CodeExchange, SendsTheCredentialsInAHeaderFirst) {
  CannedProvider provider;
  provider.Answer("https://p/token", 200, R"({"access_token":"a"})");
  ASSERT_TRUE(provider.Client("oidc")->Exchange({"c&1", "v", "https://app/back"}, CannedProvider::Soon()));
  ASSERT_EQ(provider.asked.size(), 1u);
  EXPECT_TRUE(HasHeader(provider.asked[0], "Authorization: Basic bWU6cytl"));   // me:s+e
  EXPECT_EQ(provider.asked[0].body,
            "grant_type=authorization_code&code=c%261&redirect_uri=https%3A%2F%2Fapp%2Fback&code_verifier=v");
}

TEST(CodeExchange, TriesOnceMoreWithTheCredentialsInTheBody) {
  CannedProvider provider;
  provider.Answer("https://p/token", 401, "{}");
  EXPECT_FALSE(provider.Client("oidc")->Exchange({"c", "", ""}, CannedProvider::Soon()));
  ASSERT_EQ(provider.asked.size(), 2u);
  EXPECT_EQ(provider.asked[1].body, "grant_type=authorization_code&code=c&code_verifier=&client_id=me&client_secret=s+e");
  for (const std::string& header : provider.asked[1].headers) EXPECT_FALSE(header.starts_with("Authorization")) << header;
}

TEST(CodeExchange, SendsNoVerifierToAProviderWithoutPkce) {
  CannedProvider provider;
  provider.Answer("https://p/token", 200, R"({"access_token":"a"})");
  (void)provider.Client("bitbucket")->Exchange({"c", "v", ""}, CannedProvider::Soon());
  EXPECT_EQ(provider.asked.at(0).body, "grant_type=authorization_code&code=c");
}

TEST(CodeExchange, EndsAtItsDeadline) {
  CannedProvider provider;
  EXPECT_FALSE(provider.Client("oidc")->Exchange({"c", "", ""}, std::chrono::steady_clock::now()));
  EXPECT_TRUE(provider.asked.empty());
}

TEST(AccessToken, IsRenewedBeforeItEnds) {
  CannedProvider provider;
  provider.Answer("https://p/user", 200, R"({"sub":"1"})");
  provider.Answer("https://p/token", 200, R"({"access_token":"second"})");
  OAuth2Token token = CannedProvider::Token();
  token.expiry = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) + std::chrono::seconds(5);
  EXPECT_FALSE(provider.Client("google")->FetchUser(token, CannedProvider::Soon())) << "there is nothing to renew it with";
  token.refresh_token = "r";
  auto user = provider.Client("google")->FetchUser(token, CannedProvider::Soon());
  ASSERT_TRUE(user);
  EXPECT_EQ(user->access_token, "access");
  EXPECT_EQ(provider.asked.at(0).body, "grant_type=refresh_token&refresh_token=r");
  EXPECT_TRUE(HasHeader(provider.asked.at(1), "Authorization: Bearer second"));
}

TEST(AuthUrl, HasItsParametersInOrderAndTheRedirectLast) {
  CannedProvider provider;
  EXPECT_EQ(provider.Client("apple")->AuthUrl("st", "ch"),
            "https://p/auth?client_id=me&code_challenge=ch&code_challenge_method=S256&response_mode=form_post&response_type=code"
            "&scope=name+email&state=st&redirect_uri=");
  EXPECT_EQ(provider.Client("notion")->AuthUrl("st", ""), "https://p/auth?client_id=me&response_type=code&state=st&redirect_uri=");
  EXPECT_NE(provider.Client("microsoft", Parsed(R"({"idTokenEmailClaim":"x"})"))->AuthUrl("s", "").find("scope=User.Read+openid&"),
            std::string::npos);
}

TEST(OAuth2Client, TakesWhatTheConfigurationLeavesOpenFromTheProvider) {
  auto client = OAuth2Client::Make(Parsed(R"({"name":"google","clientId":"me","clientSecret":"s","authURL":"","pkce":null,"extra":null})"));
  EXPECT_EQ(client->display_name, "Google");
  EXPECT_EQ(client->token_url, "https://oauth2.googleapis.com/token");
  EXPECT_TRUE(client->pkce);
  EXPECT_FALSE(OAuth2Client::Make(Parsed(R"({"name":"google","pkce":false})"))->pkce);
  EXPECT_EQ(OAuth2Client::Make(Parsed(R"({"name":"linkedin"})")), nullptr);
}

TEST(FormEncoding, GoesThereAndBack) {
  EXPECT_EQ(FormEncode("a b&c=é~"), "a+b%26c%3D%C3%A9~");
  const FormPairs pairs = DecodeForm("a+b=c%26&bad=%zz&&empty");
  ASSERT_EQ(pairs.size(), 2u);
  EXPECT_EQ(pairs[0], std::pair(std::string("a b"), std::string("c&")));
  EXPECT_EQ(pairs[1], std::pair(std::string("empty"), std::string()));
}

}  // namespace
}  // namespace wombat

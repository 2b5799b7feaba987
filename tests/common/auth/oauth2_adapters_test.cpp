#include <gtest/gtest.h>

#include "tests/common/auth/oauth2_fixture.h"

namespace wombat {
namespace {

struct Case {
  const char* provider;
  const char* note;
  const char* user_info;
  // id|name|username|email|avatar; null: the sign-in fails.
  const char* user;
  const char* emails = nullptr;          // what <user info>/emails answers
  int emails_status = 200;
  const char* token = "{}";              // what the token response had besides
};

void PrintTo(const Case& test, std::ostream* out) { *out << test.provider << " " << test.note; }

constexpr Case kCases[] = {
    {"google", "verified", R"({"sub":"1","name":"N","picture":"P","email":"e@x.com","email_verified":true})", "1|N||e@x.com|P"},
    {"google", "unverified", R"({"sub":"1","email":"e@x.com","email_verified":false})", "1||||"},
    {"google", "verified as a text", R"({"sub":"1","email":"e@x.com","email_verified":"true"})", nullptr},
    {"google", "keys in other letters", R"({"SUB":"1","Name":"N"})", "1|N|||"},
    {"google", "null values", R"({"sub":"1","name":null,"email_verified":null})", "1||||"},
    {"google", "nothing at all", "null", "||||"},
    {"google", "a list", "[]", nullptr},
    {"google", "no JSON", "<html>", nullptr},
    {"google", "an id that is a number", R"({"sub":1})", nullptr},
    {"yandex", "avatar", R"({"id":"1","real_name":"N","login":"U","default_email":"e@x.com","is_avatar_empty":false,"default_avatar_id":"a"})",
     "1|N|U|e@x.com|https://avatars.yandex.net/get-yapic/a/islands-200"},
    {"yandex", "none", R"({"id":"1","is_avatar_empty":true,"default_avatar_id":"a"})", "1||||"},
    {"facebook", "all", R"({"id":"1","name":"N","email":"e@x.com","picture":{"data":{"url":"P"}}})", "1|N||e@x.com|P"},
    {"facebook", "a picture of another shape", R"({"id":"1","picture":"P"})", nullptr},
    {"instagram2", "all", R"({"user_id":"1","id":"2","name":"N","username":"U","profile_picture_url":"P"})", "1|N|U||P"},
    {"github", "primary address", R"({"id":5,"name":"N","login":"U","email":"public@x.com","avatar_url":"P"})", "5|N|U|b@x.com|P",
     R"([{"email":"a@x.com","verified":true,"primary":false},{"email":"b@x.com","verified":true,"primary":true}])"},
    {"github", "primary address unverified", R"({"id":5})", "5||||", R"([{"email":"a@x.com","verified":false,"primary":true}])"},
    {"github", "addresses not granted", R"({"id":5})", "5||||", "{}", 403},
    {"github", "addresses not found", R"({"id":5})", "5||||", "{}", 404},
    {"github", "addresses unauthorised", R"({"id":5})", "5||||", "{}", 401},
    {"github", "addresses as an object", R"({"id":5})", nullptr, "{}"},
    {"github", "an address that is a number", R"({"id":5})", nullptr, R"([{"email":5}])"},
    {"github", "an id that is a text", R"({"id":"5"})", nullptr, "[]"},
    {"github", "an id with a point", R"({"id":5.0})", nullptr, "[]"},
    {"github", "an id that no double holds", R"({"id":9007199254740993})", nullptr, "[]"},
    {"github", "no id", R"({"login":"U"})", "0||U||", "[]"},
    {"gitea", "active", R"({"id":5,"full_name":"N","login":"U","avatar_url":"P","active":true})", "5|N|U|b@x.com|P",
     R"([{"email":"b@x.com","verified":true,"primary":true}])"},
    {"gitea", "inactive", R"({"id":5,"active":false})", nullptr, "[]"},
    {"gitea", "not said", R"({"id":5})", nullptr, "[]"},
    {"gitlab", "confirmed", R"({"id":5,"name":"N","username":"U","email":"e@x.com","avatar_url":"P","confirmed_at":"2020-01-02T03:04:05.678Z"})",
     "5|N|U|e@x.com|P"},
    {"gitlab", "confirmed elsewhere", R"({"id":5,"email":"e@x.com","confirmed_at":"2020-01-02T03:04:05+02:00"})", "5|||e@x.com|"},
    {"gitlab", "not confirmed", R"({"id":5,"email":"e@x.com","confirmed_at":null})", "5||||"},
    {"gitlab", "a date alone", R"({"id":5,"email":"e@x.com","confirmed_at":"2020-01-02"})", "5||||"},
    {"gitlab", "another layout", R"({"id":5,"email":"e@x.com","confirmed_at":"2020-01-02 03:04:05.678Z"})", "5||||"},
    {"gitlab", "the zero instant", R"({"id":5,"email":"e@x.com","confirmed_at":"0001-01-01T00:00:00Z"})", "5||||"},
    {"gitlab", "a number", R"({"id":5,"email":"e@x.com","confirmed_at":5})", nullptr},
    {"bitbucket", "primary address", R"({"uuid":"1","username":"U","display_name":"N","account_status":"active","links":{"avatar":{"href":"P"}}})",
     "1|N|U|b@x.com|P",
     R"({"values":[{"email":"a@x.com","is_primary":false,"is_confirmed":true},{"email":"b@x.com","is_primary":true,"is_confirmed":true}]})"},
    {"bitbucket", "inactive", R"({"uuid":"1","account_status":"closed"})", nullptr, "{}"},
    {"bitbucket", "addresses not granted", R"({"uuid":"1","account_status":"active"})", "1||||", "x", 500},
    {"bitbucket", "addresses that cannot be read", R"({"uuid":"1","account_status":"active"})", nullptr, "x"},
    {"gitee", "an address of its own", R"({"id":5,"name":"N","login":"U","email":"e@x.com","avatar_url":"P"})", "5|N|U|e@x.com|P"},
    {"discord", "a display name", R"({"id":"1","username":"U","global_name":"N","discriminator":"0","email":"e@x.com","verified":true,"avatar":"a"})",
     "1|N|U|e@x.com|https://cdn.discordapp.com/avatars/1/a.png"},
    {"discord", "a discriminator", R"({"id":"1","username":"U","discriminator":"1234","email":"e@x.com","verified":false})", "1|U#1234|U||"},
    {"discord", "discriminator zero", R"({"id":"1","username":"U","discriminator":"0"})", "1|U|U||"},
    {"twitter", "all", R"({"data":{"id":"1","name":"N","username":"U","profile_image_url":"P","confirmed_email":"e@x.com"}})", "1|N|U|e@x.com|P"},
    {"kakao", "verified", R"({"id":5,"properties":{"nickname":"U","profile_image":"P"},"kakao_account":{"email":"e@x.com","is_email_valid":true,"is_email_verified":true}})",
     "5||U|e@x.com|P"},
    {"kakao", "not valid any more", R"({"id":5,"kakao_account":{"email":"e@x.com","is_email_valid":false,"is_email_verified":true}})", "5||||"},
    {"vk", "the token's address", R"({"response":[{"id":5,"first_name":" A","last_name":"","screen_name":"U","photo_max":"P"}]})",
     "5|A|U|e@x.com|P", nullptr, 200, R"({"email":"e@x.com"})"},
    {"vk", "nobody", R"({"response":[]})", nullptr},
    {"linear", "active", R"({"data":{"viewer":{"id":"1","displayName":"U","name":"N","email":"e@x.com","avatarUrl":"P","active":true}}})", "1|N|U|e@x.com|P"},
    {"linear", "inactive", R"({"data":{"viewer":{"id":"1","active":false}}})", nullptr},
    {"notion", "all", R"({"bot":{"owner":{"user":{"id":"1","name":"N","avatar_url":"P","person":{"email":"e@x.com"}}}}})", "1|N||e@x.com|P"},
    {"monday", "verified", R"({"data":{"me":{"id":"1","enabled":true,"name":"N","email":"e@x.com","is_verified":true,"photo_small":"P"}}})", "1|N||e@x.com|P"},
    {"monday", "unverified", R"({"data":{"me":{"id":"1","enabled":true,"email":"e@x.com","is_verified":false}}})", "1||||"},
    {"monday", "disabled", R"({"data":{"me":{"id":"1","enabled":false}}})", nullptr},
    {"lark", "all", R"({"data":{"union_id":"1","name":"N","avatar_url":"P","email":"e@x.com"}})", "1|N|||P"},
    {"box", "active", R"({"id":"1","name":"N","login":"e@x.com","avatar_url":"P","status":"active"})", "1|N||e@x.com|P"},
    {"box", "inactive", R"({"id":"1","status":"inactive"})", nullptr},
    {"spotify", "the first image", R"({"id":"1","display_name":"N","images":[{"url":"P"},{"url":"Q"}]})", "1|N|||P"},
    {"spotify", "no image", R"({"id":"1","images":[]})", "1||||"},
    {"spotify", "an image of another shape", R"({"id":"1","images":[{"url":"P"},5]})", nullptr},
    {"trakt", "all", R"({"user":{"username":"U","name":"N","ids":{"uuid":"1"},"images":{"avatar":{"full":"P"}}}})", "1|N|U||P"},
    {"twitch", "all", R"({"data":[{"id":"1","login":"U","display_name":"N","email":"e@x.com","profile_image_url":"P"}]})", "1|N|U|e@x.com|P"},
    {"twitch", "nobody", R"({"data":[]})", nullptr},
    {"patreon", "verified", R"({"data":{"id":"1","attributes":{"full_name":"N","vanity":"U","email":"e@x.com","is_email_verified":true,"image_url":"P"}}})",
     "1|N|U|e@x.com|P"},
    {"patreon", "unverified", R"({"data":{"id":"1","attributes":{"email":"e@x.com","is_email_verified":false}}})", "1||||"},
    {"strava", "a name in two parts", R"({"id":5,"firstname":"A","lastname":"","username":"U","profile":"P"})", "5|A |U||P"},
    {"strava", "id zero", R"({"id":0,"firstname":"A","lastname":"B"})", "|A B|||"},
    {"wakatime", "public", R"({"data":{"id":"1","display_name":"N","username":"U","email":"e@x.com","is_email_confirmed":true,"photo":"P","photo_public":true}})",
     "1|N|U|e@x.com|P"},
    {"wakatime", "hidden", R"({"data":{"id":"1","email":"e@x.com","photo":"P"}})", "1||||"},
    {"livechat", "verified", R"({"account_id":"1","name":"N","email":"e@x.com","email_verified":true,"avatar_url":"P"})", "1|N||e@x.com|P"},
    {"livechat", "unverified", R"({"account_id":"1","email":"e@x.com"})", "1||||"},
    {"mailcow", "active", R"({"id":"1","full_name":"N","username":"U@x","email":"e@x.com","active":1})", "1|N|U|e@x.com|"},
    {"mailcow", "inactive", R"({"id":"1","active":0})", nullptr},
    {"mailcow", "active as a bool", R"({"id":"1","active":true})", nullptr},
    {"planningcenter", "active", R"({"data":{"id":"1","attributes":{"status":"active","name":"N","avatar":"P","email":"e@x.com"}}})", "1|N|||P"},
    {"planningcenter", "inactive", R"({"data":{"id":"1","attributes":{"status":"inactive"}}})", nullptr},
    {"microsoft", "the directory's address", R"({"id":"1","displayName":"N","mail":"e@x.com"})", "1|N||e@x.com|"},
    {"oidc", "verified", R"({"sub":"1","name":"N","preferred_username":"U","email":"e@x.com","email_verified":"1","picture":"P"})", "1|N|U|e@x.com|P"},
    {"oidc2", "verified as a number", R"({"sub":"1","email":"e@x.com","email_verified":1})", "1|||e@x.com|"},
    {"oidc3", "verified in other words", R"({"sub":"1","email":"e@x.com","email_verified":"yes"})", "1||||"},
};

class OAuth2Adapter : public testing::TestWithParam<Case> {};

TEST_P(OAuth2Adapter, ReadsTheUserAsThisProviderTellsOfHim) {
  const Case& test = GetParam();
  CannedProvider provider;
  provider.Answer("https://p/user", 200, test.user_info);
  if (test.emails) provider.Answer("https://p/user/emails", test.emails_status, test.emails);
  auto user = provider.Client(test.provider)->FetchUser(CannedProvider::Token(Parsed(test.token)), CannedProvider::Soon());
  ASSERT_EQ(user.has_value(), test.user != nullptr) << (user ? user->id : user.error().message);
  if (!user) return;
  EXPECT_EQ(user->id + "|" + user->name + "|" + user->username + "|" + user->email + "|" + user->avatar_url, test.user);
  EXPECT_EQ(user->access_token, "access");
  EXPECT_EQ(user->raw_user.Dump(), Parsed(test.user_info).Dump());
  for (const OutgoingRequest& request : provider.asked) EXPECT_TRUE(HasHeader(request, "Authorization: Bearer access")) << request.url;
}

INSTANTIATE_TEST_SUITE_P(Vendors, OAuth2Adapter, testing::ValuesIn(kCases));

TEST(OAuth2Adapters, AreThereForEveryProvider) {
  for (const OAuth2Provider& known : OAuth2Providers()) {
    CannedProvider provider;
    provider.Answer("https://p/user", 500, "");
    auto user = provider.Client(std::string(known.name))->FetchUser(CannedProvider::Token(), CannedProvider::Soon());
    ASSERT_FALSE(user) << known.name;
    EXPECT_NE(user.error().message, "no adapter for this provider") << known.name;
  }
}

TEST(OAuth2Adapters, SendWhatSomeProvidersAskForBesides) {
  const auto headers_of = [](const char* name, const char* body) {
    CannedProvider provider;
    provider.Answer("https://p/user", 200, body);
    (void)provider.Client(name)->FetchUser(CannedProvider::Token(), CannedProvider::Soon());
    return provider.asked.at(0);
  };
  EXPECT_TRUE(HasHeader(headers_of("notion", "{}"), "Notion-Version: 2022-06-28"));
  EXPECT_TRUE(HasHeader(headers_of("trakt", "{}"), "trakt-api-key: me"));
  EXPECT_TRUE(HasHeader(headers_of("trakt", "{}"), "trakt-api-version: 2"));
  EXPECT_TRUE(HasHeader(headers_of("twitch", "{}"), "Client-Id: me"));
  const OutgoingRequest linear = headers_of("linear", "{}");
  EXPECT_EQ(linear.method, "POST");
  EXPECT_EQ(linear.body, R"({"query":"query Me { viewer { id displayName name email avatarUrl active } }"})");
  EXPECT_TRUE(HasHeader(linear, "Content-Type: application/json"));
}

TEST(OAuth2Adapters, AskGiteeForTheAddressThatTheProfileHides) {
  const auto email_with = [](const char* emails, int status = 200) {
    CannedProvider provider;
    provider.Answer("https://p/user", 200, R"({"id":5,"email":""})");
    provider.Answer("https://gitee.com/api/v5/emails", status, emails);
    auto user = provider.Client("gitee")->FetchUser(CannedProvider::Token(), CannedProvider::Soon());
    return user ? user->email : "failed: " + user.error().message;
  };
  EXPECT_EQ(email_with(R"([{"email":"a@x.com","state":"unconfirmed","scope":["primary"]},{"email":"b@x.com","state":"confirmed","scope":["notified"]},
                         {"email":"c@x.com","state":"confirmed","scope":["primary","notified"]}])"), "c@x.com");
  EXPECT_EQ(email_with(R"([{"email":"not one","state":"confirmed","scope":["primary"]}])"), "");
  EXPECT_EQ(email_with("x"), "");
  EXPECT_EQ(email_with(R"([{"email":"c@x.com","state":"confirmed","scope":["primary"]}])", 403), "");
}

TEST(OAuth2Adapters, CopyInstagramsPermissionsFromTheToken) {
  const auto permissions = [](const char* info, const char* token) {
    CannedProvider provider;
    provider.Answer("https://p/user", 200, info);
    auto user = provider.Client("instagram2")->FetchUser(CannedProvider::Token(Parsed(token)), CannedProvider::Soon());
    const Json* found = user ? user->raw_user.Find("permissions") : nullptr;
    return found ? found->Dump() : "";
  };
  EXPECT_EQ(permissions(R"({"user_id":"1"})", R"({"permissions":["a","b"]})"), R"(["a","b"])");
  EXPECT_EQ(permissions(R"({"user_id":"1","permissions":"own"})", R"({"permissions":"a"})"), R"("own")");
  EXPECT_EQ(permissions(R"({"user_id":"1"})", "{}"), "");
}

TEST(OAuth2Adapters, TakeNothingFromAStatusThatIsAnError) {
  CannedProvider provider;
  provider.Answer("https://p/user", 400, R"({"sub":"1"})");
  EXPECT_FALSE(provider.Client("google")->FetchUser(CannedProvider::Token(), CannedProvider::Soon()));
  provider.Answer("https://p/user", 399, R"({"sub":"1"})");
  EXPECT_TRUE(provider.Client("google")->FetchUser(CannedProvider::Token(), CannedProvider::Soon()));
}

}  // namespace
}  // namespace wombat

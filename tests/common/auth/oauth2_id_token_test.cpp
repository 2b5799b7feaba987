#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <cstdlib>

#include "common/auth/base64.h"
#include "common/auth/oauth2/id_token.h"
#include "common/auth/oauth2/jwks.h"
#include "tests/common/auth/oauth2_fixture.h"

namespace wombat {
namespace {

std::chrono::sys_seconds Current() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }
std::int64_t In(int seconds) { return (Current() + std::chrono::seconds(seconds)).time_since_epoch().count(); }

// A key pair of the provider's, with its published form.
class Signer {
 public:
  static const Signer& Rsa() {
    static const Signer signer(EVP_RSA_gen(2048), "RS256");
    return signer;
  }
  static const Signer& ShortRsa() {
    static const Signer signer(EVP_RSA_gen(512), "RS256");
    return signer;
  }
  static const Signer& Ed25519() {
    static const Signer signer(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), "EdDSA");
    return signer;
  }

  std::string Sign(const Json& claims, Json header) const {
    if (!header.Has("alg")) header["alg"] = alg_;
    if (!header.Has("kid")) header["kid"] = "key1";
    const std::string text = EncodeBase64Url(header.Dump()) + "." + EncodeBase64Url(claims.Dump());
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_DigestSignInit(context, nullptr, alg_ == "RS256" ? EVP_sha256() : nullptr, nullptr, key_);
    unsigned char signature[512];
    std::size_t size = sizeof signature;
    EXPECT_EQ(EVP_DigestSign(context, signature, &size, reinterpret_cast<const unsigned char*>(text.data()), text.size()), 1);
    EVP_MD_CTX_free(context);
    return text + "." + EncodeBase64Url({reinterpret_cast<const char*>(signature), size});
  }

  Json Published() const {
    Json key = Json::Object({{"kid", "key1"}, {"alg", alg_}, {"use", "sig"}});
    if (alg_ == "RS256") {
      key["kty"] = "RSA";
      key["n"] = Number(OSSL_PKEY_PARAM_RSA_N);
      key["e"] = Number(OSSL_PKEY_PARAM_RSA_E);
    } else {
      unsigned char point[32];
      std::size_t size = sizeof point;
      EVP_PKEY_get_raw_public_key(key_, point, &size);
      key["kty"] = "OKP";
      key["crv"] = "Ed25519";
      key["x"] = EncodeBase64Url({reinterpret_cast<const char*>(point), size});
    }
    return key;
  }

 private:
  Signer(EVP_PKEY* key, std::string alg) : key_(key), alg_(std::move(alg)) {}

  std::string Number(const char* name) const {
    BIGNUM* number = nullptr;
    EVP_PKEY_get_bn_param(key_, name, &number);
    std::string bytes(std::size_t(BN_num_bytes(number)), '\0');
    BN_bn2bin(number, reinterpret_cast<unsigned char*>(bytes.data()));
    BN_free(number);
    return EncodeBase64Url(bytes);
  }

  EVP_PKEY* key_;     // for as long as the test runs
  std::string alg_;
};

Json Claims(const Json& more = Json::Object()) {
  Json claims = Json::Object({{"sub", "1"}, {"aud", "me"}, {"iss", "https://issuer"}, {"exp", In(3600)}, {"iat", In(0)}});
  for (const auto& [name, value] : more.as_object()) claims[name] = value;
  return claims;
}

std::string KeyList(std::initializer_list<Json> keys) {
  Json list = Json::List();
  for (const Json& key : keys) list.Append(key);
  return Json::Object({{"keys", std::move(list)}}).Dump();
}

// Whether this token signs somebody in whose provider is only known by its id_token.
bool SignsIn(const std::string& token, const Json& extra = Json::Object(), const std::string& keys = "") {
  CannedProvider provider;
  if (!keys.empty()) provider.Answer("https://p/jwks", 200, keys);
  auto user = provider.Client("oidc", extra, false)
                  ->FetchUser(CannedProvider::Token(Json::Object({{"id_token", token}})), CannedProvider::Soon());
  return user && user->id == "1";
}

const Json kVerified = Json::Object({{"jwksURL", "https://p/jwks"}});

bool Verifies(const Signer& signer, const Json& claims, const std::string& keys, const Json& header = Json::Object()) {
  return SignsIn(signer.Sign(claims, header), kVerified, keys);
}

TEST(IdToken, IsVerifiedWithRs256AndEdDsaKeys) {
  EXPECT_TRUE(Verifies(Signer::Rsa(), Claims(), KeyList({Signer::Rsa().Published()})));
  EXPECT_TRUE(Verifies(Signer::Ed25519(), Claims(), KeyList({Signer::Ed25519().Published()})));
}

TEST(IdToken, IsRefusedWhenAnotherKeySignedIt) {
  Json other = Signer::Ed25519().Published();
  other["x"] = EncodeBase64Url(std::string(32, 'x'));
  EXPECT_FALSE(Verifies(Signer::Ed25519(), Claims(), KeyList({other})));
  Json another = Signer::Rsa().Published();
  another["n"] = EncodeBase64Url(std::string(256, '\xc1'));
  EXPECT_FALSE(Verifies(Signer::Rsa(), Claims(), KeyList({another})));
}

TEST(IdToken, IsRefusedWhenItWasTamperedWith) {
  const std::string token = Signer::Rsa().Sign(Claims(), Json::Object());
  const std::string keys = KeyList({Signer::Rsa().Published()});
  ASSERT_TRUE(SignsIn(token, kVerified, keys));
  const std::size_t first = token.find('.'), second = token.rfind('.');
  const std::string header = token.substr(0, first), signature = token.substr(second + 1);
  const std::string forged = EncodeBase64Url(Claims(Json::Object({{"email", "root@x.com"}})).Dump());
  EXPECT_FALSE(SignsIn(header + "." + forged + "." + signature, kVerified, keys));
  EXPECT_FALSE(SignsIn(token.substr(0, second + 1), kVerified, keys));
  EXPECT_FALSE(SignsIn(token.substr(0, second + 1) + EncodeBase64Url("x"), kVerified, keys));
}

TEST(IdToken, OfAlgNoneIsRefusedWhereSignaturesAreAskedFor) {
  const std::string claims = EncodeBase64Url(Claims().Dump());
  const std::string none = EncodeBase64Url(R"({"alg":"none","kid":"key1"})") + "." + claims + ".";
  EXPECT_FALSE(SignsIn(none, kVerified, KeyList({Signer::Rsa().Published()})));
  Json key = Signer::Rsa().Published();
  key["alg"] = "none";
  EXPECT_FALSE(SignsIn(none, kVerified, KeyList({key})));
}

TEST(IdToken, SignedWithThePublicKeyAsASharedSecretIsRefused) {
  EXPECT_FALSE(Verifies(Signer::Rsa(), Claims(), KeyList({Signer::Rsa().Published()}), Parsed(R"({"alg":"HS256"})")));
}

TEST(IdToken, NeedsAKeyOfItsNameAndAlgorithm) {
  const Json key = Signer::Rsa().Published();
  const auto with = [&](const char* member, const Json& value) {
    Json changed = key;
    changed[member] = value;
    return changed;
  };
  const auto verifies = [](std::initializer_list<Json> keys, const Json& header = Json::Object()) {
    return Verifies(Signer::Rsa(), Claims(), KeyList(keys), header);
  };
  EXPECT_TRUE(verifies({with("kid", "other"), key}));
  EXPECT_TRUE(verifies({with("alg", ""), key})) << "a key without an algorithm is passed over";
  EXPECT_FALSE(verifies({key}, Parsed(R"({"kid":"key2"})")));
  EXPECT_FALSE(verifies({key}, Parsed(R"({"kid":""})")));
  EXPECT_FALSE(verifies({with("alg", "RS512")}));
  EXPECT_FALSE(verifies({with("alg", "RS512")}, Parsed(R"({"alg":"RS512"})")));
  EXPECT_FALSE(verifies({with("kty", "EC")}));
  EXPECT_FALSE(verifies({with("n", "AQ"), key})) << "the first of its name counts";
  EXPECT_FALSE(verifies({with("kid", 5), key}));
  EXPECT_FALSE(verifies({}));
  EXPECT_FALSE(SignsIn(Signer::Rsa().Sign(Claims(), Json::Object()), kVerified));
}

TEST(IdToken, IsNotVerifiedWithAKeyThatIsTooShort) {
  EXPECT_FALSE(Verifies(Signer::ShortRsa(), Claims(), KeyList({Signer::ShortRsa().Published()})));
}

TEST(IdToken, IsForUsOnly) {
  const auto audience = [](const char* value) { return SignsIn(Signer::Ed25519().Sign(Claims(Json::Object({{"aud", Parsed(value)}})), {})); };
  EXPECT_TRUE(audience(R"("me")"));
  EXPECT_TRUE(audience(R"(["x","me"])"));
  EXPECT_FALSE(audience(R"("x")"));
  EXPECT_FALSE(audience(R"(["x","y"])"));
  EXPECT_FALSE(audience(R"([])"));
  EXPECT_FALSE(audience("5"));
  EXPECT_FALSE(audience("null"));
}

TEST(IdToken, IsOfAnIssuerWhereOneIsAskedFor) {
  const auto issuers = [](const char* value) {
    return SignsIn(Signer::Ed25519().Sign(Claims(), {}), Json::Object({{"issuers", Parsed(value)}}));
  };
  EXPECT_TRUE(issuers(R"(["https://a","https://issuer"])"));
  EXPECT_TRUE(issuers(R"("https://a  https://issuer")"));
  EXPECT_TRUE(issuers("[]"));
  EXPECT_TRUE(issuers(R"("  ")"));
  EXPECT_FALSE(issuers(R"(["https://a"])"));
  EXPECT_FALSE(issuers(R"("https://issuer/")"));
  EXPECT_FALSE(issuers("5"));
}

TEST(IdToken, HasItsTimesWithSomeLeewayThatTheSignatureCheckDoesNotGrant) {
  const auto with = [](const char* claim, const Json& value, bool verified = false) {
    const std::string token = Signer::Ed25519().Sign(Claims(Json::Object({{claim, value}})), {});
    return verified ? SignsIn(token, kVerified, KeyList({Signer::Ed25519().Published()})) : SignsIn(token);
  };
  EXPECT_TRUE(with("exp", In(-200)));
  EXPECT_FALSE(with("exp", In(-400)));
  EXPECT_FALSE(with("exp", In(-200), true));
  EXPECT_TRUE(with("exp", 0));
  EXPECT_FALSE(with("exp", "x"));
  EXPECT_TRUE(with("nbf", In(200)));
  EXPECT_FALSE(with("nbf", In(400)));
  EXPECT_FALSE(with("nbf", In(200), true));
  EXPECT_TRUE(with("iat", In(200), true));
  EXPECT_FALSE(with("iat", In(400)));
}

TEST(IdToken, HasTheLeewayThatTheEnvironmentSays) {
  const std::string token = Signer::Ed25519().Sign(Claims(Json::Object({{"exp", In(-200)}})), {});
  ::setenv("PB_ID_TOKEN_LEEWAY", "10", 1);
  EXPECT_FALSE(SignsIn(token));
  ::setenv("PB_ID_TOKEN_LEEWAY", "ten", 1);
  EXPECT_TRUE(SignsIn(token));
  ::unsetenv("PB_ID_TOKEN_LEEWAY");
}

TEST(IdToken, ThatIsNoneIsRefused) {
  for (const char* text : {"", "abc", "a.b.c", "a.b.c.d", "..", "e30.e30."}) EXPECT_FALSE(DecodeIdToken(text)) << text;
  EXPECT_FALSE(DecodeIdToken(Signer::Ed25519().Sign(Claims(), Parsed(R"({"alg":"XX"})"))));
}

TEST(IdToken, ThatIsAbsentIsToldApartFromOneThatIsNoGood) {
  CannedProvider provider;
  auto user = provider.Client("oidc", Json::Object(), false)->FetchUser(CannedProvider::Token(), CannedProvider::Soon());
  ASSERT_FALSE(user);
  EXPECT_EQ(user.error().kind, Error::Kind::kNotFound);
}

TEST(IdToken, IsIgnoredWhereThereIsUserInfo) {
  CannedProvider provider;
  provider.Answer("https://p/user", 200, R"({"sub":"info"})");
  auto user = provider.Client("oidc")->FetchUser(CannedProvider::Token(Json::Object({{"id_token", "x"}})), CannedProvider::Soon());
  ASSERT_TRUE(user);
  EXPECT_EQ(user->id, "info");
}

TEST(AppleIdToken, IsApplesOwnAndSigned) {
  const auto signs_in = [](const Json& more, const std::string& keys) {
    CannedProvider provider;
    provider.Answer("https://appleid.apple.com/auth/keys", 200, keys);
    Json claims = Claims(Json::Object({{"iss", "https://appleid.apple.com"}, {"email", "e@x.com"}, {"email_verified", "true"}}));
    for (const auto& [name, value] : more.as_object()) claims[name] = value;
    const Json extra = Json::Object({{"id_token", Signer::Rsa().Sign(claims, Json::Object())}});
    auto user = provider.Client("apple")->FetchUser(CannedProvider::Token(extra), CannedProvider::Soon());
    return user && user->email == "e@x.com" && user->name.empty();
  };
  const std::string keys = KeyList({Signer::Rsa().Published()});
  EXPECT_TRUE(signs_in(Json::Object(), keys));
  EXPECT_FALSE(signs_in(Json::Object({{"iss", "https://appleid.apple.com.evil"}}), keys));
  EXPECT_FALSE(signs_in(Json::Object({{"exp", 0}}), keys));
  EXPECT_FALSE(signs_in(Json::Object({{"aud", "x"}}), keys));
  EXPECT_FALSE(signs_in(Json::Object(), KeyList({Signer::Ed25519().Published()})));
}

TEST(MicrosoftEmail, IsOfTheClaimThatTheAdministratorTrusts) {
  const auto email = [](const char* which, const Json& more) {
    CannedProvider provider;
    provider.Answer("https://p/user", 200, R"({"id":"1","mail":"graph@x.com"})");
    const std::string token = Signer::Ed25519().Sign(Claims(more), {});
    auto user = provider.Client("microsoft", Json::Object({{"idTokenEmailClaim", which}}))
                    ->FetchUser(CannedProvider::Token(Json::Object({{"id_token", token}})), CannedProvider::Soon());
    return user ? user->email : "failed";
  };
  const Json all = Parsed(R"({"email":"c@x.com","verified_primary_email":"v@x.com","xms_edov":"1","aud":"x"})");
  const Json unproved = Parsed(R"({"email":"c@x.com","verified_primary_email":["v@x.com"],"xms_edov":0})");
  const Json expired = Json::Object({{"email", "c@x.com"}, {"exp", In(-1000)}});
  EXPECT_EQ(email("", all), "graph@x.com");
  EXPECT_EQ(email("other", all), "graph@x.com");
  EXPECT_EQ(email("email", all), "c@x.com");
  EXPECT_EQ(email("verified_primary_email", all), "v@x.com");
  EXPECT_EQ(email("email_and_xms_edov", all), "c@x.com");
  EXPECT_EQ(email("any_verified", all), "v@x.com");
  EXPECT_EQ(email("verified_primary_email", unproved), "");
  EXPECT_EQ(email("email_and_xms_edov", unproved), "");
  EXPECT_EQ(email("any_verified", unproved), "");
  EXPECT_EQ(email("email", expired), "");
}

}  // namespace
}  // namespace wombat

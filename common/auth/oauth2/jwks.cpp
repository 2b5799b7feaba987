#include "common/auth/oauth2/jwks.h"

#include "common/auth/base64.h"
#include "common/auth/ed25519.h"
#include "common/auth/oauth2/typed_json.h"
#include "common/auth/rs256.h"

namespace wombat {
namespace {

std::unexpected<Error> Refused(const char* why) { return Fail(why, Error::Kind::kInvalidInput); }

// Some publish their numbers with padding.
std::optional<std::string> DecodeNumber(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  return DecodeBase64Url(text);
}

Result<TypedJson> FindKey(const Json& document, const std::string& kid, bool& sound) {
  for (const TypedJson& key : TypedJson(document, sound).List("keys")) {
    const bool matches = key.Text("kid") == kid && !key.Text("alg").empty();
    if (!sound) break;
    if (matches) return key;
  }
  return Refused("no key is published for the id_token");
}

}  // namespace

Result<void> VerifyWithKeys(const IdToken& token, std::string_view document, std::chrono::sys_seconds now) {
  const std::string kid = token.header.StringOr("kid"), alg = token.header.StringOr("alg");
  if (kid.empty()) return Refused("the id_token names no key");
  auto keys = ParseJson(document);
  if (!keys) return Refused("the published keys cannot be read");
  bool sound = true;
  auto key = FindKey(*keys, kid, sound);
  if (!key) return std::unexpected(key.error());
  if (key->Text("alg") != alg) return Refused("the id_token is signed in another way than its key is for");
  const std::string type = key->Text("kty");
  bool verified = false;
  if (type == "RSA" && alg == "RS256") {
    const auto modulus = DecodeNumber(key->Text("n")), exponent = DecodeNumber(key->Text("e"));
    verified = modulus && exponent && VerifyRs256(token.signed_text, token.signature, *modulus, *exponent);
  } else if (type == "OKP" && key->Text("crv") == "Ed25519" && alg == "EdDSA") {
    const auto point = DecodeNumber(key->Text("x"));
    verified = point && VerifyEd25519(token.signed_text, token.signature, *point);
  }
  if (!verified || !sound) return Refused("the id_token's signature is not valid");
  Json without_issued = token.claims;
  without_issued.Erase("iat");
  return CheckTimes(without_issued, now, std::chrono::seconds(0));
}

}  // namespace wombat

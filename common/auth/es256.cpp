#include "common/auth/es256.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>

#include "common/auth/base64.h"

namespace wombat {
namespace {

constexpr int kHalfBytes = 32;

template <auto free>
struct Free {
  void operator()(auto* pointer) const { free(pointer); }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Context = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>>;

Result<Key> ReadKey(const std::string& pem) {
  Bio bio(BIO_new_mem_buf(pem.data(), int(pem.size())));
  Key key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr) : nullptr);
  if (!key) return Fail("the private key cannot be read", Error::Kind::kInvalidInput);
  if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_EC || EVP_PKEY_get_bits(key.get()) != kHalfBytes * 8)
    return Fail("the private key is no P-256 key", Error::Kind::kInvalidInput);
  return key;
}

// Tokens hold the two numbers side by side, OpenSSL gives them as DER.
Result<std::string> RawSignature(const std::string& der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  Signature signature(d2i_ECDSA_SIG(nullptr, &bytes, long(der.size())));
  std::string raw(2 * kHalfBytes, '\0');
  auto* out = reinterpret_cast<unsigned char*>(raw.data());
  if (!signature || BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out, kHalfBytes) != kHalfBytes ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out + kHalfBytes, kHalfBytes) != kHalfBytes)
    return Fail("the token cannot be signed");
  return raw;
}

Result<std::string> Sign(EVP_PKEY* key, std::string_view text) {
  Context context(EVP_MD_CTX_new());
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t size = 0;
  if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) != 1)
    return Fail("the token cannot be signed");
  std::string der(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(der.data()), &size, bytes, text.size()) != 1)
    return Fail("the token cannot be signed");
  der.resize(size);
  return RawSignature(der);
}

}  // namespace

Result<std::string> SignEs256Token(const Json& claims, std::string_view key_id, const std::string& pem) {
  auto key = ReadKey(pem);
  if (!key) return std::unexpected(key.error());
  const Json header = Json::Object({{"alg", "ES256"}, {"kid", key_id}, {"typ", "JWT"}});
  std::string token = EncodeBase64Url(header.Dump()) + "." + EncodeBase64Url(claims.Dump());
  auto signature = Sign(key->get(), token);
  if (!signature) return signature;
  return token + "." + EncodeBase64Url(*signature);
}

}  // namespace wombat

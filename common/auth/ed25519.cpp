#include "common/auth/ed25519.h"

#include <openssl/evp.h>

#include <memory>

namespace wombat {
namespace {

constexpr std::size_t kKeyBytes = 32, kSignatureBytes = 64;

template <auto free>
struct Free {
  void operator()(auto* pointer) const { free(pointer); }
};

const unsigned char* Bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

bool VerifyEd25519(std::string_view signed_text, std::string_view signature, std::string_view public_key) {
  if (public_key.size() != kKeyBytes || signature.size() != kSignatureBytes) return false;
  std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>> key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(public_key), public_key.size()));
  std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  return key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(signed_text), signed_text.size()) == 1;
}

}  // namespace wombat

#include "common/settings/encryption.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <memory>

namespace wombat {
namespace {

constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const EVP_CIPHER* CipherFor(std::string_view key) {
  switch (key.size()) {
    case 16:
      return EVP_aes_128_gcm();
    case 24:
      return EVP_aes_192_gcm();
    case 32:
      return EVP_aes_256_gcm();
    default:
      return nullptr;
  }
}

std::unexpected<Error> InvalidKeySize(std::string_view key) {
  return Fail("crypto/aes: invalid key size " + std::to_string(key.size()), Error::Kind::kInvalidInput);
}

std::unexpected<Error> AuthenticationFailed() {
  return Fail("cipher: message authentication failed", Error::Kind::kInvalidInput);
}

const unsigned char* Bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string EncodeBase64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock ends its output with a NUL
  text.resize(std::size_t(EVP_EncodeBlock(Bytes(text), Bytes(bytes), int(bytes.size()))));
  return text;
}

int Base64Digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return -1;
}

// Reads base64 in groups of four digits and knows where the first wrong byte is, which the message must tell.
class Base64Decoder {
 public:
  explicit Base64Decoder(std::string_view text) : text_(text) {}

  Result<std::string> Decode() {
    while (!done_) {
      if (auto group = DecodeGroup(); !group) return std::unexpected(group.error());
    }
    return std::move(out_);
  }

 private:
  static std::unexpected<Error> Illegal(std::size_t offset) {
    return Fail("illegal base64 data at input byte " + std::to_string(offset), Error::Kind::kInvalidInput);
  }

  void SkipLineBreaks() {
    while (at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r')) ++at_;
  }

  Result<void> DecodeGroup() {
    std::array<unsigned, 4> digits{};
    std::size_t count = 0;
    while (count < 4) {
      SkipLineBreaks();
      if (at_ == text_.size()) {
        done_ = true;
        if (count == 0) return {};
        return Illegal(at_ - count);
      }
      const char c = text_[at_++];
      if (const int digit = Base64Digit(c); digit >= 0) {
        digits[count++] = unsigned(digit);
      } else if (c == '=' && count >= 2) {
        if (auto padding = FinishPadding(count); !padding) return padding;
        break;
      } else {
        return Illegal(at_ - 1);
      }
    }
    const unsigned bits = digits[0] << 18 | digits[1] << 12 | digits[2] << 6 | digits[3];
    for (std::size_t i = 0; i + 1 < count; ++i) out_ += char(bits >> (16 - 8 * i) & 0xff);
    return {};
  }

  Result<void> FinishPadding(std::size_t count) {
    if (count == 2) {
      SkipLineBreaks();
      if (at_ == text_.size()) return Illegal(at_);
      if (text_[at_++] != '=') return Illegal(at_ - 1);
    }
    SkipLineBreaks();
    if (at_ != text_.size()) return Illegal(at_);
    done_ = true;
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string out_;
  bool done_ = false;
};

}  // namespace

Result<std::string> DecodeBase64(std::string_view text) { return Base64Decoder(text).Decode(); }

Result<std::string> EncryptText(std::string_view plain, std::string_view key) {
  const EVP_CIPHER* cipher = CipherFor(key);
  if (!cipher) return InvalidKeySize(key);
  CipherContext context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  std::string sealed(kNonceBytes + plain.size() + kTagBytes, '\0');
  unsigned char* nonce = Bytes(sealed);
  unsigned char* body = nonce + kNonceBytes;
  int written = 0;
  int final_written = 0;
  const bool ok = context && RAND_bytes(nonce, int(kNonceBytes)) == 1 &&
                  EVP_EncryptInit_ex(context.get(), cipher, nullptr, Bytes(key), nonce) == 1 &&
                  EVP_EncryptUpdate(context.get(), body, &written, Bytes(plain), int(plain.size())) == 1 &&
                  EVP_EncryptFinal_ex(context.get(), body + written, &final_written) == 1 &&
                  EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, int(kTagBytes), body + plain.size()) == 1;
  if (!ok) return Fail("failed to encrypt the settings");
  return EncodeBase64(sealed);
}

Result<std::string> DecryptText(std::string_view stored, std::string_view key) {
  const EVP_CIPHER* cipher = CipherFor(key);
  if (!cipher) return InvalidKeySize(key);
  auto sealed = DecodeBase64(stored);
  if (!sealed) return sealed;
  if (sealed->size() < kNonceBytes + kTagBytes) return AuthenticationFailed();

  const std::size_t length = sealed->size() - kNonceBytes - kTagBytes;
  unsigned char* nonce = Bytes(*sealed);
  unsigned char* body = nonce + kNonceBytes;
  std::string plain(length, '\0');
  CipherContext context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int written = 0;
  int final_written = 0;
  const bool ok = context && EVP_DecryptInit_ex(context.get(), cipher, nullptr, Bytes(key), nonce) == 1 &&
                  EVP_DecryptUpdate(context.get(), Bytes(plain), &written, body, int(length)) == 1 &&
                  EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, int(kTagBytes), body + length) == 1 &&
                  EVP_DecryptFinal_ex(context.get(), Bytes(plain) + written, &final_written) == 1;
  if (!ok) return AuthenticationFailed();
  return plain;
}

}  // namespace wombat

// Settings at rest: AES-GCM with the raw bytes of an environment variable as the key.          Behaviour: spec 06 §9.1.
// Pure functions, safe on any thread.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"

namespace wombat {

// Standard base64 of `nonce || ciphertext || tag` with a fresh random nonce. `key`: 16, 24 or 32 bytes.
// Errors carry the texts of spec 06 §4 ("crypto/aes: invalid key size 5").
Result<std::string> EncryptText(std::string_view plain, std::string_view key);
Result<std::string> DecryptText(std::string_view stored, std::string_view key);

// With padding; line breaks are ignored. Error: "illegal base64 data at input byte <n>".
Result<std::string> DecodeBase64(std::string_view text);

}  // namespace wombat

// Signatures of EdDSA tokens with Ed25519 keys.                                              Behaviour: spec 04 §7, "JWKS".
#pragma once

#include <string_view>

namespace wombat {

// `public_key`: its 32 bytes. False also for a key of another length.
bool VerifyEd25519(std::string_view signed_text, std::string_view signature, std::string_view public_key);

}  // namespace wombat

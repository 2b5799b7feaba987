// The name that Apple tells once, to the redirect address: kept until the sign-in with the same code asks for it, which may
// land on another worker.                                                                                   spec 04 §6.11
#pragma once

#include <string>
#include <string_view>

#include "common/base/short_notes.h"

namespace wombat {

// `names`: the shared page's. `user`: what Apple posted, a JSON text with the name in it. `now_ms`: MonotonicMs().
void RememberOAuth2Name(ShortNotes& names, std::string_view code, std::string_view user, std::int64_t now_ms);
// "" for none. It is forgotten then.
std::string TakeOAuth2Name(ShortNotes& names, std::string_view code, std::int64_t now_ms);

}  // namespace wombat

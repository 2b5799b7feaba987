// Text in the header of a mail: nothing of a value can begin another header.                Behaviour: spec 04 §9.3.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "common/mail/message.h"

namespace wombat {

// Without line breaks and other control characters; text that is not plain ASCII, or longer than a line may be, as Q-encoded
// words of UTF-8.
std::string HeaderText(std::string_view text);
// `name <address>`, or the bare address.
std::string HeaderAddress(const MailAddress& address);
std::string HeaderAddresses(std::span<const MailAddress> addresses);
// A name that may stand before the colon.
bool IsHeaderName(std::string_view name);
// An address that may be given to a mail server: a "@", and nothing that could end the command.
bool IsSafeAddress(std::string_view address);

}  // namespace wombat

// A message as the bytes that a mail server takes.                                          Behaviour: spec 04 §9.3.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/mail/message.h"

namespace wombat {

// Headers, then multipart/mixed of multipart/alternative (text and HTML) and the attachments. Lines end in CR LF, all bytes
// are ASCII, and no line is longer than 998 bytes.
std::string BuildMime(const MailMessage& message);

// The plain text that goes with the message: its own, or its HTML as text.
std::string PlainTextOf(const MailMessage& message);

// Lines of at most 76 characters (RFC 2045 §6.7); line breaks of any kind stay line breaks.
std::string QuotedPrintable(std::string_view text);

// All to whom it goes: to, cc and bcc, each once.
std::vector<std::string> RecipientsOf(const MailMessage& message);

}  // namespace wombat

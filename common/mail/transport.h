// Handing a mail over: to a mail server with libcurl, or to the machine's sendmail.          Behaviour: spec 04 §9.3.
//
// Blocks its thread for as long as the other side takes: never on a loop. Safe on any thread. The texts of errors never hold
// the password.
#pragma once

#include <string>

#include "common/base/result.h"
#include "common/mail/message.h"
#include "common/settings/settings.h"

namespace wombat {

struct SmtpOptions {
  bool enabled = false;
  std::string host;
  int port = 587;
  std::string username, password;
  std::string auth_method;           // "PLAIN" (also when empty) or "LOGIN"
  bool tls = false;                  // from the first byte; otherwise STARTTLS when the server offers it
  std::string local_name;            // "": "localhost"
};
SmtpOptions SmtpOptionsOf(const Settings& settings);

// One connection for this one mail. Credentials are given over an encrypted connection only, or to this machine itself.
Result<void> SendBySmtp(const SmtpOptions& options, const MailMessage& message);

// Headers and HTML only: no plain text beside it, no attachments, no further headers.
Result<void> SendBySendmail(const MailMessage& message);

// By SMTP when that is enabled, by sendmail otherwise.
Result<void> SendMail(const SmtpOptions& options, const MailMessage& message);

}  // namespace wombat

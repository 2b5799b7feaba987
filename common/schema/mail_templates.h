// The mails that a new auth collection starts with.                             Behaviour: spec 02 §1.2, 06 §7.3.
#pragma once

#include "common/schema/collection.h"

namespace wombat {

MailTemplate DefaultVerificationMail();
MailTemplate DefaultResetPasswordMail();
MailTemplate DefaultConfirmEmailChangeMail();
MailTemplate DefaultOtpMail();
MailTemplate DefaultAuthAlertMail();

}  // namespace wombat

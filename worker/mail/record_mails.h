// The mails that auth records get. Each resolves its template of the record's collection and fires its hook around the
// sending.                                                                              Behaviour: spec 04 §9.1, 07 §2.3.
//
// Errors: what a hook refused with; with status 0, what failed on the way, for the log.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "worker/request_context.h"

namespace wombat {

Task<HookResult> SendVerificationMail(RequestContext& context, std::shared_ptr<Record> record);
// Never to the installer account.
Task<HookResult> SendPasswordResetMail(RequestContext& context, std::shared_ptr<Record> record);
Task<HookResult> SendEmailChangeMail(RequestContext& context, std::shared_ptr<Record> record, std::string new_email);
Task<HookResult> SendAuthAlertMail(RequestContext& context, std::shared_ptr<Record> record, std::string info);

// `sent` runs inside the hook, once the mail was handed over, with the first recipient's address; may be empty.
using AfterSending = std::function<Task<HookResult>(std::string recipient)>;
Task<HookResult> SendOtpMail(RequestContext& context, std::shared_ptr<Record> record, std::string otp_id,
                             std::string password, AfterSending sent);

}  // namespace wombat

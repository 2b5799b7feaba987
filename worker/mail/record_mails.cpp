#include "worker/mail/record_mails.h"

#include "common/base/text.h"
#include "common/mail/template.h"
#include "worker/auth_tokens.h"
#include "worker/mail/mailer.h"

namespace wombat {
namespace {

constexpr std::string_view kInstallerEmail = "__pbinstaller@example.com";

using RecordMailHook = AsyncHook<MailerRecordEvent>;

struct Mail {
  const RecordMailHook& hook;
  const MailTemplate& content;
  std::string recipient;
  Placeholders placeholders;
  Json meta;
};

Task<HookResult> Send(RequestContext& context, std::shared_ptr<Record> record, Mail mail, AfterSending sent) {
  MailerRecordEvent event;
  event.app = &context.runtime.app;
  event.mailer = context.runtime.mailer->NewClient();
  event.message = ResolveTemplate(mail.content, *record, *context.settings, mail.placeholders);
  event.message.to.push_back({{}, std::move(mail.recipient)});
  event.collection = &record->collection();
  event.record = record;
  event.meta = std::move(mail.meta);
  std::function<Task<HookResult>(MailerRecordEvent&)> send = [&](MailerRecordEvent& e) -> Task<HookResult> {
    const std::shared_ptr<MailClient> client = e.mailer;
    if (!client) co_return Refuse(0, "the mail has no mailer");
    std::string first = e.message.to.empty() ? std::string() : e.message.to.front().address;
    MailMessage message = e.message;
    auto done = co_await client->Send(std::move(message));
    if (done && sent) co_return co_await sent(std::move(first));
    co_return done;
  };
  co_return co_await mail.hook.Trigger(event, TagsOf(record->collection()), send);
}

}  // namespace

Task<HookResult> SendVerificationMail(RequestContext& context, std::shared_ptr<Record> record) {
  std::string token = IssueVerificationToken(*record);
  Mail mail{context.runtime.app.on_mailer_record_verification_send,
            record->collection().auth.verification_template,
            std::string(record->Text("email")),
            {{"TOKEN", token}},
            Json::Object({{"token", token}})};
  AfterSending nothing;
  co_return co_await Send(context, record, std::move(mail), nothing);
}

Task<HookResult> SendPasswordResetMail(RequestContext& context, std::shared_ptr<Record> record) {
  if (record->collection().is_superusers() && record->Text("email") == kInstallerEmail)
    co_return Refuse(0, "cannot reset the password of the installer superuser");
  std::string token = IssuePasswordResetToken(*record);
  Mail mail{context.runtime.app.on_mailer_record_password_reset_send,
            record->collection().auth.reset_password_template,
            std::string(record->Text("email")),
            {{"TOKEN", token}},
            Json::Object({{"token", token}})};
  AfterSending nothing;
  co_return co_await Send(context, record, std::move(mail), nothing);
}

Task<HookResult> SendEmailChangeMail(RequestContext& context, std::shared_ptr<Record> record, std::string new_email) {
  std::string token = IssueEmailChangeToken(*record, new_email);
  Mail mail{context.runtime.app.on_mailer_record_email_change_send,
            record->collection().auth.confirm_email_change_template,
            new_email,
            {{"TOKEN", token}},
            Json::Object({{"token", token}, {"newEmail", new_email}})};
  AfterSending nothing;
  co_return co_await Send(context, record, std::move(mail), nothing);
}

Task<HookResult> SendAuthAlertMail(RequestContext& context, std::shared_ptr<Record> record, std::string info) {
  Mail mail{context.runtime.app.on_mailer_record_auth_alert_send,
            record->collection().auth.auth_alert.mail,
            std::string(record->Text("email")),
            {{"ALERT_INFO", EscapeHtml(info)}},
            Json::Object({{"info", info}})};
  AfterSending nothing;
  co_return co_await Send(context, record, std::move(mail), nothing);
}

Task<HookResult> SendOtpMail(RequestContext& context, std::shared_ptr<Record> record, std::string otp_id,
                             std::string password, AfterSending sent) {
  Mail mail{context.runtime.app.on_mailer_record_otp_send,
            record->collection().auth.otp.mail,
            std::string(record->Text("email")),
            {{"OTP", password}, {"OTP_ID", otp_id}},
            Json::Object({{"otpId", otp_id}, {"password", password}})};
  co_return co_await Send(context, record, std::move(mail), sent);
}

}  // namespace wombat

#include "common/schema/mail_templates.h"

namespace wombat {
namespace {

// A paragraph with the one link that the mail is about, styled inline because mail programs drop style sheets.
std::string LinkParagraph(std::string_view page, std::string_view label) {
  std::string html = "<p>\n  <a class=\"btn\" href=\"{APP_URL}/_/#/auth/";
  html += page;
  html += "/{TOKEN}\" target=\"_blank\" rel=\"noopener\">";
  html += label;
  html += "</a>\n</p>\n";
  return html;
}

constexpr std::string_view kSignature = "<p>\n  Best regards,<br/>\n  The {APP_NAME} team\n</p>";

}  // namespace

MailTemplate DefaultVerificationMail() {
  std::string body =
      "<p>Hi there,</p>\n<p>Welcome to {APP_NAME}! Please confirm that this e-mail address is yours:</p>\n";
  body += LinkParagraph("confirm-verification", "Confirm my address");
  body += "<p>If you did not sign up, nothing else is needed from you.</p>\n";
  body += kSignature;
  return {"Verify your {APP_NAME} email", std::move(body)};
}

MailTemplate DefaultResetPasswordMail() {
  std::string body =
      "<p>Hi there,</p>\n<p>Someone asked for a new password for your {APP_NAME} account. "
      "Choose one here:</p>\n";
  body += LinkParagraph("confirm-password-reset", "Choose a new password");
  body += "<p>If that was not you, keep your current password and forget about this mail.</p>\n";
  body += kSignature;
  return {"Reset your {APP_NAME} password", std::move(body)};
}

MailTemplate DefaultConfirmEmailChangeMail() {
  std::string body =
      "<p>Hi there,</p>\n<p>This address is about to become the one of your {APP_NAME} account. "
      "Confirm the change here:</p>\n";
  body += LinkParagraph("confirm-email-change", "Use this address");
  body += "<p>If you did not ask for it, your account stays as it is.</p>\n";
  body += kSignature;
  return {"Confirm your {APP_NAME} new email address", std::move(body)};
}

MailTemplate DefaultOtpMail() {
  std::string body =
      "<p>Hi there,</p>\n<p>Your one-time password for {APP_NAME} is <strong>{OTP}</strong></p>\n"
      "<p>If you did not try to sign in, nothing else is needed from you.</p>\n";
  body += kSignature;
  return {"OTP for {APP_NAME}", std::move(body)};
}

MailTemplate DefaultAuthAlertMail() {
  std::string body =
      "<p>Hi there,</p>\n<p>Your {APP_NAME} account was just used to sign in from somewhere new:</p>\n"
      "<p><em>{ALERT_INFO}</em></p>\n"
      "<p>If that was not you, change your password now: it signs every device out.</p>\n"
      "<p>If it was you, nothing else is needed from you.</p>\n";
  body += kSignature;
  return {"Login from a new location", std::move(body)};
}

}  // namespace wombat

#include <algorithm>
#include <cstring>

#include "common/mail/header_text.h"
#include "common/mail/mime.h"
#include "common/mail/transport.h"
#include "common/net/curl_library.h"

namespace wombat {
namespace {

constexpr long kConnectSeconds = 30;
// A server that has not taken the whole mail by then never will.
constexpr long kTransferSeconds = 300;
constexpr std::size_t kMaxReply = 500;

struct Upload {
  std::string text;
  std::size_t sent = 0;
};

std::size_t Give(char* buffer, std::size_t size, std::size_t count, void* user) {
  auto* upload = static_cast<Upload*>(user);
  const std::size_t bytes = std::min(size * count, upload->text.size() - upload->sent);
  std::memcpy(buffer, upload->text.data() + upload->sent, bytes);
  upload->sent += bytes;
  return bytes;
}

// Keeps the server's last reply that refuses something.
std::size_t TakeReply(char* line, std::size_t size, std::size_t count, void* user) {
  const std::string_view reply(line, size * count);
  if (!reply.empty() && (reply[0] == '4' || reply[0] == '5')) {
    auto* refusal = static_cast<std::string*>(user);
    *refusal = reply.substr(0, std::min(reply.find_first_of("\r\n"), kMaxReply));
  }
  return size * count;
}

bool IsThisMachine(const std::string& host) { return host == "localhost" || host == "127.0.0.1" || host == "::1"; }

std::string UrlOf(const SmtpOptions& options) {
  const bool v6 = options.host.find(':') != std::string::npos;
  return std::string(options.tls ? "smtps://" : "smtp://") + (v6 ? "[" + options.host + "]" : options.host) + ":" +
         std::to_string(options.port) + "/" + (options.local_name.empty() ? "localhost" : options.local_name);
}

// What the settings can hold past their validation must not begin another command or another part of the address.
bool IsPlainName(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_' || c == ':';
  });
}

void SetCredentials(CurlHandle& handle, const SmtpOptions& options) {
  const bool login = options.auth_method == "LOGIN";
  handle.Set(CURLOPT_USERNAME, options.username.c_str());
  handle.Set(CURLOPT_PASSWORD, options.password.c_str());
  handle.Set(CURLOPT_LOGIN_OPTIONS, login ? "AUTH=LOGIN" : "AUTH=PLAIN");
  handle.Set(CURLOPT_SASL_IR, login ? 0L : 1L);
}

Result<CurlHandle> Prepare(const SmtpOptions& options) {
  if (!IsPlainName(options.host) || !IsPlainName(options.local_name)) return Fail("invalid mail server name");
  auto handle = CurlHandle::Make();
  if (!handle) return std::unexpected(handle.error());
  const std::string url = UrlOf(options);
  handle->Set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  handle->Set(CURLOPT_URL, url.c_str());
  handle->Set(CURLOPT_PROXY, "");
  handle->Set(CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  handle->Set(CURLOPT_TIMEOUT, kTransferSeconds);
  const bool authenticates = !options.username.empty() || !options.password.empty();
  const bool must_encrypt = authenticates && !IsThisMachine(options.host);
  if (!options.tls) handle->Set(CURLOPT_USE_SSL, must_encrypt ? long{CURLUSESSL_ALL} : long{CURLUSESSL_TRY});
  if (authenticates) SetCredentials(*handle, options);
  return handle;
}

}  // namespace

Result<void> SendBySmtp(const SmtpOptions& options, const MailMessage& message) {
  const auto recipients = RecipientsOf(message);
  if (recipients.empty()) return Fail("the mail has no recipient");
  if (!IsSafeAddress(message.from.address) || !std::ranges::all_of(recipients, IsSafeAddress))
    return Fail("the mail has an invalid address");
  Upload upload{BuildMime(message)};
  std::string refusal;  // outlives the handle, whose end is one more conversation
  auto handle = Prepare(options);
  if (!handle) return std::unexpected(handle.error());

  CurlList to(handle->library());
  for (const std::string& recipient : recipients) to.Add("<" + recipient + ">");
  const std::string from = "<" + message.from.address + ">";
  handle->Set(CURLOPT_MAIL_FROM, from.c_str());
  handle->Set(CURLOPT_MAIL_RCPT, to.get());
  handle->Set(CURLOPT_UPLOAD, 1L);
  handle->Set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(upload.text.size()));
  handle->Set(CURLOPT_READFUNCTION, &Give);
  handle->Set(CURLOPT_READDATA, &upload);
  handle->Set(CURLOPT_HEADERFUNCTION, &TakeReply);
  handle->Set(CURLOPT_HEADERDATA, &refusal);
  const CURLcode code = handle->Perform();
  if (code == CURLE_OK) return {};
  if (code == CURLE_USE_SSL_FAILED) return Fail("unencrypted connection");
  return Fail(refusal.empty() ? handle->Why(code) : refusal);
}

SmtpOptions SmtpOptionsOf(const Settings& settings) {
  SmtpOptions options;
  const Json* smtp = settings.document().Find("smtp");
  if (!smtp) return options;
  options.enabled = smtp->BoolOr("enabled");
  options.host = smtp->StringOr("host");
  options.port = int(std::clamp(smtp->NumberOr("port"), 0.0, 65535.0));
  options.username = smtp->StringOr("username");
  options.password = smtp->StringOr("password");
  options.auth_method = smtp->StringOr("authMethod");
  options.tls = smtp->BoolOr("tls");
  options.local_name = smtp->StringOr("localName");
  return options;
}

Result<void> SendMail(const SmtpOptions& options, const MailMessage& message) {
  return options.enabled ? SendBySmtp(options, message) : SendBySendmail(message);
}

}  // namespace wombat

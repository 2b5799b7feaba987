#include "common/mail/mime.h"

#include <algorithm>
#include <cstdint>
#include <ctime>

#include "common/base/json_text.h"
#include "common/base/random.h"
#include "common/base/text.h"
#include "common/mail/header_text.h"
#include "common/mail/html_to_text.h"
#include "common/storage/mime_sniff.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxLine = 76;
constexpr std::size_t kMaxFileName = 255;
constexpr std::string_view kHexDigits = "0123456789ABCDEF";

std::string Boundary() { return RandomText(60, "0123456789abcdef"); }

// RFC 5322 §3.3, in UTC.
std::string DateText() {
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char text[64];
  std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d +0000", kDays[utc.tm_wday % 7], utc.tm_mday,
                kMonths[utc.tm_mon % 12], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
  return text;
}

std::string MessageId(const MailMessage& message) {
  const std::string& sender = message.from.address;
  const std::size_t at = sender.rfind('@');
  return "<" + RandomText(15) + "@" + (at == sender.npos ? "localhost" : HeaderText(sender.substr(at + 1))) + ">";
}

void AppendHeader(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

// What the message itself says is not said twice.
bool IsOwnHeader(std::string_view name) {
  for (std::string_view own : {"From", "To", "Cc", "Bcc", "Subject", "MIME-Version", "Content-Type",
                               "Content-Transfer-Encoding", "Content-Disposition"})
    if (EqualsIgnoreCase(name, own)) return true;
  return false;
}

bool HasHeader(const MailMessage& message, std::string_view name) {
  return std::ranges::any_of(message.headers, [&](const auto& header) { return EqualsIgnoreCase(header.first, name); });
}

void AppendHeaders(std::string& out, const MailMessage& message) {
  AppendHeader(out, "From", HeaderAddress(message.from));
  AppendHeader(out, "MIME-Version", "1.0");
  if (!HasHeader(message, "Date")) AppendHeader(out, "Date", DateText());
  AppendHeader(out, "Subject", HeaderText(message.subject));
  if (!message.to.empty()) AppendHeader(out, "To", HeaderAddresses(message.to));
  if (!message.cc.empty()) AppendHeader(out, "CC", HeaderAddresses(message.cc));
  if (!HasHeader(message, "Message-ID")) AppendHeader(out, "Message-ID", MessageId(message));
  for (const auto& [name, value] : message.headers)
    if (IsHeaderName(name) && !IsOwnHeader(name)) AppendHeader(out, name, HeaderText(value));
}

void AppendTextPart(std::string& out, std::string_view boundary, std::string_view type, std::string_view text) {
  out.append("--").append(boundary).append("\r\n");
  AppendHeader(out, "Content-Transfer-Encoding", "quoted-printable");
  AppendHeader(out, "Content-Type", std::string(type) + "; charset=UTF-8");
  out.append("\r\n").append(QuotedPrintable(text)).append("\r\n");
}

void AppendBase64(std::string& out, std::string_view bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  constexpr std::size_t kBytesPerLine = kMaxLine / 4 * 3;
  out.reserve(out.size() + bytes.size() / 3 * 4 + bytes.size() / kBytesPerLine * 2 + 8);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    if (i > 0 && i % kBytesPerLine == 0) out += "\r\n";
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; k++)
      group = group << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; k++) out += k <= count ? kAlphabet[group >> (18 - 6 * k) & 63] : '=';
  }
  out += "\r\n";
}

// A parameter in any script (RFC 2231).
std::string FileNameParameter(std::string_view name) {
  std::string out = "filename*=UTF-8''";
  for (char c : name.substr(0, kMaxFileName)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    if (plain)
      out += c;
    else
      out += {'%', kHexDigits[byte >> 4], kHexDigits[byte & 15]};
  }
  return out;
}

void AppendAttachment(std::string& out, std::string_view boundary, std::string_view name, std::string_view content,
                      bool is_inline) {
  out.append("--").append(boundary).append("\r\n");
  AppendHeader(out, "Content-Type", SniffMimeType(content).type);
  AppendHeader(out, "Content-Disposition",
               (is_inline ? "inline;\r\n\t" : "attachment;\r\n\t") + FileNameParameter(name));
  if (is_inline) AppendHeader(out, "Content-ID", "<" + HeaderText(name) + ">");
  AppendHeader(out, "Content-Transfer-Encoding", "base64");
  out += "\r\n";
  AppendBase64(out, content);
}

void AppendEncodedByte(std::string& out, char c) {
  const auto byte = static_cast<unsigned char>(c);
  out += {'=', kHexDigits[byte >> 4], kHexDigits[byte & 15]};
}

void AppendQuotedLine(std::string& out, std::string_view line) {
  std::size_t length = 0;
  for (std::size_t i = 0; i < line.size(); i++) {
    const char c = line[i];
    const bool last = i + 1 == line.size();
    const bool blank = c == ' ' || c == '\t';
    const bool plain = (c > ' ' && c < 0x7F && c != '=') || (blank && !last);
    // Room for the "=" of a soft line break, which ends every line but the last.
    if (length + (plain ? 1 : 3) > kMaxLine - (last ? 0 : 1)) {
      out += "=\r\n";
      length = 0;
    }
    if (plain)
      out += c;
    else
      AppendEncodedByte(out, c);
    length += plain ? 1 : 3;
  }
}

}  // namespace

std::string QuotedPrintable(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 16);
  for (;;) {
    const std::size_t end = text.find_first_of("\r\n");
    AppendQuotedLine(out, text.substr(0, end));
    if (end == text.npos) return out;
    out += "\r\n";
    text.remove_prefix(end + (text.substr(end).starts_with("\r\n") ? 2 : 1));
  }
}

std::string PlainTextOf(const MailMessage& message) {
  return message.text.empty() ? HtmlToText(message.html) : message.text;
}

std::string BuildMime(const MailMessage& message) {
  const std::string mixed = Boundary(), alternative = Boundary();
  std::string out;
  AppendHeaders(out, message);
  AppendHeader(out, "Content-Type", "multipart/mixed;\r\n\tboundary=\"" + mixed + "\"");
  out.append("\r\n--").append(mixed).append("\r\n");
  AppendHeader(out, "Content-Type", "multipart/alternative;\r\n\tboundary=\"" + alternative + "\"");
  out += "\r\n";
  const std::string text = PlainTextOf(message);
  if (!text.empty() || message.html.empty()) AppendTextPart(out, alternative, "text/plain", text);
  if (!message.html.empty()) AppendTextPart(out, alternative, "text/html", message.html);
  out.append("--").append(alternative).append("--\r\n\r\n");
  for (const auto& [name, content] : message.attachments) AppendAttachment(out, mixed, name, content, false);
  for (const auto& [name, content] : message.inline_attachments) AppendAttachment(out, mixed, name, content, true);
  out.append("--").append(mixed).append("--\r\n");
  return out;
}

std::vector<std::string> RecipientsOf(const MailMessage& message) {
  std::vector<std::string> recipients;
  for (const auto* list : {&message.to, &message.cc, &message.bcc})
    for (const MailAddress& address : *list)
      if (std::ranges::find(recipients, address.address) == recipients.end()) recipients.push_back(address.address);
  return recipients;
}

}  // namespace wombat

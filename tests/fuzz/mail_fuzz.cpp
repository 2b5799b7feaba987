// Text of clients on its way into a mail: it stays where it belongs, and every byte is one that any mail server takes.
#include <cstdint>
#include <cstdlib>

#include "common/base/text.h"
#include "common/mail/html_to_text.h"
#include "common/mail/mime.h"

namespace {

using namespace wombat;

void Require(bool holds) {
  if (!holds) std::abort();
}

std::size_t CountHeaders(std::string_view mime) {
  std::size_t count = 0;
  for (std::string_view line : Split(mime.substr(0, mime.find("\r\n\r\n")), '\n'))
    if (!line.starts_with(' ') && !line.starts_with('\t')) count++;
  return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  HtmlToText(text);

  MailMessage message;
  message.from = {text, "a@example.com"};
  message.to = {{text, "b@example.com"}, {"", "c@example.com"}};
  message.subject = text;
  message.html = text;
  message.headers = {{"X-Text", text}};
  message.attachments = {{text, text}};
  const std::string mime = BuildMime(message);
  constexpr std::size_t kHeaders = 8;      // From, MIME-Version, Date, Subject, To, Message-ID, X-Text, Content-Type
  Require(CountHeaders(mime) == kHeaders);
  for (std::string_view line : Split(mime, '\n')) {
    Require(line.empty() || line.ends_with('\r'));
    Require(line.size() <= 999);
  }
  for (char c : mime) Require(static_cast<unsigned char>(c) < 0x80);
  return 0;
}

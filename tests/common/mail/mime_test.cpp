#include "common/mail/mime.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "common/base/text.h"

namespace wombat {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

MailMessage Message() {
  MailMessage message;
  message.from = {"Support", "support@app.example"};
  message.to = {{"", "ann@example.com"}};
  message.subject = "Hello";
  message.html = "<p>Hi <b>Ann</b></p>";
  return message;
}

std::vector<std::string> HeaderNames(const std::string& mime) {
  std::vector<std::string> names;
  const std::string head = mime.substr(0, mime.find("\r\n\r\n"));
  for (std::string_view line : Split(head, '\n'))
    if (!line.starts_with('\t') && !line.starts_with(' ')) names.emplace_back(line.substr(0, line.find(':')));
  return names;
}

TEST(Mime, HasTheHeadersOfABuiltInMailAndNoOthers) {
  EXPECT_THAT(HeaderNames(BuildMime(Message())),
              ElementsAre("From", "MIME-Version", "Date", "Subject", "To", "Message-ID", "Content-Type"));
}

TEST(Mime, NamesTheSendersDomainInARandomMessageId) {
  const std::string first = BuildMime(Message()), second = BuildMime(Message());
  const std::regex id("Message-ID: <([A-Za-z0-9]{15})@app\\.example>");
  std::smatch one, other;
  ASSERT_TRUE(std::regex_search(first, one, id));
  ASSERT_TRUE(std::regex_search(second, other, id));
  EXPECT_NE(one[1], other[1]);
}

TEST(Mime, HoldsTextAndHtmlAsAlternativesInAMixedMessage) {
  const std::string mime = BuildMime(Message());
  const std::regex shape(
      "Content-Type: multipart/mixed;\r\n\tboundary=\"([0-9a-f]{60})\"\r\n\r\n--\\1\r\n"
      "Content-Type: multipart/alternative;\r\n\tboundary=\"([0-9a-f]{60})\"\r\n\r\n--\\2\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\nHi Ann\r\n--\\2\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\nContent-Type: text/html; charset=UTF-8\r\n\r\n"
      "<p>Hi <b>Ann</b></p>\r\n--\\2--\r\n\r\n--\\1--\r\n$");
  EXPECT_TRUE(std::regex_search(mime, shape)) << mime;
}

TEST(Mime, NamesBlindCopiesInNoHeaderButCountsThemAsRecipients) {
  MailMessage message = Message();
  message.cc = {{"", "cc@example.com"}, {"", "ann@example.com"}};
  message.bcc = {{"", "hidden@example.com"}};
  EXPECT_THAT(BuildMime(message), Not(HasSubstr("hidden@")));
  EXPECT_THAT(RecipientsOf(message), ElementsAre("ann@example.com", "cc@example.com", "hidden@example.com"));
}

TEST(Mime, TakesFurtherHeadersButNoneOfItsOwnTwice) {
  MailMessage message = Message();
  message.headers = {{"X-Tag", "a\r\nBcc: b"}, {"subject", "other"}, {"message-id", "<own@x>"}, {"Bad Name", "x"}};
  const std::string mime = BuildMime(message);
  EXPECT_THAT(mime, HasSubstr("\r\nX-Tag: aBcc: b\r\n"));
  EXPECT_THAT(mime, HasSubstr("\r\nmessage-id: <own@x>\r\n"));
  EXPECT_THAT(mime, Not(HasSubstr("other")));
  EXPECT_THAT(mime, Not(HasSubstr("Bad Name")));
  EXPECT_THAT(mime, Not(HasSubstr("Message-ID:")));
}

TEST(Mime, CarriesAttachmentsWithTheTypeOfTheirContent) {
  MailMessage message = Message();
  message.attachments = {{"ü \"a\".txt", "hello"}};
  message.inline_attachments = {{"logo", "GIF89a"}};
  const std::string mime = BuildMime(message);
  EXPECT_THAT(mime, HasSubstr("Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: attachment;\r\n\t"
                              "filename*=UTF-8''%C3%BC%20%22a%22.txt\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n"));
  EXPECT_THAT(mime, HasSubstr("Content-Type: image/gif\r\nContent-Disposition: inline;"));
  EXPECT_THAT(mime, HasSubstr("Content-ID: <logo>\r\n"));
}

TEST(Mime, IsAsciiInLinesThatAnyServerTakes) {
  MailMessage message = Message();
  message.subject = std::string(2000, 'x') + "ü";
  message.html = "<p>" + std::string(5000, 'y') + "ä\n.\n</p>";
  message.attachments = {{"f", std::string(10'000, '\xff')}};
  for (int i = 0; i < 50; i++) message.to.push_back({"Näme " + std::to_string(i), "a" + std::to_string(i) + "@example.com"});
  const std::string mime = BuildMime(message);
  for (std::string_view line : Split(mime, '\n')) {
    EXPECT_LE(line.size(), 999u);
    for (char c : line) ASSERT_LT(static_cast<unsigned char>(c), 0x80);
  }
}

TEST(QuotedPrintable, EncodesEqualsBlanksAtTheEndAndWhatIsNotAscii) {
  EXPECT_EQ(QuotedPrintable("a=b \nü\tx\t"), "a=3Db=20\r\n=C3=BC\tx=09");
}

TEST(QuotedPrintable, MakesEveryLineBreakCrLf) { EXPECT_EQ(QuotedPrintable("a\nb\r\nc\rd"), "a\r\nb\r\nc\r\nd"); }

TEST(QuotedPrintable, BreaksLinesAt76Characters) {
  EXPECT_EQ(QuotedPrintable(std::string(76, 'x')), std::string(76, 'x'));
  EXPECT_EQ(QuotedPrintable(std::string(77, 'x')), std::string(75, 'x') + "=\r\nxx");
  const std::string encoded = QuotedPrintable(std::string(1000, '='));
  for (std::string_view line : Split(encoded, '\n')) EXPECT_LE(line.size(), 77u);
}

TEST(PlainText, IsTheMessagesOwnWhenItHasOne) {
  MailMessage message = Message();
  EXPECT_EQ(PlainTextOf(message), "Hi Ann");
  message.text = "own";
  EXPECT_EQ(PlainTextOf(message), "own");
}

}  // namespace
}  // namespace wombat

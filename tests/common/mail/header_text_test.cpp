#include "common/mail/header_text.h"

#include <gtest/gtest.h>

#include "common/base/text.h"

namespace wombat {
namespace {

TEST(HeaderText, LeavesPlainAsciiAsItIs) { EXPECT_EQ(HeaderText("Verify your Acme email"), "Verify your Acme email"); }

TEST(HeaderText, DropsLineBreaksAndOtherControlCharacters) {
  EXPECT_EQ(HeaderText("a\r\nBcc: b@example.com\x01\x7f"), "aBcc: b@example.com");
}

TEST(HeaderText, EncodesWhatIsNotAsciiAsWordsOfUtf8) { EXPECT_EQ(HeaderText("Zoë & co"), "=?UTF-8?q?Zo=C3=AB_=26_co?="); }

TEST(HeaderText, EncodesTheMarksOfAnEncodedWordInsideOne) { EXPECT_EQ(HeaderText("é?=_"), "=?UTF-8?q?=C3=A9=3F=3D=5F?="); }

TEST(HeaderText, CutsLongTextIntoWordsOfAtMost75CharactersWithoutCuttingACharacter) {
  std::string text;
  for (int i = 0; i < 100; i++) text += "ü";
  const std::string header = HeaderText(text);
  for (std::string_view line : Split(header, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    line.remove_prefix(line.starts_with(' ') ? 1 : 0);
    EXPECT_LE(line.size(), 75u);
    EXPECT_TRUE(line.starts_with("=?UTF-8?q?=C3=BC"));
    EXPECT_TRUE(line.ends_with("=C3=BC?="));
  }
}

TEST(HeaderText, FoldsAsciiThatIsLongerThanALineMayBe) {
  const std::string header = HeaderText(std::string(3000, 'x'));
  for (std::string_view line : Split(header, '\n')) EXPECT_LE(line.size(), 78u);
}

TEST(HeaderText, ReplacesWhatIsNoUtf8) { EXPECT_EQ(HeaderText("\xff"), "=?UTF-8?q?=EF=BF=BD?="); }

TEST(HeaderAddress, IsTheBareAddressWithoutAName) { EXPECT_EQ(HeaderAddress({"", "a@example.com"}), "a@example.com"); }

TEST(HeaderAddress, QuotesANameThatWouldBeReadAsMoreThanAName) {
  EXPECT_EQ(HeaderAddress({"Acme", "a@example.com"}), "Acme <a@example.com>");
  EXPECT_EQ(HeaderAddress({"Acme, \"Inc\"", "a@example.com"}), "\"Acme, \\\"Inc\\\"\" <a@example.com>");
}

TEST(HeaderAddress, CannotBeginAnotherHeader) {
  EXPECT_EQ(HeaderAddress({"a\r\nBcc: x", "b@example.com\r\nCc: y"}), "\"aBcc: x\" <b@example.comCc: y>");
}

TEST(SafeAddress, RefusesWhatCouldEndTheCommandThatItStandsIn) {
  EXPECT_TRUE(IsSafeAddress("a.b+c@example.com"));
  for (std::string_view bad : {"", "nobody", "a@b\r\nDATA", "a@b> SIZE=1", "<a@b", "a b@c"}) EXPECT_FALSE(IsSafeAddress(bad)) << bad;
}

TEST(HeaderName, RefusesBlanksColonsAndLineBreaks) {
  EXPECT_TRUE(IsHeaderName("X-Custom"));
  for (std::string_view bad : {"", "a b", "a:", "a\r\nBcc", "ä"}) EXPECT_FALSE(IsHeaderName(bad)) << bad;
}

}  // namespace
}  // namespace wombat

#include "common/mail/template.h"

#include "common/mail/html_to_text.h"
#include "tests/common/records/record_fixture.h"

namespace wombat {
namespace {

class MailTemplateTest : public RecordTest {
 protected:
  MailTemplateTest() {
    settings_ = Settings().With(ParsedJson(R"({"meta":{"appName":"Acme","appURL":"https://app.example","senderName":"Support",
        "senderAddress":"support@app.example"}})")).value();
  }
  std::string Subject(std::string text, std::string_view values = "{}") {
    const Record record = NewRecord("posts", values);
    return ResolveTemplate({std::move(text), ""}, record, settings_, {{"TOKEN", "a.b.c"}}).subject;
  }

  Settings settings_;
};

TEST_F(MailTemplateTest, ComesFromTheSenderOfTheSettings) {
  const MailMessage message = ResolveTemplate({"s", "b"}, NewRecord("posts", "{}"), settings_, {});
  EXPECT_EQ(message.from.name, "Support");
  EXPECT_EQ(message.from.address, "support@app.example");
}

TEST_F(MailTemplateTest, ReplacesEachPlaceholderWhereverItStands) {
  EXPECT_EQ(Subject("{APP_NAME} {APP_URL}/{TOKEN} {APP_NAME}"), "Acme https://app.example/a.b.c Acme");
}

TEST_F(MailTemplateTest, LeavesUnknownPlaceholdersAndHiddenFieldsAsTheyAre) {
  EXPECT_EQ(Subject("{NOTHING} {RECORD:none} {RECORD:secret} {OTP} {} { {{TOKEN}", R"({"secret":"x"})"),
            "{NOTHING} {RECORD:none} {RECORD:secret} {OTP} {} { {a.b.c");
}

TEST_F(MailTemplateTest, NeverHoldsAPasswordNorItsHash) {
  Record record = NewRecord("posts", R"({"pin":"12345"})");
  const auto subject = [&] { return ResolveTemplate({"<{RECORD:pin}>", ""}, record, settings_, {}).subject; };
  EXPECT_EQ(subject(), "<>");
  HashPasswords(record);
  EXPECT_EQ(subject(), "<>");
}

TEST_F(MailTemplateTest, EscapesWhatAFieldHolds) {
  EXPECT_EQ(Subject("{RECORD:title}", R"({"title":"<b>\"N'&</b>"})"), "&lt;b&gt;&#34;N&#39;&amp;&lt;/b&gt;");
}

TEST_F(MailTemplateTest, TakesWhatAFieldHoldsForNoPlaceholder) {
  EXPECT_EQ(Subject("{RECORD:title}{TOKEN}", R"({"title":"{TOKEN}{APP_NAME}"})"), "{TOKEN}{APP_NAME}a.b.c");
}

TEST_F(MailTemplateTest, PrintsEveryKindOfValue) {
  EXPECT_EQ(Subject("{RECORD:total} {RECORD:active} {RECORD:tags} {RECORD:kind} {RECORD:data} {RECORD:place}",
                    R"({"total":1234567.25,"active":true,"tags":["a","b"],"kind":"x","data":"s","place":{"lon":1.5,"lat":-2}})"),
            "1234567.25 true  x &#34;s&#34; {&#34;lon&#34;:1.5,&#34;lat&#34;:-2}");
  EXPECT_EQ(Subject("{RECORD:total} {RECORD:active} {RECORD:data}", R"({"total":1e21})"), "1000000000000000000000 false null");
}

TEST_F(MailTemplateTest, PutsTheBodyUnchangedIntoAPageThatHasNoOtherText) {
  const MailMessage message = ResolveTemplate({"", "<p class=x>{TOKEN}</p>"}, NewRecord("posts", "{}"), settings_, {{"TOKEN", "<i>"}});
  EXPECT_NE(message.html.find("<body>\n<p class=x><i></p>\n</body>"), std::string::npos) << message.html;
  const MailMessage empty = ResolveTemplate({"", ""}, NewRecord("posts", "{}"), settings_, {});
  EXPECT_EQ(HtmlToText(empty.html), "");
}

}  // namespace
}  // namespace wombat

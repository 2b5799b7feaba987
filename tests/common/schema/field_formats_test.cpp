#include <gtest/gtest.h>

#include "common/schema/fields/formats.h"

namespace wombat {
namespace {

TEST(FieldFormats, EmailAddressesOfUsualAndUnusualShapeAreAccepted) {
  for (const char* text :
       {"a@b.c", "A@B.CO", "a+t@s.b.co", "a@b.c.", "a@1.c", "a@b_c.de", "a@b~c.de", "a@b.d_e", "\u00fc@\u00e4.\u00f6",
        "a@b-.-c.d", "a@b..d.c", "\"a\"@b.co", "\" a\"@b.co", "\"a\"b\"@b.co", "#!a@b.co"}) {
    EXPECT_TRUE(IsEmailAddress(text)) << text;
  }
}

TEST(FieldFormats, WhatIsNoEmailAddressIsRefused) {
  for (const char* text :
       {"", "a", "a@localhost", "a@[1.2.3.4]", "a@b", "a..b@c.de", ".a@b.c", "a.@b.c", "a@-b.c", "a@b.1c", "a@b.c1",
        "a@b..c", "a@b.c..e", "a b@c.de", " a@b.c", "a@b.c\n", "\"ab\"@b.co", "a@@b.c"}) {
    EXPECT_FALSE(IsEmailAddress(text)) << text;
  }
}

TEST(FieldFormats, WebAddressesOfUsualAndUnusualShapeAreAccepted) {
  for (const char* text : {"http://a",
                           "http://localhost:8090",
                           "http://a_b.com",
                           "http://ab.c1",
                           "http://bb.a.com",
                           "http://b.aa.com",
                           "http://\u00fc",
                           "http://\u00e4.de",
                           "example.com/x",
                           "mailto:a@b.co",
                           "wss://a:5/x",
                           "http://[::1]:80",
                           "http://[fe80::1%25eth0]",
                           "http://[::ffff:1.2.3.4]",
                           "http://127.0.0.1",
                           "http://u:p@a.com",
                           "http://a--b.com",
                           "https://a.com?x",
                           "https://a.com#x",
                           "http://a.com/?%zz",
                           "http://a.com.",
                           "1.2.3.4",
                           "127.0.0.1:80",
                           "ab:1"}) {
    EXPECT_TRUE(IsWebAddress(text)) << text;
  }
}

TEST(FieldFormats, WhatIsNoWebAddressIsRefused) {
  for (const char* text : {"",
                           "a.b",
                           "abc",
                           "localhost",
                           "HTTP://a.com",
                           "gopher://a",
                           "//a.com",
                           "/path",
                           "http://",
                           "http:///a.com",
                           "http://b.a.com",
                           "http://a.b.c.com",
                           "http://a.c1",
                           "http://sub.\u00e4.de",
                           "http://\u00e4.\u00f6.de",
                           "http://a..com",
                           "http://-a.com",
                           "http://1.2.3.4.5",
                           "http://256.1.1.1",
                           "http://224.1.1.1",
                           "http://a.com:",
                           "http://a.com:123456",
                           "http://a.com/%zz",
                           "http://a b",
                           "http://a.com/\x01",
                           "javascript:alert(1)",
                           "http://[1.2.3.4]",
                           "http://[1:2:3:4:5:6:7]",
                           "h:ttp://uer@[]",
                           ".a.com",
                           "http://a.com/x y"}) {
    EXPECT_FALSE(IsWebAddress(text)) << text;
  }
}

TEST(FieldFormats, AWebAddressIsAtMost2082CharactersLong) {
  const std::string start = "http://a.com/";
  EXPECT_TRUE(IsWebAddress(start + std::string(2082 - start.size(), 'x')));
  EXPECT_FALSE(IsWebAddress(start + std::string(2083 - start.size(), 'x')));
}

TEST(FieldFormats, TheHostOfAWebAddressHasItsPort) {
  EXPECT_EQ(WebAddressHost("http://u@a.com:80/x?y#z"), "a.com:80");
  EXPECT_EQ(WebAddressHost("http://[::1]:80"), "[::1]:80");
  EXPECT_EQ(WebAddressHost("a.com/x"), "");
  EXPECT_EQ(WebAddressHost("localhost:80"), "");
}

}  // namespace
}  // namespace wombat

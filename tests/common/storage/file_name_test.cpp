#include "common/storage/file_name.h"

#include <gtest/gtest.h>

#include <regex>

namespace wombat {
namespace {

constexpr std::string_view kPng = "\x89PNG\r\n\x1a\n";

// `expected` has R where ten random characters stand.
void ExpectName(std::string_view client_name, std::string_view content, std::string expected) {
  std::string pattern;
  for (const char c : expected) {
    if (c == 'R')
      pattern += "[a-z0-9]{10}";
    else
      pattern += std::string(c == '.' || c == '+' || c == '*' ? "\\" : "") + c;
  }
  const std::string name = StoredFileName(client_name, content);
  EXPECT_TRUE(std::regex_match(name, std::regex(pattern))) << client_name << " became " << name << ", not " << expected;
}

TEST(StoredFileName, IsInSnakeCaseWithARandomEnd) {
  ExpectName("My Photo (1).PNG", "x", "my_photo_1_R.PNG");
  ExpectName("300_UhLKX91HVb.png", "x", "300_uh_lkx91_hvb_R.png");
  ExpectName("logo_vcfJJG5TAh.svg", "x", "logo_vcf_jjg5_tah_R.svg");
}

TEST(StoredFileName, TakesLettersOutsideAsciiForSeparators) { ExpectName("\u00fcn\u00ef c\u00f6d\u00e9.txt", "x", "n_c_d_R.txt"); }

TEST(StoredFileName, HasAnExtensionOfTwoPartsAtMost) {
  ExpectName("archive.tar.gz", "x", "archive_R.tar.gz");
  ExpectName("abc.b.c.d", "x", "abc_b_R.c.d");
  ExpectName("1.5.2024.txt", "x", "1_5_R.2024.txt");
  ExpectName("a.b.c.?.?.?.2", "x", "a_b_c_R.2");
}

TEST(StoredFileName, GetsTheExtensionOfItsContentWhenItHasNone) {
  ExpectName("image_!@ special", kPng, "image_special_R.png");
  ExpectName("", "text", "R_R.txt");
}

TEST(StoredFileName, FillsUpAShortBase) { ExpectName("a.png", "x", "aR_R.png"); }

TEST(StoredFileName, CutsALongExtension) { ExpectName("name.verylongextensionindeed12345", "x", "name_R.extensionindeed12345"); }

TEST(StoredFileName, CutsALongBaseAfterAHundredCharacters) { ExpectName(std::string(250, 'b') + ".txt", "x", std::string(100, 'b') + "_R.txt"); }

TEST(StoredFileName, LooksAtTheLastThreeHundredBytes) { ExpectName(std::string(400, 'a') + "/x.txt", "y", std::string(100, 'a') + "_R.txt"); }

TEST(StoredFileName, DiffersEachTime) { EXPECT_NE(StoredFileName("a.txt", "x"), StoredFileName("a.txt", "x")); }

}  // namespace
}  // namespace wombat

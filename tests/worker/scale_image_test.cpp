#include "worker/files/scale_image.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "common/storage/mime_sniff.h"

namespace wombat {
namespace {

std::string Big32(std::uint32_t number) {
  return {char(number >> 24), char(number >> 16), char(number >> 8), char(number)};
}

std::string Chunk(const std::string& kind, const std::string& data) {
  const std::string body = kind + data;
  return Big32(std::uint32_t(data.size())) + body +
         Big32(std::uint32_t(::crc32(0, reinterpret_cast<const Bytef*>(body.data()), uInt(body.size()))));
}

// A grey PNG. `rows`: how many of them are there, all by default.
std::string Png(std::uint32_t width, std::uint32_t height, std::uint32_t rows) {
  const std::string pixels((std::size_t(width) + 1) * rows, '\0');
  std::string packed(::compressBound(pixels.size()), '\0');
  uLongf size = packed.size();
  ::compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(pixels.data()), pixels.size());
  packed.resize(size);
  return "\x89PNG\r\n\x1a\n" + Chunk("IHDR", Big32(width) + Big32(height) + std::string("\x08\0\0\0\0", 5)) + Chunk("IDAT", packed) +
         Chunk("IEND", "");
}
std::string Png(std::uint32_t width, std::uint32_t height) { return Png(width, height, height); }

std::uint32_t SideOf(const std::string& png, std::size_t at) {
  std::uint32_t side = 0;
  for (std::size_t i = 0; i < 4; ++i) side = side << 8 | static_cast<unsigned char>(png[at + i]);
  return side;
}

TEST(ScaleImage, MakesAPngOfExactlyTheSize) {
  auto scaled = ScaleImage(Png(120, 60), "image/png", *ParseThumbSize("20x10"));
  ASSERT_TRUE(scaled) << scaled.error().message;
  EXPECT_EQ(scaled->content_type, "image/png");
  EXPECT_EQ(SideOf(scaled->content, 16), 20u);
  EXPECT_EQ(SideOf(scaled->content, 20), 10u);
}

TEST(ScaleImage, KeepsTheFormatOfAJpegAndAGif) {
  for (const std::string type : {"image/jpeg", "image/gif"}) {
    auto scaled = ScaleImage(Png(50, 50), type, *ParseThumbSize("10x10"));
    ASSERT_TRUE(scaled) << scaled.error().message;
    EXPECT_EQ(scaled->content_type, type);
    EXPECT_EQ(SniffMimeType(scaled->content).type, type);
  }
}

TEST(ScaleImage, RefusesWhatIsNoImage) { EXPECT_FALSE(ScaleImage("no image", "image/png", *ParseThumbSize("10x10"))); }

TEST(ScaleImage, RefusesAnImageThatIsCutOff) {
  EXPECT_FALSE(ScaleImage(Png(300, 300).substr(0, 60), "image/png", *ParseThumbSize("10x10")));
  EXPECT_FALSE(ScaleImage(Png(300, 300, 100), "image/png", *ParseThumbSize("10x10")));
}

TEST(ScaleImage, RefusesAnImageOfMorePixelsThanAnyThumbIsWorth) {
  auto scaled = ScaleImage(Png(60000, 60000, 1), "image/png", *ParseThumbSize("10x10"));
  ASSERT_FALSE(scaled);
  EXPECT_EQ(scaled.error().message, "the image is too large");
}

TEST(ScaleImage, ReadsNothingButTheFourFormats) {
  const std::string svg = R"(<svg xmlns="http://www.w3.org/2000/svg" width="50" height="50"><script>1</script></svg>)";
  EXPECT_FALSE(ScaleImage(svg, "image/png", *ParseThumbSize("10x10")));
  EXPECT_FALSE(ScaleImage("P1\n2 2\n0 1 1 0\n", "image/png", *ParseThumbSize("10x10")));
}

}  // namespace
}  // namespace wombat

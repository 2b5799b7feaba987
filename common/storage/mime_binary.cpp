// Formats that are known by bytes at fixed places.
#include <cstdint>

#include "common/storage/mime_parts.h"

namespace wombat::mime {
namespace {

using namespace std::string_view_literals;

struct Magic {
  std::size_t offset;
  std::string_view bytes;
  Type type;
};

constexpr Magic kMagic[] = {
    {0, "/* XPM */"sv, {"image/x-xpixmap", ".xpm"}},
    {0, "7z\xbc\xaf\x27\x1c"sv, {"application/x-7z-compressed", ".7z"}},
    {0, "%FDF"sv, {"application/vnd.fdf", ".fdf"}},
    {0, "%!PS-Adobe-"sv, {"application/postscript", ".ps"}},
    {0, "8BPS"sv, {"image/vnd.adobe.photoshop", ".psd"}},
    {0, "-----BEGIN PKCS7"sv, {"application/pkcs7-signature", ".p7s"}},
    {0, "\xff\xd8\xff"sv, {"image/jpeg", ".jpg"}},
    {0, "\xff\x0a"sv, {"image/jxl", ".jxl"}},
    {0, "\0\0\0\x0cJXL \r\n\x87\n"sv, {"image/jxl", ".jxl"}},
    {0, "\0\0\0\x0cJXS \r\n\x87\n"sv, {"image/jxs", ".jxs"}},
    {0, "GIF87a"sv, {"image/gif", ".gif"}},
    {0, "GIF89a"sv, {"image/gif", ".gif"}},
    {0, "MZ"sv, {"application/vnd.microsoft.portable-executable", ".exe"}},
    {0, "xar!"sv, {"application/x-xar", ".xar"}},
    {0, "BZh"sv, {"application/x-bzip2", ".bz2"}},
    {0, "SIMPLE  =                    T"sv, {"application/fits", ".fits"}},
    {0, "II*\0"sv, {"image/tiff", ".tiff"}},
    {0, "MM\0*"sv, {"image/tiff", ".tiff"}},
    {0, "II\xbc\x01"sv, {"image/jxr", ".jxr"}},
    {0, "\0\0\1\0"sv, {"image/x-icon", ".ico"}},
    {0, "\0\0\2\0\1\0"sv, {"image/x-icon", ".ico"}},
    {0, "ID3"sv, {"audio/mpeg", ".mp3"}},
    {0, "fLaC\0\0\0\x22"sv, {"audio/flac", ".flac"}},
    {0, "MThd"sv, {"audio/midi", ".midi"}},
    {0, "MAC \x96\x0f\0\0\x34\0\0\0\x18\0\0\0\x90\xe3"sv, {"audio/ape", ".ape"}},
    {0, "MPCK"sv, {"audio/musepack", ".mpc"}},
    {0, "#!AMR"sv, {"audio/amr", ".amr"}},
    {0, ".snd"sv, {"audio/basic", ".au"}},
    {0, "FLV\1"sv, {"video/x-flv", ".flv"}},
    {0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c"sv, {"video/x-ms-asf", ".asf"}},
    {0, "\xff\xf1"sv, {"audio/aac", ".aac"}},
    {0, "\xff\xf9"sv, {"audio/aac", ".aac"}},
    {0, "Creative Voice File"sv, {"audio/x-unknown", ".voc"}},
    {0, "#EXTM3U\n"sv, {"application/vnd.apple.mpegurl", ".m3u"}},
    {0, "#EXTM3U\r\n"sv, {"application/vnd.apple.mpegurl", ".m3u"}},
    {0, ".RMF"sv, {"application/vnd.rn-realmedia-vbr", ".rmvb"}},
    {0, "\x1f\x8b"sv, {"application/gzip", ".gz"}},
    {0, "FWS"sv, {"application/x-shockwave-flash", ".swf"}},
    {0, "CWS"sv, {"application/x-shockwave-flash", ".swf"}},
    {0, "ZWS"sv, {"application/x-shockwave-flash", ".swf"}},
    {0, "ttcf\0\1\0\0"sv, {"font/collection", ".ttc"}},
    {0, "ttcf\0\2\0\0"sv, {"font/collection", ".ttc"}},
    {0, "wOFF"sv, {"font/woff", ".woff"}},
    {0, "wOF2"sv, {"font/woff2", ".woff2"}},
    {0, "\0asm"sv, {"application/wasm", ".wasm"}},
    {128, "DICM"sv, {"application/dicom", ".dcm"}},
    {0, "Rar!\x1a\x07\0"sv, {"application/x-rar-compressed", ".rar"}},
    {0, "Rar!\x1a\x07\1\0"sv, {"application/x-rar-compressed", ".rar"}},
    {60, "BOOKMOBI"sv, {"application/x-mobipocket-ebook", ".mobi"}},
    {0, "ITOLITLS"sv, {"application/x-ms-reader", ".lit"}},
    {0, "ITSF\3\0\0\0\x60\0\0\0"sv, {"application/vnd.ms-htmlhelp", ".chm"}},
    {0, "BPG\xfb"sv, {"image/bpg", ".bpg"}},
    {0, "\xd9\xd9\xf7"sv, {"application/cbor", ".cbor"}},
    {0, "SQLite format 3\0"sv, {"application/vnd.sqlite3", ".sqlite"}},
    {0, "NES\x1a"sv, {"application/vnd.nintendo.snes.rom", ".nes"}},
    {0, "L\0\0\0\1\x14\2\0"sv, {"application/x-ms-shortcut", ".lnk"}},
    {0, "\xcf\xfa\xed\xfe"sv, {"application/x-mach-binary", ".macho"}},
    {0, "\xce\xfa\xed\xfe"sv, {"application/x-mach-binary", ".macho"}},
    {0, "\xfe\xed\xfa\xcf"sv, {"application/x-mach-binary", ".macho"}},
    {0, "\xfe\xed\xfa\xce"sv, {"application/x-mach-binary", ".macho"}},
    {0, "icns"sv, {"image/x-icns", ".icns"}},
    {0, "#?RADIANCE\n"sv, {"image/vnd.radiance", ".hdr"}},
    {4, "Standard Jet DB"sv, {"application/x-msaccess", ".mdb"}},
    {4, "Standard ACE DB"sv, {"application/x-msaccess", ".accdb"}},
    {0, "\x28\xb5\x2f\xfd"sv, {"application/zstd", ".zst"}},
    {1, "\x2a\x4d\x18"sv, {"application/zstd", ".zst"}},
    {0, "MSCF\0\0\0\0"sv, {"application/vnd.ms-cab-compressed", ".cab"}},
    {0, "\xed\xab\xee\xdb"sv, {"application/x-rpm", ".rpm"}},
    {0, "\xfd\x37zXZ\0"sv, {"application/x-xz", ".xz"}},
    {0, "LZIP"sv, {"application/lzip", ".lz"}},
    {0, "d8:announce"sv, {"application/x-bittorrent", ".torrent"}},
    {0, "070707"sv, {"application/x-cpio", ".cpio"}},
    {0, "070701"sv, {"application/x-cpio", ".cpio"}},
    {0, "070702"sv, {"application/x-cpio", ".cpio"}},
    {0, "\xc7\x71"sv, {"application/x-cpio", ".cpio"}},
    {0, "gimp xcf"sv, {"image/x-xcf", ".xcf"}},
    {20, "GPAT"sv, {"image/x-gimp-pat", ".pat"}},
    {20, "GIMP"sv, {"image/x-gimp-gbr", ".gbr"}},
    {0, "glTF\2\0\0\0"sv, {"model/gltf-binary", ".glb"}},
    {0, "glTF\1\0\0\0"sv, {"model/gltf-binary", ".glb"}},
    {0, "PAR1"sv, {"application/vnd.apache.parquet", ".parquet"}},
    {0, "\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3"sv, {"application/onenote", ".one"}},
    {0, "BUFR\0\0\1\4"sv, {"application/bufr", ".bufr"}},
    {0, "BUFR\0\0\1\3"sv, {"application/bufr", ".bufr"}},
    {0, "\0\0\2\0\6\4\6\0\x08\0"sv, {"application/vnd.lotus-1-2-3", ".123"}},
};

constexpr Type kMp4{"video/mp4", ".mp4"};

struct Brand {
  std::string_view prefix;
  Type type;
};
constexpr Brand kBrands[] = {
    {"avif", {"image/avif", ".avif"}},           {"avis", {"image/avif", ".avif"}},
    {"3gp", {"video/3gpp", ".3gp"}},             {"3ge6", {"video/3gpp", ".3gp"}},
    {"3g2", {"video/3gpp2", ".3g2"}},            {"F4A ", {"audio/mp4", ".mp4"}},
    {"F4B ", {"audio/mp4", ".mp4"}},             {"M4B ", {"audio/mp4", ".mp4"}},
    {"M4P ", {"audio/mp4", ".mp4"}},             {"MSNV", {"audio/mp4", ".mp4"}},
    {"NDAS", {"audio/mp4", ".mp4"}},             {"mqt ", {"video/quicktime", ".mqv"}},
    {"M4A ", {"audio/x-m4a", ".m4a"}},           {"M4V ", {"video/x-m4v", ".m4v"}},
    {"M4VH", {"video/x-m4v", ".m4v"}},           {"M4VP", {"video/x-m4v", ".m4v"}},
    {"heic", {"image/heic", ".heic"}},           {"heix", {"image/heic", ".heic"}},
    {"hevc", {"image/heic-sequence", ".heic"}},  {"hevx", {"image/heic-sequence", ".heic"}},
    {"mif1", {"image/heif", ".heif"}},           {"heim", {"image/heif", ".heif"}},
    {"heis", {"image/heif", ".heif"}},           {"avic", {"image/heif", ".heif"}},
    {"msf1", {"image/heif-sequence", ".heif"}},  {"hevm", {"image/heif-sequence", ".heif"}},
    {"hevs", {"image/heif-sequence", ".heif"}},  {"avcs", {"image/heif-sequence", ".heif"}},
    {"mj2s", {"video/mj2", ".mj2"}},             {"mjp2", {"video/mj2", ".mj2"}},
    {"dvr1", {"video/vnd.dvb.file", ".dvb"}},    {"dvt1", {"video/vnd.dvb.file", ".dvb"}},
    {"qt  ", {"video/quicktime", ".mov"}},
};

bool At(std::string_view head, std::size_t offset, std::string_view bytes) {
  return head.size() > offset && head.substr(offset).starts_with(bytes);
}
bool Contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }
unsigned Byte(std::string_view head, std::size_t at) { return at < head.size() ? static_cast<unsigned char>(head[at]) : 0; }
std::uint32_t Little32(std::string_view head, std::size_t at) {
  return Byte(head, at) | Byte(head, at + 1) << 8 | Byte(head, at + 2) << 16 | Byte(head, at + 3) << 24;
}

std::optional<Type> SniffMedia(std::string_view head) {
  if (At(head, 4, "ftyp") && head.size() >= 12) {
    for (const auto& brand : kBrands)
      if (head.substr(8, 4).starts_with(brand.prefix)) {
        // 3gpp only in its known releases; later ones are plain MP4.
        if (brand.prefix == "3gp" && (head[11] < '1' || head[11] > '7')) continue;
        if (brand.prefix == "3g2" && head[11] != '4' && head[11] != 'a' && head[11] != 'b' && head[11] != 'c') continue;
        return brand.type;
      }
    return kMp4;
  }
  for (const auto atom : {"moov"sv, "mdat"sv, "free"sv, "skip"sv, "pnot"sv, "wide"sv})
    if (At(head, 4, atom)) return Type{"video/quicktime", ".mov"};
  if (At(head, 0, "\x1a\x45\xdf\xa3")) {
    if (Contains(head.substr(0, 4096), "webm")) return Type{"video/webm", ".webm"};
    if (Contains(head.substr(0, 4096), "matroska")) return Type{"video/x-matroska", ".mkv"};
    return std::nullopt;
  }
  if (At(head, 0, "RIFF")) {
    if (At(head, 8, "WEBP")) return Type{"image/webp", ".webp"};
    if (At(head, 8, "WAVE")) return Type{"audio/wav", ".wav"};
    if (At(head, 8, "AVI LIST")) return Type{"video/x-msvideo", ".avi"};
    if (At(head, 8, "QLCM")) return Type{"audio/qcelp", ".qcp"};
    return std::nullopt;
  }
  if (At(head, 0, "FORM") && At(head, 8, "AIFF") && head.size() > 12) return Type{"audio/aiff", ".aiff"};
  if (head.size() >= 2 && Byte(head, 0) == 0xff) {
    const unsigned second = Byte(head, 1) & 0xfe;
    if (second == 0xfa || second == 0xf2 || second == 0xe2) return Type{"audio/mpeg", ".mp3"};
  }
  if (At(head, 0, "\0\0\1"sv) && Byte(head, 3) >= 0xb0 && Byte(head, 3) <= 0xbf) return Type{"video/mpeg", ".mpeg"};
  if (At(head, 0, "OggS")) {
    const auto packet = head.size() > 28 ? head.substr(28) : std::string_view();
    for (const auto audio : {"\x7f" "FLAC"sv, "\x01vorbis"sv, "OpusHead"sv, "Speex   "sv})
      if (packet.starts_with(audio)) return Type{"audio/ogg", ".oga"};
    for (const auto video : {"\x80theora"sv, "fishead\0"sv, "\x01video\0\0\0"sv})
      if (packet.starts_with(video)) return Type{"video/ogg", ".ogv"};
    return Type{"application/ogg", ".ogg"};
  }
  return std::nullopt;
}

std::optional<Type> SniffImage(std::string_view head) {
  if (At(head, 0, "\x89PNG\r\n\x1a\n"))
    return At(head, 37, "acTL") ? Type{"image/vnd.mozilla.apng", ".png"} : Type{"image/png", ".png"};
  if (At(head, 0, "\0\0\0\x0cjP  \r\n\x87\n"sv)) {
    if (At(head, 20, "jp2 ")) return Type{"image/jp2", ".jp2"};
    if (At(head, 20, "jpx ")) return Type{"image/jpx", ".jpf"};
    if (At(head, 20, "jpm ")) return Type{"image/jpm", ".jpm"};
  }
  if (At(head, 0, "AT&TFORM"))
    for (const auto kind : {"DJVU"sv, "DJVM"sv, "DJVI"sv, "THUM"sv})
      if (At(head, 12, kind)) return Type{"image/vnd.djvu", ".djvu"};
  if (At(head, 0, "BM") && head.size() > 14) {
    const std::uint32_t header = Little32(head, 14);
    for (const std::uint32_t known : {16u, 40u, 52u, 56u, 64u, 108u, 124u})
      if (header == known && head.size() >= 18) return Type{"image/bmp", ".bmp"};
  }
  if (At(head, 0, "AC10") && head.size() >= 6 && head[4] >= '0' && head[4] <= '9' && head[5] >= '0' && head[5] <= '9')
    return Type{"image/vnd.dwg", ".dwg"};
  return std::nullopt;
}

std::optional<Type> SniffElf(std::string_view head) {
  if (!At(head, 0, "\x7f" "ELF")) return std::nullopt;
  const bool big = Byte(head, 5) == 2;
  switch (head.size() < 18 ? 0 : big ? Byte(head, 17) : Byte(head, 16)) {
    case 1: return Type{"application/x-object", ""};
    case 2: return Type{"application/x-executable", ""};
    case 3: return Type{"application/x-sharedlib", ".so"};
    case 4: return Type{"application/x-coredump", ""};
    default: return Type{"application/x-elf", ""};
  }
}

// The header's checksum (its own eight bytes count as blanks), written in octal.
bool IsTar(std::string_view head) {
  if (head.size() < 512) return false;
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < 512; ++i) sum += i >= 148 && i < 156 ? ' ' : Byte(head, i);
  std::uint32_t written = 0;
  bool digits = false;
  for (std::size_t i = 148; i < 156; ++i) {
    const char c = head[i];
    if (c >= '0' && c <= '7') {
      written = written * 8 + unsigned(c - '0');
      digits = true;
    } else if (digits) {
      break;
    } else if (c != ' ' && c != '\0') {
      return false;
    }
  }
  return digits && written == sum;
}

std::optional<Type> SniffArchive(std::string_view head) {
  if (At(head, 0, "PK\3\4") || At(head, 0, "PK\5\6") || At(head, 0, "PK\7\x08")) return SniffZip(head);
  if (At(head, 0, "!<arch>"))
    return At(head, 8, "debian-binary") ? Type{"application/vnd.debian.binary-package", ".deb"}
                                        : Type{"application/x-archive", ".a"};
  if (At(head, 0, "Cr24\2\0\0\0"sv)) {
    const std::uint64_t zip = 16ull + Little32(head, 8) + Little32(head, 12);
    if (zip < head.size() && At(head, std::size_t(zip), "PK\3\4")) return Type{"application/x-chrome-extension", ".crx"};
  }
  if (IsTar(head)) return Type{"application/x-tar", ".tar"};
  return std::nullopt;
}

std::optional<Type> SniffFont(std::string_view head) {
  if (At(head, 0, "\0\1\0\0"sv))
    for (const auto tag : {"OS/2"sv, "cmap"sv, "glyf"sv, "head"sv, "hhea"sv, "hmtx"sv, "loca"sv, "maxp"sv, "name"sv, "post"sv})
      if (At(head, 12, tag)) return Type{"font/ttf", ".ttf"};
  if (At(head, 0, "OTTO") && At(head, 12, "CFF ")) return Type{"font/otf", ".otf"};
  if (At(head, 34, "LP"))
    for (const auto version : {"\0\0\1\0"sv, "\2\0\2\0"sv})
      if (At(head, 8, version)) return Type{"application/vnd.ms-fontobject", ".eot"};
  return std::nullopt;
}

std::optional<Type> SniffData(std::string_view head) {
  if (At(head, 0, "\xca\xfe\xba\xbe")) {
    // A Java class has its version where a fat binary has the number of its architectures.
    if (Byte(head, 7) > 30) return Type{"application/x-java-applet", ".class"};
    if (Byte(head, 7) > 0 && Byte(head, 7) < 20) return Type{"application/x-mach-binary", ".macho"};
    return std::nullopt;
  }
  if (At(head, 0, "\0\0\x27\x0a"sv))
    return head.size() > 100 && Little32(head, 28) == 1000 && Little32(head, 32) > 0 && Little32(head, 32) <= 31
               ? Type{"application/vnd.shp", ".shp"} : Type{"application/vnd.shx", ".shx"};
  if (head.size() >= 68 && Byte(head, 0) == 3 && Byte(head, 2) >= 1 && Byte(head, 2) <= 12 && Byte(head, 3) >= 1 &&
      Byte(head, 3) <= 31 && Byte(head, 12) == 0 && Byte(head, 13) == 0)
    return Type{"application/x-dbf", ".dbf"};
  if (At(head, 0, "TZif") && head.size() >= 44 && At(head, 5, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"sv) && Byte(head, 39) > 0)
    return Type{"application/tzif", ""};
  if (At(head, 0, "GRIB") && (Byte(head, 7) == 1 || Byte(head, 7) == 2)) return Type{"application/grib", ".grb"};
  if (At(head, 0, "\xffWPC\x10\0\0\0\1\x0a"sv)) return Type{"application/vnd.wordperfect", ".wpd"};
  constexpr auto kSignedData = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"sv;
  if ((At(head, 0, "\x30\x82") && At(head, 4, kSignedData)) || (At(head, 0, "\x30\x80") && At(head, 2, kSignedData)))
    return Type{"application/pkcs7-signature", ".p7s"};
  return std::nullopt;
}

}  // namespace

std::optional<Type> SniffBinary(std::string_view head) {
  for (const auto sniff : {SniffArchive, SniffImage, SniffMedia, SniffElf, SniffFont, SniffData})
    if (const auto found = sniff(head)) return found;
  if (At(head, 0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) return SniffOle(head);
  // Anywhere near the start: what generators put before it is not rare.
  if (Contains(head.substr(0, 1024), "%PDF-")) return Type{"application/pdf", ".pdf"};
  for (const auto& magic : kMagic)
    if (At(head, magic.offset, magic.bytes)) return magic.type;
  return std::nullopt;
}

}  // namespace wombat::mime

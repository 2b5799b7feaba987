#include "common/storage/mime_sniff.h"

#include <array>

#include "common/base/text.h"
#include "common/storage/mime_parts.h"

namespace wombat {
namespace {

// Types that go by several names. The first one is what sniffing answers.
constexpr std::array<std::string_view, 5> kAliases[] = {
    {"application/pdf", "application/x-pdf"},
    {"application/zip", "application/x-zip", "application/x-zip-compressed"},
    {"application/gzip", "application/x-gzip", "application/x-gunzip", "application/gzipped", "application/gzip-compressed"},
    {"application/x-rar-compressed", "application/x-rar"},
    {"application/java-archive", "application/jar", "application/jar-archive", "application/x-java-archive"},
    {"application/msword", "application/vnd.ms-word"},
    {"application/vnd.ms-excel", "application/msexcel"},
    {"application/vnd.ms-powerpoint", "application/mspowerpoint"},
    {"application/ogg", "application/x-ogg"},
    {"application/vnd.debian.binary-package", "application/x-debian-package", "application/deb"},
    {"application/x-archive", "application/x-unix-archive"},
    {"application/x-shockwave-flash", "application/vnd.adobe.flash.movie"},
    {"application/vnd.sqlite3", "application/x-sqlite3"},
    {"application/vnd.apple.mpegurl", "audio/mpegurl"},
    {"application/fits", "image/fits"},
    {"application/x-subrip", "application/x-srt", "text/x-srt"},
    {"application/json", "application/x-json"},
    {"application/vnd.microsoft.portable-executable", "application/x-msdownload"},
    {"application/vnd.wordperfect", "application/wordperfect"},
    {"font/ttf", "font/sfnt", "application/x-font-ttf", "application/font-sfnt"},
    {"image/vnd.mozilla.apng", "image/apng"},
    {"image/bmp", "image/x-bmp", "image/x-ms-bmp"},
    {"image/vnd.adobe.photoshop", "image/x-psd", "application/photoshop"},
    {"image/vnd.dwg", "image/x-dwg", "application/acad", "application/x-acad", "application/dwg"},
    {"image/x-xpixmap", "image/x-xpm"},
    {"image/jxr", "image/vnd.ms-photo"},
    {"audio/mpeg", "audio/x-mpeg", "audio/mp3"},
    {"audio/midi", "audio/mid", "audio/sp-midi", "audio/x-mid", "audio/x-midi"},
    {"audio/wav", "audio/x-wav", "audio/vnd.wave", "audio/wave"},
    {"audio/flac", "audio/x-flac"},
    {"audio/aac", "audio/x-aac"},
    {"audio/mp4", "audio/x-mp4a"},
    {"audio/amr", "audio/amr-nb"},
    {"video/x-msvideo", "video/avi", "video/msvideo"},
    {"video/x-ms-asf", "video/asf", "video/x-ms-wmv"},
    {"video/3gpp", "video/3gp", "audio/3gpp"},
    {"video/3gpp2", "video/3g2", "audio/3gpp2"},
    {"video/webm", "audio/webm"},
    {"text/xml", "application/xml"},
    {"text/rtf", "application/rtf"},
    {"text/javascript", "application/x-javascript", "application/javascript"},
    {"text/x-python", "text/x-script.python", "application/x-python"},
    {"text/x-lua", "text/x-lua-script"},
    {"text/x-shellscript", "text/x-sh", "application/x-shellscript", "application/x-sh"},
    {"application/x-elf", "application/elf"},
};

std::string_view WithoutParameters(std::string_view type) { return TrimBlanks(type.substr(0, type.find(';'))); }

}  // namespace

SniffedType SniffMimeType(std::string_view content) {
  if (content.empty()) return {"text/plain", ".txt"};
  const bool truncated = content.size() >= kMimeSniffBytes;
  const auto head = content.substr(0, kMimeSniffBytes);
  if (const auto found = mime::SniffBinary(head)) return {std::string(found->name), found->extension};
  if (auto text = mime::SniffText(head, truncated)) return std::move(*text);
  // The head of a zlib stream can be letters, so text goes first.
  for (const std::string_view level : {"\x78\x01", "\x78\x5e", "\x78\x9c", "\x78\xda"})
    if (head.starts_with(level)) return {"application/zlib", ""};
  return {"application/octet-stream", ""};
}

bool IsMimeType(std::string_view type, std::string_view allowed) {
  type = WithoutParameters(type);
  allowed = WithoutParameters(allowed);
  if (EqualsIgnoreCase(type, allowed)) return true;
  for (const auto& names : kAliases) {
    if (!EqualsIgnoreCase(type, names[0])) continue;
    for (const auto& name : names)
      if (!name.empty() && EqualsIgnoreCase(name, allowed)) return true;
  }
  return false;
}

}  // namespace wombat

// What is inside zip archives and OLE compound files.
#include <cstdint>

#include "common/storage/mime_parts.h"

namespace wombat::mime {
namespace {

using namespace std::string_view_literals;

constexpr Type kZip{"application/zip", ".zip"};
constexpr Type kOle{"application/x-ole-storage", ""};
constexpr std::size_t kLocalHeader = 30;

unsigned Byte(std::string_view text, std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0; }
std::uint32_t Little16(std::string_view text, std::size_t at) { return Byte(text, at) | Byte(text, at + 1) << 8; }
std::uint32_t Little32(std::string_view text, std::size_t at) { return Little16(text, at) | Little16(text, at + 2) << 16; }

// Entries one after the other, found by their signature: sizes may be unknown where an archive was streamed.
class Entries {
 public:
  explicit Entries(std::string_view head) : rest_(head) {}
  bool Next(std::string_view& name, std::string_view& behind) {
    const auto at = rest_.find("PK\3\4");
    if (at == std::string_view::npos || rest_.size() - at < kLocalHeader) return false;
    rest_.remove_prefix(at);
    const std::size_t length = Little16(rest_, 26);
    name = rest_.substr(kLocalHeader, length);
    const std::size_t used = std::min(rest_.size(), kLocalHeader + length);
    behind = rest_.substr(std::min(rest_.size(), used + Little16(rest_, 28)));
    rest_.remove_prefix(used);
    return true;
  }

 private:
  std::string_view rest_;
};

constexpr Type kByDeclaredType[] = {
    {"application/epub+zip", ".epub"},
    {"application/vnd.oasis.opendocument.text-template", ".ott"},
    {"application/vnd.oasis.opendocument.text", ".odt"},
    {"application/vnd.oasis.opendocument.spreadsheet-template", ".ots"},
    {"application/vnd.oasis.opendocument.spreadsheet", ".ods"},
    {"application/vnd.oasis.opendocument.presentation-template", ".otp"},
    {"application/vnd.oasis.opendocument.presentation", ".odp"},
    {"application/vnd.oasis.opendocument.graphics-template", ".otg"},
    {"application/vnd.oasis.opendocument.graphics", ".odg"},
    {"application/vnd.oasis.opendocument.formula", ".odf"},
    {"application/vnd.oasis.opendocument.chart", ".odc"},
    {"application/vnd.sun.xml.calc", ".sxc"},
};

struct Folder {
  std::string_view prefix;
  Type type;
};
constexpr Folder kOfficeFolders[] = {
    {"xl/", {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"}},
    {"word/", {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"}},
    {"ppt/", {"application/vnd.openxmlformats-officedocument.presentationml.presentation", ".pptx"}},
    {"visio/", {"application/vnd.ms-visio.drawing.main+xml", ".vsdx"}},
};

std::optional<Type> ByEntry(std::string_view name, bool first) {
  for (const auto& folder : kOfficeFolders)
    if (name.starts_with(folder.prefix)) return folder.type;
  for (const auto android : {"AndroidManifest.xml"sv, "META-INF/com/android/build/gradle/app-metadata.properties"sv,
                             "classes.dex"sv, "resources.arsc"sv, "res/drawable"sv})
    if (name == android || (android == "res/drawable" && name.starts_with(android)))
      return Type{"application/vnd.android.package-archive", ".apk"};
  if (first && name == "doc.kml") return Type{"application/vnd.google-earth.kmz", ".kmz"};
  return std::nullopt;
}

// The class of the root entry, as a little-endian GUID starts.
struct OleClass {
  std::string_view bytes;
  Type type;
};
constexpr OleClass kClasses[] = {
    {"\x06\x09\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"sv, {"application/msword", ".doc"}},
    {"\x00\x09\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"sv, {"application/msword", ".doc"}},
    {"\x07\x09\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"sv, {"application/msword", ".doc"}},
    {"\x10\x08\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"sv, {"application/vnd.ms-excel", ".xls"}},
    {"\x20\x08\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"sv, {"application/vnd.ms-excel", ".xls"}},
    {"\x01\x12\x02\0\0\0\0\0\0\xc0\0\0\0\0\0\x46"sv, {"application/vnd.ms-publisher", ".pub"}},
    {"\x10\x8d\x81\x64\x9b\x4f\xcf\x11\x86\xea\0\xaa\0\xb9\x29\xe8"sv, {"application/vnd.ms-powerpoint", ".ppt"}},
    {"\x70\xae\x7b\xea\x3b\xfb\xcd\x11\xa9\x03\0\xaa\0\x51\x0e\xa3"sv, {"application/vnd.ms-powerpoint", ".ppt"}},
    {"\x84\x10\x0c\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"sv, {"application/x-ms-installer", ".msi"}},
    {"\x0b\x0d\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46"sv, {"application/vnd.ms-outlook", ".msg"}},
};

}  // namespace

Type SniffZip(std::string_view head) {
  Entries entries(head);
  std::string_view name, behind;
  bool first = true, manifest = false;
  while (entries.Next(name, behind)) {
    if (first && name == "mimetype")
      for (const auto& type : kByDeclaredType)
        if (behind.starts_with(type.name)) return type;
    if (first && name.starts_with("META-INF/") && !name.ends_with(".properties")) manifest = true;
    if (const auto found = ByEntry(name, first)) return *found;
    first = false;
  }
  return manifest ? Type{"application/java-archive", ".jar"} : kZip;
}

Type SniffOle(std::string_view head) {
  const unsigned shift = Little16(head, 30) == 12 ? 12 : 9;
  const std::uint64_t root = (std::uint64_t(Little32(head, 48)) + 1) << shift;
  if (root + 96 <= head.size())
    for (const auto& known : kClasses)
      if (head.substr(std::size_t(root) + 80).starts_with(known.bytes)) return known.type;
  const auto stream = head.size() > 512 ? head.substr(512) : std::string_view();
  if (stream.starts_with("\x09\x08\x10\0\0\6\5\0"sv)) return {"application/vnd.ms-excel", ".xls"};
  for (const auto slides : {"\0\x6e\x1e\xf0"sv, "\x0f\0\xe8\3"sv, "\xa0\x46\x1d\xf0"sv, "\xfd\xff\xff\xff\x0e\0\0\0"sv,
                            "\xfd\xff\xff\xff\x1c\0\0\0"sv, "\xfd\xff\xff\xff\x43\0\0\0"sv})
    if (stream.starts_with(slides)) return {"application/vnd.ms-powerpoint", ".ppt"};
  if (stream.starts_with("\xfd\xff\xff\xff"))
    for (const unsigned sheet : {0x10u, 0x1fu, 0x22u, 0x23u, 0x28u, 0x29u})
      if (Byte(stream, 4) == sheet) return {"application/vnd.ms-excel", ".xls"};
  return kOle;
}

}  // namespace wombat::mime

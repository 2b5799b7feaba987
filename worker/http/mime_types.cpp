#include "worker/http/mime_types.h"

#include <algorithm>
#include <fstream>
#include <unordered_map>

#include "common/base/text.h"

namespace wombat {
namespace {

using Table = std::unordered_map<std::string, std::string>;  // ".ext" -> type

std::string WithCharset(std::string_view type) {
  std::string text(type);
  if (type.starts_with("text/") && type.find("charset") == std::string_view::npos) text += "; charset=utf-8";
  return text;
}

void AddBuiltIn(Table& table) {
  table = {
      {".avif", "image/avif"},     {".css", "text/css"},          {".gif", "image/gif"},
      {".htm", "text/html"},       {".html", "text/html"},        {".jpeg", "image/jpeg"},
      {".jpg", "image/jpeg"},      {".js", "text/javascript"},    {".json", "application/json"},
      {".mjs", "text/javascript"}, {".pdf", "application/pdf"},   {".png", "image/png"},
      {".svg", "image/svg+xml"},   {".wasm", "application/wasm"}, {".webp", "image/webp"},
      {".xml", "text/xml"},
  };
}

// Lines "weight:type:*.ext[:flags]", the heaviest first; what is known already stays.
bool AddGlobs(Table& table, const char* path) {
  std::ifstream file(path);
  if (!file) return false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    const auto fields = Split(line, ':');
    if (fields.size() < 3 || !fields[2].starts_with("*.") || fields[2].size() < 3) continue;
    const auto extension = fields[2].substr(1);
    if (extension.find_first_of("?*[") == std::string_view::npos) table.try_emplace(std::string(extension), fields[1]);
  }
  return true;
}

// Lines "type ext ext …".
void AddMimeTypes(Table& table, const char* path) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::string_view rest = line;
    rest = rest.substr(0, rest.find('#'));
    std::string_view type;
    while (!(rest = TrimBlanks(rest)).empty()) {
      const auto end = std::min(rest.find_first_of(" \t"), rest.size());
      const auto word = rest.substr(0, end);
      if (type.empty())
        type = word;
      else
        table.try_emplace("." + std::string(word), type);
      rest.remove_prefix(end);
    }
  }
}

const Table& Types() {
  static const Table table = [] {
    Table made;
    AddBuiltIn(made);
    if (!AddGlobs(made, "/usr/local/share/mime/globs2") && !AddGlobs(made, "/usr/share/mime/globs2"))
      AddMimeTypes(made, "/etc/mime.types");
    for (auto& [extension, type] : made) type = WithCharset(type);
    return made;
  }();
  return table;
}

struct Signature {
  std::string_view bytes, type;
  std::string_view mask = {};  // same length as bytes; empty: every bit counts
};

using namespace std::string_view_literals;

constexpr std::string_view kHtmlStarts[] = {
    "<!DOCTYPE HTML", "<HTML",  "<HEAD", "<SCRIPT", "<IFRAME", "<H1", "<DIV", "<FONT", "<TABLE", "<A",
    "<STYLE",         "<TITLE", "<B",    "<BODY",   "<BR",     "<P",  "<!--"};

constexpr Signature kSignatures[] = {
    {"%PDF-", "application/pdf"},
    {"%!PS-Adobe-", "application/postscript"},
    {"\xFE\xFF\0\0"sv, "text/plain; charset=utf-16be", "\xFF\xFF\0\0"sv},
    {"\xFF\xFE\0\0"sv, "text/plain; charset=utf-16le", "\xFF\xFF\0\0"sv},
    {"\xEF\xBB\xBF\0"sv, "text/plain; charset=utf-8", "\xFF\xFF\xFF\0"sv},
    {"\0\0\x01\0"sv, "image/x-icon"},
    {"\0\0\x02\0"sv, "image/x-icon"},
    {"BM", "image/bmp"},
    {"GIF87a", "image/gif"},
    {"GIF89a", "image/gif"},
    {"RIFF\0\0\0\0WEBPVP"sv, "image/webp", "\xFF\xFF\xFF\xFF\0\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF"sv},
    {"\x89PNG\r\n\x1A\n", "image/png"},
    {"\xFF\xD8\xFF", "image/jpeg"},
    {"FORM\0\0\0\0AIFF"sv, "audio/aiff", "\xFF\xFF\xFF\xFF\0\0\0\0\xFF\xFF\xFF\xFF"sv},
    {"ID3", "audio/mpeg"},
    {"OggS\0"sv, "application/ogg"},
    {"MThd\0\0\0\x06"sv, "audio/midi"},
    {"RIFF\0\0\0\0AVI "sv, "video/avi", "\xFF\xFF\xFF\xFF\0\0\0\0\xFF\xFF\xFF\xFF"sv},
    {"RIFF\0\0\0\0WAVE"sv, "audio/wave", "\xFF\xFF\xFF\xFF\0\0\0\0\xFF\xFF\xFF\xFF"sv},
    {"\x1A\x45\xDF\xA3", "video/webm"},
    {"\0\1\0\0"sv, "font/ttf"},
    {"OTTO", "font/otf"},
    {"ttcf", "font/collection"},
    {"wOFF", "font/woff"},
    {"wOF2", "font/woff2"},
    {"\x1F\x8B\x08", "application/x-gzip"},
    {"PK\x03\x04", "application/zip"},
    {"Rar!\x1A\x07\0"sv, "application/x-rar-compressed"},
    {"Rar!\x1A\x07\x01\0"sv, "application/x-rar-compressed"},
    {"\0asm"sv, "application/wasm"},
};

bool StartsWithSignature(std::string_view data, const Signature& signature) {
  if (data.size() < signature.bytes.size()) return false;
  for (std::size_t i = 0; i < signature.bytes.size(); ++i) {
    const auto mask = signature.mask.empty() ? 0xFF : static_cast<unsigned char>(signature.mask[i]);
    if ((static_cast<unsigned char>(data[i]) & mask) != static_cast<unsigned char>(signature.bytes[i])) return false;
  }
  return true;
}

bool LooksLikeHtml(std::string_view data) {
  return std::any_of(std::begin(kHtmlStarts), std::end(kHtmlStarts), [&](std::string_view tag) {
    if (data.size() < tag.size() || !EqualsIgnoreCase(data.substr(0, tag.size()), tag)) return false;
    if (tag == "<!--") return true;
    return data.size() > tag.size() && (data[tag.size()] == ' ' || data[tag.size()] == '>');
  });
}

bool IsMp4(std::string_view data) {
  if (data.size() < 12 || data.substr(4, 4) != "ftyp") return false;
  std::size_t box = 0;
  for (int i = 0; i < 4; ++i) box = box * 256 + static_cast<unsigned char>(data[static_cast<std::size_t>(i)]);
  if (box % 4 != 0 || data.size() < box) return false;
  for (std::size_t at = 8; at + 3 <= box; at += 4)
    if (at != 12 && data.substr(at, 3) == "mp4") return true;  // at 12: the version, not a brand
  return false;
}

bool HasBinaryBytes(std::string_view data) {
  return std::any_of(data.begin(), data.end(), [](unsigned char c) {
    return c <= 0x08 || c == 0x0B || (c >= 0x0E && c <= 0x1A) || (c >= 0x1C && c <= 0x1F);
  });
}

}  // namespace

std::string TypeByExtension(std::string_view path) {
  const auto name = path.substr(path.rfind('/') + 1);
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos) return {};
  const std::string extension(name.substr(dot));
  const auto& types = Types();
  auto found = types.find(extension);
  if (found == types.end()) found = types.find(AsciiLower(extension));
  return found == types.end() ? std::string() : found->second;
}

std::string_view SniffContentType(std::string_view start) {
  start = start.substr(0, kSniffBytes);
  const auto text = start.substr(std::min(start.find_first_not_of("\t\n\f\r "), start.size()));
  if (LooksLikeHtml(text)) return "text/html; charset=utf-8";
  if (text.starts_with("<?xml")) return "text/xml; charset=utf-8";
  for (const auto& signature : kSignatures)
    if (StartsWithSignature(start, signature)) return signature.type;
  if (IsMp4(start)) return "video/mp4";
  return HasBinaryBytes(text) ? "application/octet-stream" : "text/plain; charset=utf-8";
}

}  // namespace wombat

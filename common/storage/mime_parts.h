// The parts of content sniffing, one file each; private to this folder.
#pragma once

#include <optional>
#include <string_view>

#include "common/storage/mime_sniff.h"

namespace wombat::mime {

// A type with its extension, as the tables hold it.
struct Type {
  std::string_view name;
  std::string_view extension;
};

// By the bytes at fixed places; nothing for text and what is unknown.
std::optional<Type> SniffBinary(std::string_view head);
// What a zip archive holds by the names of its first entries; application/zip otherwise.
Type SniffZip(std::string_view head);
// An OLE compound file by its root's class.
Type SniffOle(std::string_view head);

// Text has a charset beside its type. `truncated`: there is more of it than `head`.
std::optional<SniffedType> SniffText(std::string_view head, bool truncated);
// SVG, feeds, maps … among XML; nothing when the text is plain XML or none.
std::optional<Type> SniffXmlDialect(std::string_view text);
bool IsSvgWithoutDeclaration(std::string_view text);
// JSON and JSON lines.
std::optional<Type> SniffJson(std::string_view text, bool truncated);
std::optional<Type> SniffTable(std::string_view text, bool truncated);

}  // namespace wombat::mime

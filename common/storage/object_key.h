// Keys of stored objects, and the file that each has in the local storage.                Behaviour: spec 05 §2.5, 06 §14.
#pragma once

#include <string>
#include <string_view>

namespace wombat {

// Ends the names of the files that describe the objects beside them; no key may end so.
inline constexpr std::string_view kAttributesSuffix = ".attrs";

inline std::string RecordPrefix(std::string_view collection_id, std::string_view record_id) {
  return std::string(collection_id).append("/").append(record_id).append("/");
}
inline std::string FileKey(std::string_view collection_id, std::string_view record_id, std::string_view name) {
  return RecordPrefix(collection_id, record_id).append(name);
}
// Everything that was made from a file.
inline std::string ThumbsPrefix(std::string_view file_key) {
  const auto name = file_key.rfind('/') + 1;
  return std::string(file_key.substr(0, name)).append("thumbs_").append(file_key.substr(name)).append("/");
}
inline std::string ThumbKey(std::string_view file_key, std::string_view size) {
  return ThumbsPrefix(file_key).append(size).append("_").append(file_key.substr(file_key.rfind('/') + 1));
}

// Relative path of a key: nothing in it leads out of the storage's folder. PathToKey reverses it.
std::string KeyToPath(std::string_view key);
std::string PathToKey(std::string_view path);

}  // namespace wombat

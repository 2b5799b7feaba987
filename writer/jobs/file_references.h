// Who refers to the files whose keys are noted.                                           Behaviour: spec 05 §2.5.
#pragma once

#include <string>
#include <string_view>

#include "common/db/sqlite.h"
#include "common/schema/schema.h"

namespace wombat {

// "collection/record/name"; what is behind a missing part is "".
struct FileKeyParts {
  std::string_view collection, record, name;
};
FileKeyParts ParseFileKey(std::string_view key);

// The file that a key belongs to: the one that a thumb was made from, else itself.
std::string OwnerOfKey(std::string_view key);

class FileReferences {
 public:
  FileReferences(Connection& db, const Schema& schema) : db_(db), schema_(schema) {}

  bool HasCollection(std::string_view id) const { return schema_.FindById(id) != nullptr; }
  // A failing query counts as a reference: what is kept can be deleted later.
  bool HasRecord(std::string_view collection_id, std::string_view record_id);
  bool HasFile(std::string_view collection_id, std::string_view record_id, std::string_view name);

 private:
  Connection& db_;
  const Schema& schema_;
};

}  // namespace wombat

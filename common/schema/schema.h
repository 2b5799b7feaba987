// All collections at one moment: an immutable snapshot that requests share. A new one is loaded when the schema
// generation of the shared page moves (design.md, "A collection change").
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/db/sqlite.h"
#include "common/schema/collection.h"

namespace wombat {

class Schema {
 public:
  explicit Schema(std::vector<CollectionPtr> collections, std::uint64_t generation = 0);

  // Exact id, or name in any letter case (spec 01 §1.2).
  const Collection* Find(std::string_view id_or_name) const;
  CollectionPtr FindShared(std::string_view id_or_name) const;
  const Collection* FindById(std::string_view id) const;
  const std::vector<CollectionPtr>& collections() const { return collections_; }   // in rowid order
  const Collection* superusers() const { return superusers_; }
  std::uint64_t generation() const { return generation_; }

 private:
  std::vector<CollectionPtr> collections_;
  std::unordered_map<std::string, CollectionPtr> by_id_;
  std::unordered_map<std::string, CollectionPtr> by_lower_name_;
  const Collection* superusers_ = nullptr;
  std::uint64_t generation_;
};

using SchemaPtr = std::shared_ptr<const Schema>;

// Reads `_collections` in rowid order. Error: the first row that cannot be understood (spec 06 §4).
Result<SchemaPtr> LoadSchema(Connection& connection, std::uint64_t generation);

}  // namespace wombat

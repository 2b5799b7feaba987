// The `expand` query parameter: related records, nested in the answer.                        Behaviour: spec 01 §2.17.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/db/sqlite.h"
#include "common/records/record.h"
#include "common/records/request_info.h"
#include "common/records/row_json.h"
#include "common/schema/schema.h"

namespace wombat {

inline constexpr int kMaxExpandDepth = 6;

// The wanted relations as a tree: paths that share a beginning are merged.
struct ExpandTree {
  std::map<std::string, ExpandTree, std::less<>> children;
  bool empty() const { return children.empty(); }
};
ExpandTree ParseExpand(std::string_view parameter);

struct ExpandedLevel;

// One relation of a list of records: which of the related records each of them refers to.
struct ExpandedRelation {
  std::string name;
  bool single = false;                             // shown as an object instead of an array
  std::vector<std::vector<std::uint32_t>> of;      // for each record, indexes into the level's
  std::unique_ptr<ExpandedLevel> level;
};

// What was read to expand a list of records.
struct Expansion {
  std::vector<ExpandedRelation> relations;
  bool followed = false;                           // some wanted path could be followed: the records show an expand object

  // For each of `count` records the text of its expand object; "" for none.
  std::vector<std::string> Texts(std::size_t count) const;
};

// The distinct records that a relation leads to, in no order.
struct ExpandedLevel {
  std::vector<Record> records;
  Visibility visibility;
  Expansion below;
};

// Follows the wanted relations of `records` (one collection). `request` is the viewer's; target view rules are asked with
// context "expand". Reads on the calling thread. Only an interrupted query is an Error: other failures drop their path, as
// the reference does.
Result<Expansion> LoadExpansion(Connection& reader, const Schema& schema, const std::vector<Record>& records,
                                const ExpandTree& tree, const RequestInfo& request);

// LoadExpansion and its texts, where no handler wants to see the related records.
Result<std::vector<std::string>> ExpandRecords(Connection& reader, const Schema& schema, const std::vector<Record>& records,
                                               const ExpandTree& tree, const RequestInfo& request);

// What of `records` (one collection) the viewer may see: e-mail addresses that the manageRule shows are looked up at once.
Result<Visibility> VisibilityOf(Connection& reader, const Schema& schema, const std::vector<Record>& records,
                                const RequestInfo& request);

}  // namespace wombat

// The `expand` query parameter: related records, nested in the answer.                        Behaviour: spec 01 §2.17.
#pragma once

#include <map>
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

// For each record the text of its expand object; "" where no wanted path could be followed (then the key is absent).
// `request` is the viewer's; target view rules are asked with context "expand". Reads on the calling thread. Only an
// interrupted query is an Error: other failures drop their path, as the reference does.
Result<std::vector<std::string>> ExpandRecords(Connection& reader, const Schema& schema, const std::vector<Record>& records,
                                               const ExpandTree& tree, const RequestInfo& request);

// What of `records` (one collection) the viewer may see: e-mail addresses that the manageRule shows are looked up at once.
Result<Visibility> VisibilityOf(Connection& reader, const Schema& schema, const std::vector<Record>& records,
                                const RequestInfo& request);

}  // namespace wombat

// The SQL of reading records under rules.                                               Behaviour: spec 01 §2.3, §2.4, 03 §6.
#pragma once

#include <string>
#include <string_view>

#include "common/db/value.h"
#include "common/filter/compile.h"
#include "common/records/request_info.h"
#include "common/schema/schema.h"

namespace wombat {

struct SelectQuery {
  std::string sql;
  SqlValues values;
};

// One record by id, when `rule` (null: no rule to check) lets it be seen.
Result<SelectQuery> SelectOne(const Schema& schema, const Collection& collection, std::string_view id, const Rule& rule,
                              const RequestInfo& request);

// The rows of `ids` (distinct) that `rule` lets be seen. With `only_ids` just their ids.
Result<SelectQuery> SelectMany(const Schema& schema, const Collection& collection, const std::vector<std::string>& ids,
                               const Rule& rule, const RequestInfo& request, bool only_ids = false);

struct ListQuery {
  SelectQuery items;
  SelectQuery total;                 // "" when it is not asked for
  std::int64_t per_page = 0;
  bool total_is_repeatable = false;  // the same database has the same total
};
struct ListParams {
  std::int64_t page = 1, per_page = 30;
  bool skip_total = false;
  std::string filter, sort;
};
Result<ListQuery> SelectList(const Schema& schema, const Collection& collection, const ListParams& params, const Rule& rule,
                             const RequestInfo& request, bool superuser);

// A statement that gives a row when the stored record satisfies the rule, for the writer's lane.
Result<SelectQuery> CheckStored(const Schema& schema, const Collection& collection, std::string_view id, const Rule& rule,
                                const RequestInfo& request);

// A statement that gives a row when the record that is about to be created satisfies `rule` (03 §9.1). Sets `reads_tables`
// when it asks anything but the new row itself.
Result<SelectQuery> CheckNew(const Schema& schema, const Record& record, const std::string& rule, const RequestInfo& request,
                             bool& reads_tables);

// Spec 01 §2.3: page, perPage, sort, filter, skipTotal. Error 400 for what cannot be read.
ApiResult<ListParams> ReadListParams(const RequestInfo& request);

}  // namespace wombat

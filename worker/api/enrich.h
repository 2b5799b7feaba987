// From stored records to the JSON of an answer: OnRecordEnrich, expand, visibility.    Behaviour: spec 01 §2.16, 07 §3.7.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "worker/request_context.h"

namespace wombat {

// The JSON of each record, as the request's viewer may see it, with `?expand=` applied.
Task<ApiResult<std::vector<std::string>>> EnrichRecords(RequestContext& context, std::vector<std::shared_ptr<Record>> records);

Task<ApiResult<std::string>> EnrichRecord(RequestContext& context, std::shared_ptr<Record> record);

}  // namespace wombat

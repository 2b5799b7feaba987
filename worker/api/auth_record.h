// Finding and saving auth records for the endpoints that act on them without being record requests.   spec 04 §2.1, §6
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "worker/api/mutate.h"
#include "worker/request_context.h"

namespace wombat {

// Null: nobody. E-mails compare in any letter case where their unique index does (04 §3).
Task<Result<std::shared_ptr<Record>>> FindAuthRecordByEmail(RequestContext& context, CollectionPtr collection, std::string email);
Task<Result<std::shared_ptr<Record>>> FindRecordById(RequestContext& context, CollectionPtr collection, std::string id);

// A random password past all validators, so that whoever knew the old one is out; saving the record renews the token key
// (04 §2.1). Hashes on the pool.
Task<ApiResult<void>> ResetToRandomPassword(RequestContext& context, Record& record);

// Loads the record anew when it was changed meanwhile, puts the change onto it again; null: it may not be done any more.
using ChangeRecord = std::function<Task<ApiResult<void>>(Record& record)>;

// Saves `record` after `change` was put onto it, with validation and all hooks of the writer; a schema or a row that moved
// meanwhile is followed: `change` runs again on the row as it is then, and may refuse. `record` becomes the stored one.
// The errors: of `change`; `message` with the field errors of what is not valid; 404 when the record is gone.
Task<ApiResult<void>> ChangeAuthRecord(RequestContext& context, std::shared_ptr<Record> record, std::string_view message,
                                       ChangeRecord change);

}  // namespace wombat

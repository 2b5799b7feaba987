// Checks that only some collections have, after the fields themselves were found valid.    Behaviour: spec 01 §2.10,
// §2.15.
#pragma once

#include "common/base/result.h"
#include "common/db/sqlite.h"
#include "common/records/record.h"
#include "common/schema/schema.h"

namespace wombat {

// `_mfas`, `_otps`, `_authOrigins`, `_externalAuths`: what they refer to exists. The first failing key only.
Result<Json> CheckSystemRecord(const Record& record, const Schema& schema, Connection& connection);

// An auth record's id exists in no other auth collection.
Result<Json> CheckAuthId(const Record& record, const Schema& schema, Connection& connection);

}  // namespace wombat

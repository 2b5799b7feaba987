// Saving and deleting a record inside the commit lane, with every hook around it.   Behaviour: spec 07 §3.1–§3.3, 01 §2.8.
//
// Synchronous, on the lane's thread. On an error the caller rolls its savepoint back; the After…Error hooks have fired.
#pragma once

#include "common/base/result.h"
#include "common/records/record.h"
#include "writer/lane/transaction.h"

namespace wombat {

struct SaveOptions {
  // False: the worker has already checked what needs no database, and no hook can have changed the record since.
  bool validate = true;
  bool without_validation = false;      // saveNoValidate: nothing is checked at all
  // With `validate`: errors of fields that only the worker could find (plain passwords never get here).
  Json worker_errors = Json::Object();
};

// A new record is inserted, an existing one (loaded from the lane's row) is written whole.
ApiResult<void> SaveRecord(LaneTransaction& tx, Record& record, const SaveOptions& options);

// With the cascade over referencing records and the rows that belong to an auth record.
ApiResult<void> DeleteRecord(LaneTransaction& tx, Record& record);

// The text of spec 07 §3.3 for a delete that a required reference forbids, for the log.
inline constexpr std::string_view kDeleteRefused =
    "Failed to delete record. Make sure that the record is not part of a required relation reference.";

}  // namespace wombat

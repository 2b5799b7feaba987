// The rows that belong to an auth record and go, or must go, with a change of it.     Behaviour: spec 01 §2.13, 04 §2.1.
#pragma once

#include <string_view>

#include "common/base/result.h"
#include "common/records/record.h"
#include "writer/lane/transaction.h"

namespace wombat {

// On update, before the row is written: a first verification removes linked external auths (and then renews the token
// key); a changed token key removes the one-time passwords.
ApiResult<void> RemoveOutdatedAuthRows(LaneTransaction& tx, Record& record);

// On update, after the row is written: a newly set password removes MFAs and auth origins.
ApiResult<void> RemoveRowsOfChangedPassword(LaneTransaction& tx, Record& record);

// All rows of the four system collections that refer to the record, in the reference's order (01 §2.8).
ApiResult<void> RemoveAllAuthRows(LaneTransaction& tx, const Record& record);

// The account that stands in until there is a superuser (04 §8).
inline constexpr std::string_view kInstallerEmail = "__pbinstaller@example.com";
// It goes when a real one appears (06 §12.1). When that fails, nothing of it was done, and that is said on stderr only.
void RemoveInstaller(LaneTransaction& tx, const CollectionPtr& superusers);

}  // namespace wombat

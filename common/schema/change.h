// Changing collections: normalisation, validation and the table that follows.      Behaviour: spec 02 §1.5–§3, §6; 06 §13.
//
// Runs in the writer's lane, inside the mutation's savepoint, on its connection. Everything here is synchronous.
#pragma once

#include "common/base/result.h"
#include "common/db/sqlite.h"
#include "common/schema/collection.h"
#include "common/schema/schema.h"

namespace wombat {

// Spec 02 §1.5: default id, field ids, system fields, auth indexes, index table names, timestamps. `stored` is null on
// create.
void NormalizeCollection(Collection& collection, const Collection* stored, const Schema& schema);

// Spec 02 §1.6, §1.7, §5 settings, §6.2. An empty object: valid. Errors of SQLite are returned as Error; so is an update
// whose `id` was changed to one that nothing has (kNotFound): a "Raw error" answer, not field errors.
Result<Json> ValidateCollection(Connection& connection, const Collection& collection, const Collection* stored,
                                const Schema& schema);

// Either `data` holds field errors (400 with data) or `raw` the text of "Raw error".
struct ChangeError {
  Json data = Json::Object();
  std::string raw;
  bool not_found = false;
};
template <class T>
using ChangeResult = std::expected<T, ChangeError>;

// What holds whatever was submitted (02 §1.2: a fresh authToken secret when authRule changed; §1.8: the options of
// _superusers). Not part of NormalizeCollection, where it would hide mistakes that validation reports.
void ForceOptions(Collection& collection, const Collection* stored);

// Writes the `_collections` row, options forced, and brings the table into line (02 §3, §6.3). Does not validate. On
// failure the caller rolls the savepoint back.
ChangeResult<void> SaveCollection(Connection& connection, const Collection& collection, const Collection* stored);

// Spec 02 §2. `schema` tells who refers to it. Message for the log only; the client's text is the endpoint's.
struct DeleteCollectionError {
  std::string message;
  std::vector<std::string> referencing;     // names, when relation fields point here
};
// Removes what belongs to records of an auth collection that is gone: the rows of `_mfas`, `_otps`, `_authOrigins` and
// `_externalAuths`.
inline constexpr std::string_view kTablesWithReferences[] = {"_mfas", "_otps", "_authOrigins", "_externalAuths"};
Result<void> DeleteReferences(Connection& connection, const Collection& collection, const Schema& schema);

// Leaves those rows to the caller. Without `keep_needed` neither relations nor views that need it are asked for.
std::expected<void, DeleteCollectionError> DeleteCollection(Connection& connection, const Collection& collection,
                                                            const Schema& schema, bool keep_needed = true);

}  // namespace wombat

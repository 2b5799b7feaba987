// Who may hear of a changed record, and what of it they see.                              Behaviour: spec 05 §1.5,
// §1.6.
//
// Reads on the calling thread, on the connection of EventTables, into which the changed row was put. Errors: only a
// query that was interrupted; whatever else goes wrong means that nobody hears of it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/records/record.h"
#include "common/records/request_info.h"
#include "common/schema/schema.h"
#include "worker/realtime/topics.h"

namespace wombat {

struct AccessQuestion {
  SchemaPtr schema;
  CollectionPtr collection;
  const Rule* rule = nullptr;  // the collection's list or view rule
  bool row_exists = false;     // false: only what needs no row is true
  RequestInfo request;

  // Answered without the database.
  bool is_trivial() const;
};

Result<bool> MayHear(Connection& connection, const AccessQuestion& question);

// The record's JSON with its expand, as the request's viewer sees it. `shown` is `record` with what hooks changed.
Result<std::string> ShowRecord(Connection& connection, const AccessQuestion& question, const Record& shown);
// Whether ShowRecord reads the database.
bool ShowsFromDatabase(const AccessQuestion& question);
std::string ShowPlainRecord(const AccessQuestion& question, const Record& shown);

// `{"record":…,"action":…}` with the `fields` of the options.
std::string ChangePayload(const RequestInfo& request, const std::string& record_json, std::string_view action);

}  // namespace wombat

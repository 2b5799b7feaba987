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

enum class Hearing { kNo, kYes, kAsk };
// What can be told without the database and without a request. `auth` null: a guest.
Hearing Prejudge(const Rule& rule, const TopicOptions& options, const Record* auth, bool row_exists);

// What of a client's question is the same for others, so that it is asked once for all of them: the rule unless it names
// the request, the filter if it stays within the record. Empty: nothing.
std::string SharedQuestion(const Collection& collection, const Rule& rule, const TopicOptions& options, bool superuser);

struct AccessQuestion {
  SchemaPtr schema;
  CollectionPtr collection;
  const Rule* rule = nullptr;  // the collection's list or view rule
  bool row_exists = false;     // false: only what needs no row is true
  RequestInfo request;
};

struct Verdict {
  bool allowed = false;
  // Only the request was asked: the same for every record, as long as rule, options and `auth` stay.
  bool for_all_records = false;
};
Result<Verdict> MayHear(Connection& connection, const AccessQuestion& question);

// The record's JSON with its expand, as the request's viewer sees it. `shown` is `record` with what hooks changed.
Result<std::string> ShowRecord(Connection& connection, const AccessQuestion& question, const Record& shown);
// Whether ShowRecord reads the database.
bool ShowsFromDatabase(const Collection& collection, const TopicOptions& options, const Record* auth);
// As ShowRecord where nothing is read.
std::string ShowPlainRecord(const Record* viewer, const Record& shown);

// `{"record":…,"action":…}` with the `fields` of the options.
std::string ChangePayload(const TopicOptions& options, const std::string& record_json, std::string_view action);

}  // namespace wombat

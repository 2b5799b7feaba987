// What create and update do alike with a submitted record before it is sent.                  spec 01 §2.5, §2.9, §2.13
#pragma once

#include "worker/request_context.h"

namespace wombat {

// Sets the password of an auth record by its hash: there is no plain text that a check could refuse.
void UsePasswordHash(Record& record, std::string hash);

// Hashes passwords on the pool when there are any.
Task<ApiResult<void>> HashOnPool(RequestContext& context, Record& record);

// What is wrong with the input, in wire form; an empty object when it may be sent to the writer.
struct InputErrors {
  Json data = Json::Object();
  // With ValidatesInWriter, the errors of plain passwords, which only the worker can tell: they go with the record.
  Json for_writer = Json::Object();
  bool any() const { return !data.as_object().empty(); }
};
// The form checks of an auth record; if they pass, the validation that needs no database; and if that fails also what only
// the database can tell, since all failing fields are reported together. `stored` is null on create.
Task<ApiResult<InputErrors>> CheckInput(RequestContext& context, std::shared_ptr<Record> record, std::shared_ptr<Record> stored,
                                        bool has_full_access);

// Without the form checks: what is wrong with the values alone.
Task<ApiResult<InputErrors>> CheckValues(RequestContext& context, std::shared_ptr<Record> record);

// Behind a ready answer: the batch's other items, where they run inside this one's hook (api/batch_part.h).
Task<HookResult> RestOfBatch(RequestContext& context);

// `record` as one of `collection`, the same collection in another schema snapshot: fields keep their values, by id.
std::shared_ptr<Record> CarryOver(const Record& record, CollectionPtr collection);

// True when hooks of the writer want to see also what fails validation (07 §2.6): then only the form checks are made here.
bool ValidatesInWriter(const RequestContext& context, const Collection& collection, bool creates);

// True when the requester may change an auth record fully: a superuser, or somebody who satisfies the manageRule on
// `check`'s row (spec 01 §2.13: never a guest, never with a null or empty rule).
bool MayHaveManageAccess(const RequestContext& context, const Collection& collection);

}  // namespace wombat

// A batch as it was submitted: read, checked, and each item as the request that it stands for.   Behaviour: spec 01
// §3.1.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/app/events.h"
#include "worker/api/batch_part.h"
#include "worker/api/record_access.h"
#include "worker/request_context.h"

namespace wombat {

struct SubmittedBatch {
  std::vector<BatchItem> items;
  std::vector<std::vector<UploadedFile>> files;  // of each item; their contents are views into the request's body
};

// In the order of spec 01 §3.3: body 400, files 400, validation 400.
ApiResult<SubmittedBatch> ReadBatch(RequestContext& context, std::int64_t max_requests);

// What an item does. kNone: no such action.
struct BatchAction {
  enum class Kind { kNone, kCreate, kUpdate, kDelete, kUpsert };
  Kind kind = Kind::kNone;
  std::string_view collection, id, query;  // as written, nothing is decoded; views into the item's url
};
BatchAction ActionOf(const BatchItem& item);

// The request that an item stands for: the outer one's headers with the item's on top, its identity and address, the
// item's own method, query and body. Owns everything that its context views; stays where it is made.
class BatchRequest {
 public:
  // `part` gets the item's body (with its query parameters in it) and files.
  BatchRequest(RequestContext& outer, const BatchItem& item, const std::vector<UploadedFile>& files, BatchPart& part);
  BatchRequest(const BatchRequest&) = delete;
  BatchRequest& operator=(const BatchRequest&) = delete;

  const BatchAction& action() const { return action_; }
  // The collection; null when there is none of this name.
  CollectionPtr FindCollection() const { return context_->FindCollection(); }
  // Of an upsert; "": none.
  const std::string& id_in_body() const { return id_in_body_; }
  RequestContext& context() { return *context_; }

  // Runs it. An upsert asks first, within the batch's session if there is one, whether the record is there.
  Task<HandlerResult> Run();

 private:
  void MergeHeaders(const RequestContext& outer, const BatchItem& item);
  void FillBody(const BatchItem& item, const std::vector<UploadedFile>& files, BatchPart& part);

  const BatchAction action_;
  std::string id_in_body_;
  bool malformed_ = false;
  std::vector<std::pair<std::string, std::string>> headers_;
  HttpRequest http_;
  std::unique_ptr<RequestContext> context_;
};

}  // namespace wombat

// The files that come with one record, from the request's parts to the storage.       Behaviour: spec 01 §2.12, 02 §5.15.
//
//   Take       parts of the body that belong to file fields get their stored names
//   Normalize  those names join the body's values; Describe shows them to rules as what they are
//   AttachTo   the record knows its uploads, for validation
//   Place      they are written into the storage, under their final keys, before the mutation is sent
//   Settle     after the writer's answer: what the stored record does not hold is removed again
//
// Between Place and Settle the keys are noted (common/storage/file_journal.h): when this process dies there, the writer
// clears up. A record of a batch goes through the same steps; where its answer is not yet the commit's, Settle waits for it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/app/http.h"
#include "common/records/record.h"
#include "worker/request_context.h"

namespace wombat {

class RecordUploads {
 public:
  // Views into the request's body, which outlives this.
  void Take(const RequestContext& context, const Collection& collection);
  bool empty() const { return parts_.empty(); }
  // A file is added to those of the stored row.
  bool depends_on_stored() const;

  // NormalizeBody with the uploads among the values (spec 01 §2.5 step 2).
  Json Normalize(const Record& record, const Json& body, bool is_superuser) const;
  // The normalised body as rules see it: an upload is an object.
  Json Describe(Json normalized) const;

  void AttachTo(Record& record) const;
  // The same parts for the same collection in another schema snapshot.
  void Follow(const Collection& collection);

  // `failed_message`: the answer when they cannot be stored. The record's uploads get their keys.
  Task<ApiResult<void>> Place(RequestContext& context, Record& record, std::string failed_message);
  // `stored`: the record as it was committed (in a session: will be); null: it was not.
  Task<void> Settle(RequestContext& context, const Record* stored);

 private:
  struct Part {
    std::string key;                 // "field", "field+" or "+field"
    RecordUpload upload;
    UploadedFile file;
  };
  // What is on its way into the storage, until the commit is certain.
  struct Placed {
    std::shared_ptr<Storage> storage;
    std::uint64_t note = 0;
    std::vector<std::string> keys;
    std::vector<std::string> unneeded;   // those that no record holds even if it is committed
  };
  const Part* FindPart(std::string_view name) const;
  // On a pool thread. Notes the keys first.
  Result<void> Write(Runtime& runtime);
  static Task<void> End(Runtime& runtime, Placed placed, bool committed);

  const Collection* collection_ = nullptr;
  bool replaces_names_ = false;
  std::vector<Part> parts_;
  std::vector<RecordUpload> placed_;
  std::optional<std::uint64_t> note_;
  std::shared_ptr<Storage> storage_;     // where they were placed: the settings may change until the end
};

}  // namespace wombat

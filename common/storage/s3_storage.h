// Objects of an S3-compatible bucket, as the reference lays them out.                     Behaviour: spec 05 §2.6.
//
// What is deleted and was not there is no error here: buckets do not tell.
#pragma once

#include <memory>
#include <string>

#include "common/storage/s3_client.h"
#include "common/storage/storage.h"

namespace wombat {

class S3Storage final : public Storage {
 public:
  // From `single_limit` on an object is sent in parts of `part_size`.
  struct Sizes {
    std::uint64_t single_limit = 64u << 20, part_size = 16u << 20;
  };

  explicit S3Storage(S3Options options, S3Timeouts timeouts = {});
  S3Storage(S3Options options, S3Timeouts timeouts, Sizes sizes);

  const S3Options& options() const { return client_->options(); }

  bool is_local() const override { return false; }
  Result<void> Write(std::string_view key, std::string_view content, const ObjectOptions& options) override;
  Result<void> WriteSpooled(std::string_view key, const SpooledContent& content, const ObjectOptions& options) override;
  Result<StoredObject> Open(std::string_view key) override;
  Result<StoredObject> Look(std::string_view key) override;
  Result<bool> Exists(std::string_view key) override;
  Result<void> Move(std::string_view from, std::string_view to) override;
  Result<void> Delete(std::string_view key) override;
  Result<void> Discard(std::string_view key) override;
  Result<std::vector<std::string>> List(std::string_view prefix) override;
  Result<std::vector<std::string>> ListFolders(std::string_view prefix) override;
  Result<void> DeletePrefix(std::string_view prefix, const Spare& spare) override;
  // Many at once.
  Result<void> DeleteAll(const std::vector<std::string>& keys);

 private:
  Result<void> WriteParts(std::string_view key, const SpooledContent& content, const ObjectOptions& options);
  Result<std::string> SendParts(std::string_view key, const SpooledContent& content, const std::string& upload_id);
  Result<void> CompleteParts(std::string_view key, const std::string& upload_id, const std::string& parts);
  void AbortParts(std::string_view key, const std::string& upload_id);
  void AbortUnfinished(std::string_view key);
  // Calls `page` with each page of a listing until it says that it is enough.
  struct Page;
  Result<void> ForEachPage(std::string_view prefix, bool folders_only, const std::function<Result<void>(Page&)>& page);

  std::shared_ptr<S3Client> client_;
  Sizes sizes_;
};

}  // namespace wombat

// The content of an object in a bucket, read piece by piece.                              Behaviour: spec 05 §2.6.
#pragma once

#include <memory>
#include <string>

#include "common/storage/s3_client.h"
#include "common/storage/storage.h"

namespace wombat {

// A connection that breaks in the middle is no error as long as another one goes on where it broke.
class S3Content final : public RemoteContent {
 public:
  // `whole`: an answer with all of it, of which nothing was read yet; or null.
  S3Content(std::shared_ptr<S3Client> client, std::string key, std::uint64_t size, std::unique_ptr<S3Download> whole);

  Result<std::size_t> Read(std::uint64_t offset, std::uint64_t end, char* buffer, std::size_t size) override;

 private:
  Result<void> OpenAt(std::uint64_t offset, std::uint64_t end);

  std::shared_ptr<S3Client> client_;
  const std::string key_;
  const std::uint64_t size_;
  std::unique_ptr<S3Download> download_;
  std::uint64_t position_ = 0, limit_ = 0;      // of the download
};

}  // namespace wombat

#include "common/storage/s3_content.h"

#include <algorithm>

namespace wombat {
namespace {

constexpr int kPartialContent = 206;
constexpr int kAttempts = 3;

}  // namespace

S3Content::S3Content(std::shared_ptr<S3Client> client, std::string key, std::uint64_t size, std::unique_ptr<S3Download> whole)
    : client_(std::move(client)), key_(std::move(key)), size_(size), download_(std::move(whole)), limit_(size) {}

Result<std::size_t> S3Content::Read(std::uint64_t offset, std::uint64_t end, char* buffer, std::size_t size) {
  end = std::min(end, size_);
  if (offset >= end) return Fail("read past the end of an object");
  size = std::size_t(std::min<std::uint64_t>(size, end - offset));
  Error last;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (!download_ || position_ != offset) {
      // While many are being read, none keeps a connection for itself.
      if (auto opened = OpenAt(offset, client_->crowded() ? offset + size : end); !opened) return std::unexpected(opened.error());
    }
    auto got = download_->Read(buffer, std::size_t(std::min<std::uint64_t>(size, limit_ - position_)));
    if (got && *got > 0) {
      position_ += *got;
      if (position_ == limit_) download_.reset();
      return got;
    }
    last = got ? Error{Error::Kind::kGeneric, "the bucket sent less than it promised"} : got.error();
    download_.reset();
  }
  return std::unexpected(std::move(last));
}

Result<void> S3Content::OpenAt(std::uint64_t offset, std::uint64_t end) {
  download_.reset();
  S3Request request;
  request.key = key_;
  const bool whole = offset == 0 && end == size_;
  if (!whole) request.headers.push_back("Range: bytes=" + std::to_string(offset) + "-" + std::to_string(end - 1));
  auto download = client_->Open(std::move(request));
  if (!download) return std::unexpected(download.error());
  const S3Head& head = (*download)->head();
  if (!whole && head.status != kPartialContent) return Fail("the bucket does not know ranges");
  if (head.length >= 0 && std::uint64_t(head.length) != end - offset) return Fail("the object has another size by now");
  download_ = std::move(*download);
  position_ = offset;
  limit_ = end;
  return {};
}

}  // namespace wombat

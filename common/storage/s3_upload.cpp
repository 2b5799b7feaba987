// Objects on their way into a bucket: in one piece, or in parts when they are large.      Behaviour: spec 05 §2.6.
#include <algorithm>

#include "common/storage/s3_storage.h"
#include "common/storage/s3_xml.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxOriginalName = 255;
constexpr std::uint64_t kMaxParts = 10'000;

std::vector<std::string> HeadersOf(const ObjectOptions& options) {
  std::vector<std::string> headers{"Content-Type: " + options.content_type};
  if (!options.original_name.empty())
    headers.push_back("x-amz-meta-original-filename: " +
                      EncodeS3Metadata(std::string_view(options.original_name).substr(0, kMaxOriginalName)));
  return headers;
}

// Which object it was about, in front of what went wrong.
Result<void> ForKey(std::string_view key, Result<void> done) {
  if (!done) done.error().message.insert(0, "[key: " + std::string(key) + "] ");
  return done;
}

Result<void> Done(const Result<S3Answer>& answer) {
  if (!answer) return std::unexpected(answer.error());
  return {};
}

}  // namespace

Result<void> S3Storage::Write(std::string_view key, std::string_view content, const ObjectOptions& options) {
  S3Request request;
  request.method = "PUT";
  request.key = key;
  request.headers = HeadersOf(options);
  request.has_body = true;
  request.body = content;
  return ForKey(key, Done(client_->Send(request)));
}

Result<void> S3Storage::WriteSpooled(std::string_view key, const SpooledContent& content, const ObjectOptions& options) {
  if (content.size > sizes_.single_limit) return ForKey(key, WriteParts(key, content, options));
  S3Request request;
  request.method = "PUT";
  request.key = key;
  request.headers = HeadersOf(options);
  request.has_body = true;
  request.file = content.file->get();
  request.length = content.size;
  return ForKey(key, Done(client_->Send(request)));
}

Result<void> S3Storage::WriteParts(std::string_view key, const SpooledContent& content, const ObjectOptions& options) {
  S3Request request;
  request.method = "POST";
  request.key = key;
  request.query = "uploads=";
  request.headers = HeadersOf(options);
  request.has_body = true;
  auto begun = client_->Send(request);
  if (!begun) return std::unexpected(begun.error());
  const auto upload_id = ParseUploadId(begun->body);
  if (!upload_id) return Fail("the bucket's answer to a multipart upload cannot be read");
  auto parts = SendParts(key, content, *upload_id);
  Result<void> done = parts ? CompleteParts(key, *upload_id, *parts) : std::unexpected(parts.error());
  if (!done) AbortParts(key, *upload_id);
  return done;
}

// What the bucket has to be told about the parts in the end.
Result<std::string> S3Storage::SendParts(std::string_view key, const SpooledContent& content, const std::string& upload_id) {
  const std::uint64_t part_size = std::max(sizes_.part_size, content.size / kMaxParts + 1);
  std::string parts;
  std::uint64_t number = 1;
  for (std::uint64_t offset = 0; offset < content.size; offset += part_size, ++number) {
    S3Request request;
    request.method = "PUT";
    request.key = key;
    request.query = "partNumber=" + std::to_string(number) + "&uploadId=" + EncodeS3Query(upload_id);
    request.has_body = true;
    request.file = content.file->get();
    request.offset = offset;
    request.length = std::min(part_size, content.size - offset);
    auto answer = client_->Send(request);
    if (!answer) return std::unexpected(answer.error());
    if (answer->head.etag.empty()) return Fail("the bucket gave no ETag for a part");
    parts.append("<Part><PartNumber>").append(std::to_string(number)).append("</PartNumber><ETag>");
    parts.append(EscapeXml(answer->head.etag)).append("</ETag></Part>");
  }
  return parts;
}

Result<void> S3Storage::CompleteParts(std::string_view key, const std::string& upload_id, const std::string& parts) {
  const std::string body = "<CompleteMultipartUpload>" + parts + "</CompleteMultipartUpload>";
  S3Request request;
  request.method = "POST";
  request.key = key;
  request.query = "uploadId=" + EncodeS3Query(upload_id);
  request.headers = {"Content-Type: application/xml"};
  request.has_body = true;
  request.body = body;
  auto answer = client_->Send(request);
  if (!answer) return std::unexpected(answer.error());
  // The status is sent before the work is done; how it went is told in the body.
  const S3ErrorText error = ParseS3Error(answer->body);
  if (!error.code.empty()) return Fail(error.code + ": " + error.message);
  return {};
}

void S3Storage::AbortParts(std::string_view key, const std::string& upload_id) {
  S3Request request;
  request.method = "DELETE";
  request.key = key;
  request.query = "uploadId=" + EncodeS3Query(upload_id);
  // What stays is found again by Discard.
  (void)client_->Send(request);
}

}  // namespace wombat

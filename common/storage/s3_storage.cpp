#include "common/storage/s3_storage.h"

#include <algorithm>

#include "common/storage/attributes.h"
#include "common/storage/object_key.h"
#include "common/storage/s3_content.h"
#include "common/storage/s3_xml.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxPages = 1'000'000;
constexpr std::size_t kMaxDeletedAtOnce = 1000;

// Buckets answer some requests with 200 before they have done their work, and tell of a failure in the body.
Result<void> CheckDone(const Result<S3Answer>& answer) {
  if (!answer) return std::unexpected(answer.error());
  const S3ErrorText error = ParseS3Error(answer->body);
  if (error.code.empty()) return {};
  return Fail(std::to_string(answer->head.status) + " " + error.code + ": " + error.message);
}

Result<StoredObject> Describe(const S3Head& head) {
  if (head.length < 0) return Fail("the bucket does not tell the size of an object");
  StoredObject object;
  object.content_type = head.content_type;
  object.size = std::uint64_t(head.length);
  object.modified.tv_sec = head.modified;
  return object;
}

}  // namespace

struct S3Storage::Page {
  std::vector<std::string> keys, folders;
};

S3Storage::S3Storage(S3Options options, S3Timeouts timeouts) : S3Storage(std::move(options), timeouts, Sizes()) {}
S3Storage::S3Storage(S3Options options, S3Timeouts timeouts, Sizes sizes)
    : client_(std::make_shared<S3Client>(std::move(options), timeouts)), sizes_(sizes) {}

Result<StoredObject> S3Storage::Open(std::string_view key) {
  if (client_->crowded()) return Look(key);
  S3Request request;
  request.key = key;
  auto download = client_->Open(std::move(request));
  if (!download) return std::unexpected(download.error());
  auto object = Describe((*download)->head());
  if (object) object->remote = std::make_shared<S3Content>(client_, std::string(key), object->size, std::move(*download));
  return object;
}

Result<StoredObject> S3Storage::Look(std::string_view key) {
  S3Request request;
  request.method = "HEAD";
  request.key = key;
  auto answer = client_->Send(request);
  if (!answer) return std::unexpected(answer.error());
  auto object = Describe(answer->head);
  if (object) object->remote = std::make_shared<S3Content>(client_, std::string(key), object->size, nullptr);
  return object;
}

Result<bool> S3Storage::Exists(std::string_view key) {
  auto object = Look(key);
  if (object) return true;
  if (object.error().kind == Error::Kind::kNotFound) return false;
  return std::unexpected(object.error());
}

Result<void> S3Storage::Move(std::string_view from, std::string_view to) {
  S3Request request;
  request.method = "PUT";
  request.key = to;
  request.has_body = true;
  request.headers.push_back("x-amz-copy-source: " + EncodeS3Path(options().bucket + "/" + KeyToObjectName(from)));
  if (auto copied = CheckDone(client_->Send(request)); !copied) return copied;
  return Delete(from);
}

Result<void> S3Storage::Delete(std::string_view key) {
  S3Request request;
  request.method = "DELETE";
  request.key = key;
  auto answer = client_->Send(request);
  if (!answer && answer.error().kind != Error::Kind::kNotFound) return std::unexpected(answer.error());
  return {};
}

Result<void> S3Storage::Discard(std::string_view key) {
  if (auto deleted = Delete(key); !deleted) return deleted;
  AbortUnfinished(key);
  return DeletePrefix(ThumbsPrefix(key), {});
}

// Not every bucket can list them, and they harm nobody but the bill.
void S3Storage::AbortUnfinished(std::string_view key) {
  S3Request request;
  request.query = "prefix=" + EncodeS3Query(KeyToObjectName(key)) + "&uploads=";
  auto answer = client_->Send(request);
  if (!answer) return;
  auto uploads = ParseUnfinishedUploads(answer->body);
  if (!uploads) return;
  for (const auto& upload : *uploads)
    if (ObjectNameToKey(upload.key) == key) AbortParts(key, upload.id);
}

Result<void> S3Storage::ForEachPage(std::string_view prefix, bool folders_only, const std::function<Result<void>(Page&)>& use) {
  std::string continuation;
  for (std::size_t pages = 0; pages < kMaxPages; ++pages) {
    S3Request request;
    if (!continuation.empty()) request.query = "continuation-token=" + EncodeS3Query(continuation) + "&";
    if (folders_only) request.query += "delimiter=%2F&";
    request.query += "list-type=2&max-keys=1000";
    if (!prefix.empty()) request.query += "&prefix=" + EncodeS3Query(KeyToObjectName(prefix));
    auto answer = client_->Send(request);
    if (!answer) return std::unexpected(answer.error());
    auto listing = ParseS3Listing(answer->body);
    if (!listing) return Fail("the bucket's list cannot be read");
    Page page;
    for (const auto& name : listing->keys) page.keys.push_back(ObjectNameToKey(name));
    for (const auto& name : listing->folders) page.folders.push_back(ObjectNameToKey(name));
    if (auto used = use(page); !used) return used;
    if (listing->continuation.empty()) return {};
    continuation = std::move(listing->continuation);
  }
  return Fail("the bucket's list does not end");
}

Result<std::vector<std::string>> S3Storage::List(std::string_view prefix) {
  std::vector<std::string> keys;
  auto listed = ForEachPage(prefix, false, [&](Page& page) -> Result<void> {
    keys.insert(keys.end(), std::make_move_iterator(page.keys.begin()), std::make_move_iterator(page.keys.end()));
    return {};
  });
  if (!listed) return std::unexpected(listed.error());
  std::ranges::sort(keys);
  return keys;
}

Result<std::vector<std::string>> S3Storage::ListFolders(std::string_view prefix) {
  std::vector<std::string> names;
  auto listed = ForEachPage(prefix, true, [&](Page& page) -> Result<void> {
    for (const auto& folder : page.folders)
      if (folder.size() > prefix.size() + 1 && folder.starts_with(prefix))
        names.push_back(folder.substr(prefix.size(), folder.size() - prefix.size() - 1));
    return {};
  });
  if (!listed) return std::unexpected(listed.error());
  return names;
}

Result<void> S3Storage::DeletePrefix(std::string_view prefix, const Spare& spare) {
  return ForEachPage(prefix, false, [&](Page& page) {
    if (spare) spare(page.keys);
    return DeleteAll(page.keys);
  });
}

Result<void> S3Storage::DeleteAll(const std::vector<std::string>& keys) {
  for (std::size_t first = 0; first < keys.size(); first += kMaxDeletedAtOnce) {
    const auto end = std::min(keys.size(), first + kMaxDeletedAtOnce);
    bool together = end - first > 1;
    if (together) {
      std::string body = "<Delete><Quiet>true</Quiet>";
      for (std::size_t i = first; i < end; ++i)
        body.append("<Object><Key>").append(EscapeXml(KeyToObjectName(keys[i]))).append("</Key></Object>");
      body += "</Delete>";
      S3Request request;
      request.method = "POST";
      request.query = "delete=";
      request.has_body = true;
      request.body = body;
      request.headers = {"Content-Type: application/xml", "Content-MD5: " + ContentMd5(body)};
      auto answer = client_->Send(request);
      // Some buckets do not know this request, and of a list some may fail.
      together = answer && answer->body.find("<Error>") == std::string::npos;
    }
    for (std::size_t i = first; !together && i < end; ++i)
      if (auto deleted = Delete(keys[i]); !deleted) return deleted;
  }
  return {};
}

}  // namespace wombat

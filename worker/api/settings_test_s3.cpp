// POST /api/settings/test/s3                                                                              spec 05 §4.4
#include "common/base/random.h"
#include "common/storage/s3_storage.h"
#include "worker/api/bound_body.h"
#include "worker/api/handlers.h"

namespace wombat {
namespace {

constexpr const char* kUnreadable = "An error occurred while loading the submitted data.";
constexpr const char* kFailed = "Failed to test the S3 filesystem.";

Json FilesystemErrors(const std::string& filesystem) {
  Json errors = Json::Object();
  if (filesystem.empty()) AddFieldError(errors, "filesystem", FieldError::Required());
  else if (filesystem != "storage" && filesystem != "backups")
    AddFieldError(errors, "filesystem", {"validation_in_invalid", "must be a valid value", {}});
  return errors;
}

// Puts an object into the bucket and takes it out again. Blocks.
Result<void> TryBucket(const Json& s3) {
  auto options = S3Options::FromSettings(s3);
  if (!options) return Fail("failed to initialize the S3 filesystem: " + options.error().message);
  S3Storage storage(std::move(*options));
  const std::string folder = "pb_settings_test_" + RandomText(5, kLowerAlphanumeric) + "/";
  if (auto written = storage.Write(folder + "test.txt", "test", {"text/plain; charset=utf-8", {}}); !written)
    return Fail("failed to upload a test file: " + written.error().message);
  if (auto deleted = storage.DeletePrefix(folder, {}); !deleted)
    return Fail("failed to delete a test file: " + deleted.error().message);
  return {};
}

}  // namespace

Task<HandlerResult> TestS3(RequestContext& context) {
  if (auto allowed = RequireSuperuser(context); !allowed) co_return std::unexpected(std::move(allowed.error()));
  auto body = BoundBody::Read(context, kUnreadable);
  if (!body) co_return std::unexpected(std::move(body.error()));
  const std::string filesystem = body->Text("filesystem");
  if (auto read = body->Finish(); !read) co_return std::unexpected(std::move(read.error()));
  Json errors = FilesystemErrors(filesystem);
  if (!errors.as_object().empty()) co_return Refuse(400, kFailed, std::move(errors));
  const Json document = context.settings->ToDocument();
  const Json* backups = document.Find("backups");
  const Json* s3 = filesystem == "storage" ? document.Find("s3") : backups ? backups->Find("s3") : nullptr;
  Result<void> outcome = Fail("S3 storage filesystem is not enabled.");
  if (s3 && s3->BoolOr("enabled")) {
    std::function<Result<void>(PoolThread&)> attempt = [&](PoolThread&) { return TryBucket(*s3); };
    auto done = co_await context.runtime.bucket_pool.Run<Result<void>>(attempt);
    outcome = done ? std::move(*done) : Fail("too many requests wait for the bucket");
  }
  if (!outcome) co_return Refuse(400, std::string(kFailed) + " Raw error: \n" + outcome.error().message);
  co_return NoContent();
}

}  // namespace wombat

#include "common/storage/s3_client.h"

#include <algorithm>
#include <thread>

#include "common/storage/s3_xml.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxIdle = 8;
constexpr int kMaxDownloads = 16;
constexpr int kAttempts = 2;
constexpr std::chrono::milliseconds kRetryDelay{100};
constexpr std::size_t kPiece = 16u << 10;
constexpr std::size_t kMaxErrorBody = 16u << 10;

Result<std::string> ReadBody(S3Connection& connection, std::size_t limit) {
  std::string body;
  for (;;) {
    const std::size_t before = body.size();
    body.resize(before + kPiece);
    auto got = connection.Read(body.data() + before, kPiece);
    if (!got) return std::unexpected(got.error());
    body.resize(before + *got);
    if (*got == 0) return body;
    if (body.size() > limit) return Fail("the bucket's answer is too long");
  }
}

// "404 NoSuchKey: The specified key does not exist." with what the bucket said behind it.
Error BucketError(int status, const std::string& body) {
  const S3ErrorText text = ParseS3Error(body);
  Error error;
  error.message = std::to_string(status) + " " + (text.code.empty() ? "S3ResponseError" : text.code);
  if (!text.message.empty()) error.message.append(": ").append(text.message);
  if (!body.empty()) error.message.append("\n(RAW: ").append(body).append(")");
  for (const std::string_view code : {"NoSuchBucket", "NoSuchKey", "NotFound"})
    if (text.code == code) error.kind = Error::Kind::kNotFound;
  if (status == 404) error.kind = Error::Kind::kNotFound;
  return error;
}

bool IsOverloaded(int status) { return status == 500 || status == 502 || status == 503 || status == 504; }

}  // namespace

S3Client::S3Client(S3Options options, S3Timeouts timeouts) : options_(std::move(options)), timeouts_(timeouts) {}

Result<std::unique_ptr<S3Connection>> S3Client::Take() {
  {
    std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  return S3Connection::Make();
}

void S3Client::GiveBack(std::unique_ptr<S3Connection> connection) {
  connection->End();
  std::lock_guard lock(mutex_);
  if (idle_.size() < kMaxIdle) idle_.push_back(std::move(connection));
}

Result<S3Head> S3Client::Begin(S3Connection& connection, const S3Request& request) {
  const bool repeatable = request.method != "POST";
  for (int attempt = 1;; ++attempt) {
    auto head = connection.Begin(options_, timeouts_, request);
    if (head && head->status >= 200 && head->status < 300) return head;
    const bool passing = head ? IsOverloaded(head->status) : connection.transient();
    if (!repeatable || !passing || attempt == kAttempts) {
      if (!head) return head;
      auto body = ReadBody(connection, kMaxErrorBody);
      return std::unexpected(BucketError(head->status, body.value_or(std::string())));
    }
    std::this_thread::sleep_for(kRetryDelay);
  }
}

Result<S3Answer> S3Client::Send(const S3Request& request) {
  auto connection = Take();
  if (!connection) return std::unexpected(connection.error());
  auto head = Begin(**connection, request);
  S3Answer answer;
  Result<void> failed;
  if (!head) {
    failed = std::unexpected(head.error());
  } else {
    answer.head = std::move(*head);
    auto body = ReadBody(**connection, kMaxAnswer);
    if (body) answer.body = std::move(*body);
    else failed = std::unexpected(body.error());
  }
  GiveBack(std::move(*connection));
  if (!failed) return std::unexpected(failed.error());
  return answer;
}

Result<std::unique_ptr<S3Download>> S3Client::Open(S3Request request) {
  auto connection = Take();
  if (!connection) return std::unexpected(connection.error());
  std::unique_ptr<S3Download> download(new S3Download(*this, std::move(request)));
  download->connection_ = std::move(*connection);
  auto head = Begin(*download->connection_, download->request_);
  if (!head) return std::unexpected(head.error());
  download->head_ = std::move(*head);
  return download;
}

bool S3Client::crowded() const { return downloads_.load(std::memory_order_relaxed) >= kMaxDownloads; }

S3Download::S3Download(S3Client& client, S3Request request) : client_(client), request_(std::move(request)) {
  client_.downloads_.fetch_add(1, std::memory_order_relaxed);
}

S3Download::~S3Download() {
  client_.downloads_.fetch_sub(1, std::memory_order_relaxed);
  if (connection_) client_.GiveBack(std::move(connection_));
}

}  // namespace wombat

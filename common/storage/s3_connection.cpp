#include "common/storage/s3_connection.h"

#include <strings.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstring>

#include "common/base/text.h"

namespace wombat {
namespace {

using Clock = std::chrono::steady_clock;

constexpr long kSendBuffer = 256 << 10;
constexpr int kPollMs = 500;
// How long a Read that has something waits for more.
constexpr int kMoreMs = 50;

bool IsTransient(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
      return true;
    default:
      return false;
  }
}

// "PUT" -> "Put": as the errors of requests name it.
std::string Capitalised(const std::string& method) {
  std::string text = method;
  for (std::size_t i = 1; i < text.size(); ++i) text[i] = char(std::tolower(static_cast<unsigned char>(text[i])));
  return text;
}

bool IsHeader(std::string_view line, std::string_view name) {
  return line.size() > name.size() && line[name.size()] == ':' && ::strncasecmp(line.data(), name.data(), name.size()) == 0;
}

}  // namespace

Result<std::unique_ptr<S3Connection>> S3Connection::Make() {
  auto handle = CurlHandle::Make();
  if (!handle) return std::unexpected(handle.error());
  CURLM* multi = handle->library().multi_init();
  if (!multi) return Fail("libcurl gives no handle");
  return std::unique_ptr<S3Connection>(new S3Connection(std::move(*handle), multi));
}

S3Connection::S3Connection(CurlHandle handle, CURLM* multi) : handle_(std::move(handle)), multi_(multi) {}

S3Connection::~S3Connection() {
  End();
  handle_.library().multi_cleanup(multi_);
}

void S3Connection::Prepare(const S3Options& options, const S3Timeouts& timeouts, const S3Request& request) {
  handle_.Reset();
  request_ = &request;
  timeouts_ = timeouts;
  url_ = options.Url(request.key);
  if (!request.query.empty()) url_.append("?").append(request.query);
  head_ = {};
  head_.length = -1;
  sent_ = 0;
  to_send_ = !request.has_body ? 0 : request.file >= 0 ? request.length : request.body.size();
  room_ = filled_ = 0;
  left_over_.clear();
  failed_.reset();
  head_done_ = done_ = paused_ = transient_ = false;

  headers_ = std::make_unique<CurlList>(handle_.library());
  // The signature does not cover the body, so that it can be sent as it is read.
  headers_->Add("x-amz-content-sha256: UNSIGNED-PAYLOAD");
  for (const auto& header : request.headers) headers_->Add(header);
  headers_->Add("Expect:");
  handle_.Set(CURLOPT_HTTPHEADER, headers_->get());
  handle_.Set(CURLOPT_URL, url_.c_str());
  handle_.Set(CURLOPT_PATH_AS_IS, 1L);
  handle_.Set(CURLOPT_HTTP_VERSION, long(CURL_HTTP_VERSION_1_1));
  // Not one of the headers above, as those are signed, and what lies between may change this one.
  handle_.Set(CURLOPT_ACCEPT_ENCODING, "identity");
  handle_.Set(CURLOPT_HTTP_CONTENT_DECODING, 0L);
  handle_.Set(CURLOPT_USERAGENT, "wombat");
  handle_.Set(CURLOPT_AWS_SIGV4, ("aws:amz:" + options.region + ":s3").c_str());
  handle_.Set(CURLOPT_USERNAME, options.access_key.c_str());
  handle_.Set(CURLOPT_PASSWORD, options.secret.c_str());
  handle_.Set(CURLOPT_CONNECTTIMEOUT_MS, long(timeouts.connect.count()));
  handle_.Set(CURLOPT_TCP_KEEPALIVE, 1L);
  handle_.Set(CURLOPT_FILETIME, 1L);
  handle_.Set(CURLOPT_HEADERFUNCTION, &S3Connection::OnHeader);
  handle_.Set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  handle_.Set(CURLOPT_WRITEFUNCTION, &S3Connection::OnBody);
  handle_.Set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  if (request.method == "HEAD") handle_.Set(CURLOPT_NOBODY, 1L);
  else handle_.Set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (!request.has_body) return;
  handle_.Set(CURLOPT_UPLOAD, 1L);
  handle_.Set(CURLOPT_UPLOAD_BUFFERSIZE, kSendBuffer);
  handle_.Set(CURLOPT_INFILESIZE_LARGE, curl_off_t(to_send_));
  handle_.Set(CURLOPT_READFUNCTION, &S3Connection::OnSend);
  handle_.Set(CURLOPT_READDATA, static_cast<void*>(this));
  handle_.Set(CURLOPT_SEEKFUNCTION, &S3Connection::OnSeek);
  handle_.Set(CURLOPT_SEEKDATA, static_cast<void*>(this));
}

Result<S3Head> S3Connection::Begin(const S3Options& options, const S3Timeouts& timeouts, const S3Request& request) {
  End();
  Prepare(options, timeouts, request);
  moved_ = Clock::now();
  if (handle_.library().multi_add_handle(multi_, handle_.get()) != CURLM_OK) return Fail("libcurl takes no request");
  active_ = true;
  if (auto ran = Run([this](bool) { return head_done_; }); !ran) return std::unexpected(ran.error());
  curl_off_t modified = -1;
  handle_.library().easy_getinfo(handle_.get(), CURLINFO_FILETIME_T, &modified);
  if (modified > 0) head_.modified = std::time_t(modified);
  return head_;
}

// Until `enough(late)` says so (`late`: nothing came for a moment) or the exchange is over.
template <class Enough>
Result<void> S3Connection::Run(Enough enough) {
  const CurlLibrary& curl = handle_.library();
  for (bool late = false; !done_;) {
    if (enough(late)) return {};
    int running = 0, ready = 0, left = 0;
    curl.multi_perform(multi_, &running);
    while (const CURLMsg* message = curl.multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      done_ = true;
      if (message->data.result != CURLE_OK) return std::unexpected(Failed(message->data.result));
    }
    if (done_ || enough(false)) return {};
    const auto patience = request_->has_body && !head_done_ ? timeouts_.upload : timeouts_.stall;
    if (Clock::now() - moved_ > patience)
      return std::unexpected(Failed(CURLE_OPERATION_TIMEDOUT));
    curl.multi_poll(multi_, nullptr, 0, filled_ > 0 ? kMoreMs : kPollMs, &ready);
    late = ready == 0;
  }
  return {};
}

Error S3Connection::Failed(CURLcode code) {
  transient_ = IsTransient(code);
  failed_ = Error{Error::Kind::kGeneric, Capitalised(request_->method) + " \"" + url_ + "\": " + handle_.Why(code)};
  End();
  return *failed_;
}

Result<std::size_t> S3Connection::Read(char* buffer, std::size_t size) {
  if (!left_over_.empty()) {
    const std::size_t part = std::min(size, left_over_.size());
    std::memcpy(buffer, left_over_.data(), part);
    left_over_.erase(0, part);
    return part;
  }
  if (failed_) return std::unexpected(*failed_);
  if (!active_ || done_) return 0;
  target_ = buffer;
  room_ = size;
  filled_ = 0;
  moved_ = Clock::now();
  if (std::exchange(paused_, false)) handle_.library().easy_pause(handle_.get(), CURLPAUSE_CONT);
  auto ran = Run([this](bool late) { return filled_ == room_ || (late && filled_ > 0); });
  const std::size_t got = std::exchange(filled_, 0);
  room_ = 0;
  if (!ran && got == 0) return std::unexpected(ran.error());
  return got;
}

void S3Connection::End() {
  if (!std::exchange(active_, false)) return;
  handle_.library().multi_remove_handle(multi_, handle_.get());
  left_over_.clear();
  done_ = true;
}

std::size_t S3Connection::OnHeader(char* data, std::size_t size, std::size_t count, void* pointer) {
  auto& self = *static_cast<S3Connection*>(pointer);
  self.moved_ = Clock::now();
  std::string_view line(data, size * count);
  const auto value = [&] { return std::string(TrimBlanks(line.substr(line.find(':') + 1))); };
  if (line.starts_with("HTTP/")) {
    self.head_ = {};
    self.head_.length = -1;
    const auto space = line.find(' ');
    self.head_.status = space == std::string_view::npos ? 0 : std::atoi(std::string(line.substr(space + 1, 3)).c_str());
  } else if (IsHeader(line, "Content-Type")) {
    self.head_.content_type = value();
  } else if (IsHeader(line, "ETag")) {
    self.head_.etag = value();
  } else if (IsHeader(line, "Content-Length")) {
    self.head_.length = std::atoll(value().c_str());
  } else if (TrimBlanks(line).empty()) {
    self.head_done_ = self.head_.status >= 200;
  }
  return size * count;
}

std::size_t S3Connection::OnBody(char* data, std::size_t size, std::size_t count, void* pointer) {
  auto& self = *static_cast<S3Connection*>(pointer);
  self.moved_ = Clock::now();
  const std::size_t bytes = size * count;
  if (self.filled_ == self.room_ || !self.left_over_.empty()) {
    self.paused_ = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  const std::size_t part = std::min(bytes, self.room_ - self.filled_);
  std::memcpy(self.target_ + self.filled_, data, part);
  self.filled_ += part;
  self.left_over_.assign(data + part, bytes - part);
  return bytes;
}

std::size_t S3Connection::OnSend(char* buffer, std::size_t size, std::size_t count, void* pointer) {
  auto& self = *static_cast<S3Connection*>(pointer);
  self.moved_ = Clock::now();
  const S3Request& request = *self.request_;
  const std::size_t part = std::size_t(std::min<std::uint64_t>(size * count, self.to_send_ - self.sent_));
  if (part == 0) return 0;
  if (request.file < 0) {
    std::memcpy(buffer, request.body.data() + self.sent_, part);
  } else {
    const ssize_t got = ::pread(request.file, buffer, part, off_t(request.offset + self.sent_));
    if (got <= 0) return CURL_READFUNC_ABORT;
    self.sent_ += std::uint64_t(got);
    return std::size_t(got);
  }
  self.sent_ += part;
  return part;
}

int S3Connection::OnSeek(void* pointer, curl_off_t offset, int origin) {
  auto& self = *static_cast<S3Connection*>(pointer);
  if (origin != SEEK_SET || offset < 0 || std::uint64_t(offset) > self.to_send_) return CURL_SEEKFUNC_CANTSEEK;
  self.sent_ = std::uint64_t(offset);
  return CURL_SEEKFUNC_OK;
}

}  // namespace wombat

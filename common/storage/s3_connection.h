// One signed request after the other to a bucket, over a connection that is kept between them.    Behaviour: spec 05 §2.6.
//
// Blocks. One thread at a time. Between two calls of Read nothing is received beyond what the socket takes: however slowly
// an answer is read, it costs no memory.
#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/net/curl_library.h"
#include "common/storage/s3_options.h"

namespace wombat {

struct S3Timeouts {
  std::chrono::milliseconds connect{10'000};
  std::chrono::milliseconds stall{30'000};              // nothing moves in either direction
  std::chrono::milliseconds upload{90'000};             // the same until an upload is answered: much of it is the kernel's
};

struct S3Request {
  std::string method = "GET";
  std::string key;                        // "": the bucket itself
  std::string query;                      // encoded, sorted by name, each with its "="
  std::vector<std::string> headers;       // "name: value"
  bool has_body = false;
  std::string_view body;
  int file = -1;                          // not -1: the body is this part of a file instead
  std::uint64_t offset = 0, length = 0;
};

struct S3Head {
  int status = 0;
  std::string content_type, etag;
  std::int64_t length = -1;               // -1: unknown
  std::time_t modified = 0;
};

class S3Connection {
 public:
  static Result<std::unique_ptr<S3Connection>> Make();
  ~S3Connection();
  S3Connection(const S3Connection&) = delete;
  S3Connection& operator=(const S3Connection&) = delete;

  // `request` and what it views must outlive the exchange. Error: no answer came; transient() tells more.
  Result<S3Head> Begin(const S3Options& options, const S3Timeouts& timeouts, const S3Request& request);
  // The next bytes of the answer's body: all that fit, or those that have come when the others are late. 0: the end.
  Result<std::size_t> Read(char* buffer, std::size_t size);
  // The rest is not wanted. A connection whose answer was not read to its end is closed.
  void End();

  // Whether the failure was the connection's, so that another try may succeed.
  bool transient() const { return transient_; }

 private:
  S3Connection(CurlHandle handle, CURLM* multi);

  void Prepare(const S3Options& options, const S3Timeouts& timeouts, const S3Request& request);
  template <class Enough>
  Result<void> Run(Enough enough);
  Error Failed(CURLcode code);

  static std::size_t OnHeader(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t OnBody(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t OnSend(char* buffer, std::size_t size, std::size_t count, void* self);
  static int OnSeek(void* self, curl_off_t offset, int origin);

  CurlHandle handle_;
  CURLM* multi_;
  std::unique_ptr<CurlList> headers_;
  const S3Request* request_ = nullptr;
  std::string url_;
  S3Timeouts timeouts_;
  S3Head head_;
  std::chrono::steady_clock::time_point moved_;
  std::uint64_t sent_ = 0, to_send_ = 0;
  char* target_ = nullptr;                // of the running Read
  std::size_t room_ = 0, filled_ = 0;
  std::string left_over_;                 // came with what filled the buffer
  std::optional<Error> failed_;
  bool active_ = false, head_done_ = false, done_ = false, paused_ = false, transient_ = false;
};

}  // namespace wombat

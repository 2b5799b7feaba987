// Reads one request's head, and the framing of its body, from a connection's buffer.       Behaviour: spec 01 §1.2.
//
// The request line is read here, because the reference routes any method and any 1.x version, which llhttp refuses;
// header lines and chunks are llhttp's. Everything found is kept as offsets from the start of the request, so the
// buffer may move while the request is still arriving; Fill() turns them into views once it no longer does.
#pragma once

#include <llhttp.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "common/app/http.h"

namespace wombat {

// The answer to a request that cannot be read: plain text, after which the connection is closed.
struct HeadError {
  int status = 0;           // 0: no error
  std::string_view detail;  // behind "400 Bad Request", e.g. "missing required Host header"
  bool empty_body = false;  // the reference answers a few cases without any text
};

class RequestParser {
 public:
  enum class Progress { kNeedMore, kComplete, kError };

  RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // Forgets the previous request. Keeps the memory of its header list.
  void Reset();

  // `request` starts at the first byte of the request and holds everything received so far. May rewrite bytes of a
  // folded header line in place. Call again with more bytes after kNeedMore.
  Progress ParseHead(char* request, std::size_t size);

  // ---- valid after ParseHead returned kComplete
  std::size_t head_size() const { return head_size_; }
  bool chunked() const { return chunked_; }
  std::uint64_t content_length() const { return content_length_; }
  bool has_body() const { return chunked_ || content_length_ > 0; }
  bool http10() const { return minor_version_ == 0; }
  bool keep_alive() const { return keep_alive_; }
  bool expects_continue() const { return expects_continue_; }
  bool is_head() const { return is_head_; }
  // Sets every field of `out` but body and remote_ip; the views point into `request`.
  void Fill(const char* request, HttpRequest& out) const;

  // ---- valid after kError
  const HeadError& error() const { return error_; }

  // Decodes chunks. `sink` gets each piece of the body and may refuse (false), which ends the request as kError.
  using BodySink = bool (*)(void* context, const char* data, std::size_t size);
  Progress ParseChunks(const char* data, std::size_t size, BodySink sink, void* context, std::size_t& consumed);

 private:
  struct Span {
    std::size_t offset = 0, size = 0;
    std::string_view Of(const char* base) const { return {base + offset, size}; }
  };
  struct Header {
    Span name, value;
  };

  Progress Fail(int status, std::string_view detail = {}, bool empty_body = false);
  bool ParseRequestLine(const char* request, std::size_t line_size);
  bool ParseTarget(std::string_view target, std::size_t offset);
  Progress FinishHead(const char* request);
  bool CheckHost(const char* request);
  bool CheckFraming(const char* request);
  void ReadConnectionHeaders(const char* request);

  static RequestParser& Of(llhttp_t* parser) { return *static_cast<RequestParser*>(parser->data); }
  static const llhttp_settings_t* Settings();
  static int OnHeaderField(llhttp_t* parser, const char* at, std::size_t size);
  static int OnHeaderValue(llhttp_t* parser, const char* at, std::size_t size);
  static int OnHeaderValueComplete(llhttp_t* parser);
  static int OnHeadersComplete(llhttp_t* parser);
  static int OnBody(llhttp_t* parser, const char* at, std::size_t size);
  static int OnMessageComplete(llhttp_t* parser);

  llhttp_t llhttp_;
  char* base_ = nullptr;  // start of the request during one call
  std::size_t fed_ = 0;   // bytes of the request that were read already
  bool line_done_ = false, head_done_ = false, message_done_ = false;
  Span method_, target_, path_, query_;
  bool path_is_root_ = false;  // an absolute target without a path
  int major_version_ = 1, minor_version_ = 1;
  Header current_;
  std::vector<Header> headers_;
  std::size_t head_size_ = 0;
  std::uint64_t content_length_ = 0;
  bool chunked_ = false, keep_alive_ = true, expects_continue_ = false, is_head_ = false;
  HeadError error_;
  BodySink sink_ = nullptr;
  void* sink_context_ = nullptr;
};

}  // namespace wombat

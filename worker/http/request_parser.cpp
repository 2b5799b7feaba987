#include "worker/http/request_parser.h"

#include <algorithm>
#include <cstring>

#include "common/base/text.h"

namespace wombat {
namespace {

constexpr bool IsAlphanumeric(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool IsTokenChar(unsigned char c) { return IsAlphanumeric(c) || (c && std::strchr("!#$%&'*+-.^_`|~", c)); }
bool IsHostChar(unsigned char c) { return IsAlphanumeric(c) || (c && std::strchr("!$%&()*+,-.:;=@[]'_~", c)); }
bool IsHexDigit(unsigned char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool HasValidEscapes(std::string_view path) {
  for (std::size_t at = path.find('%'); at != std::string_view::npos; at = path.find('%', at + 3)) {
    if (at + 2 >= path.size() || !IsHexDigit(path[at + 1]) || !IsHexDigit(path[at + 2])) return false;
  }
  return true;
}

// True when the comma list `value` has `token`, in any letter case.
bool ListHas(std::string_view value, std::string_view token) {
  while (!value.empty()) {
    const auto end = value.find(',');
    if (EqualsIgnoreCase(TrimBlanks(value.substr(0, end)), token)) return true;
    value = end == std::string_view::npos ? std::string_view() : value.substr(end + 1);
  }
  return false;
}

constexpr std::string_view kUnsupportedEncoding = "Unsupported transfer encoding";

// llhttp gets this in place of the real request line, which was read before.
constexpr std::string_view kPlainRequestLine = "POST / HTTP/1.1\r\n";

}  // namespace

const llhttp_settings_t* RequestParser::Settings() {
  static const llhttp_settings_t settings = [] {
    llhttp_settings_t made;
    llhttp_settings_init(&made);
    made.on_header_field = OnHeaderField;
    made.on_header_value = OnHeaderValue;
    made.on_header_value_complete = OnHeaderValueComplete;
    made.on_headers_complete = OnHeadersComplete;
    made.on_body = OnBody;
    made.on_message_complete = OnMessageComplete;
    return made;
  }();
  return &settings;
}

RequestParser::RequestParser() { Reset(); }

void RequestParser::Reset() {
  llhttp_init(&llhttp_, HTTP_REQUEST, Settings());
  // Both framing headers: chunks win and the connection is not used again (CheckFraming).
  llhttp_set_lenient_chunked_length(&llhttp_, 1);
  llhttp_.data = this;
  fed_ = 0;
  line_done_ = head_done_ = message_done_ = path_is_root_ = false;
  current_ = {};
  headers_.clear();
  head_size_ = 0;
  content_length_ = 0;
  chunked_ = expects_continue_ = is_head_ = false;
  keep_alive_ = true;
  error_ = {};
}

RequestParser::Progress RequestParser::Fail(int status, std::string_view detail, bool empty_body) {
  error_ = {status, detail, empty_body};
  return Progress::kError;
}

RequestParser::Progress RequestParser::ParseHead(char* request, std::size_t size) {
  base_ = request;
  if (!line_done_) {
    const auto* newline = static_cast<const char*>(std::memchr(request + fed_, '\n', size - fed_));
    if (!newline) {
      fed_ = size;
      return Progress::kNeedMore;
    }
    std::size_t line_size = static_cast<std::size_t>(newline - request);
    fed_ = line_size + 1;
    if (line_size > 0 && request[line_size - 1] == '\r') --line_size;
    if (!ParseRequestLine(request, line_size)) return Progress::kError;
    line_done_ = true;
    llhttp_execute(&llhttp_, kPlainRequestLine.data(), kPlainRequestLine.size());
  }
  const auto outcome = llhttp_execute(&llhttp_, request + fed_, size - fed_);
  if (outcome == HPE_OK) {
    fed_ = size;
    return Progress::kNeedMore;
  }
  if (outcome == HPE_INVALID_TRANSFER_ENCODING) return Fail(501, kUnsupportedEncoding);
  if (outcome != HPE_PAUSED || !head_done_) return Fail(400);
  head_size_ = static_cast<std::size_t>(llhttp_get_error_pos(&llhttp_) - request);
  return FinishHead(request);
}

bool RequestParser::ParseRequestLine(const char* request, std::size_t line_size) {
  const std::string_view line(request, line_size);
  const auto first = line.find(' ');
  const auto second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos) return Fail(400), false;
  const auto method = line.substr(0, first);
  const auto target = line.substr(first + 1, second - first - 1);
  const auto version = line.substr(second + 1);
  if (method.empty() || !std::all_of(method.begin(), method.end(), IsTokenChar)) return Fail(400), false;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (version.size() != 8 || !version.starts_with("HTTP/") || !digit(version[5]) || version[6] != '.' ||
      !digit(version[7])) {
    return Fail(400), false;
  }
  major_version_ = version[5] - '0';
  minor_version_ = version[7] - '0';
  method_ = {0, method.size()};
  is_head_ = method == "HEAD";
  return ParseTarget(target, first + 1);
}

bool RequestParser::ParseTarget(std::string_view target, std::size_t offset) {
  const auto refused = [](unsigned char c) { return c <= 0x20 || c == 0x7f; };
  if (target.empty() || std::any_of(target.begin(), target.end(), refused)) return Fail(400), false;
  target_ = path_ = {offset, target.size()};
  query_ = {};
  const auto question = target.find('?');
  if (question != std::string_view::npos) {
    query_ = {offset + question + 1, target.size() - question - 1};
    path_.size = question;
  }
  const auto path = target.substr(0, path_.size);
  if (target[0] == '/' || target == "*") return HasValidEscapes(path) || (Fail(400), false);
  const std::string_view method(base_, method_.size);
  if (method == "CONNECT") return true;  // authority form: answered by the connection
  const auto colon = path.find(':');
  const auto scheme_char = [](unsigned char c) { return IsAlphanumeric(c) || c == '+' || c == '-' || c == '.'; };
  if (colon == 0 || colon == std::string_view::npos || (path[0] >= '0' && path[0] <= '9') ||
      !std::all_of(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(colon), scheme_char)) {
    return Fail(400), false;
  }
  const bool has_authority = path.substr(colon + 1).starts_with("//");
  const auto slash = has_authority ? path.find('/', colon + 3) : std::string_view::npos;
  path_is_root_ = slash == std::string_view::npos;
  if (path_is_root_) return true;
  path_ = {offset + slash, path.size() - slash};
  return HasValidEscapes(path.substr(slash)) || (Fail(400), false);
}

RequestParser::Progress RequestParser::FinishHead(const char* request) {
  const std::string_view method = method_.Of(request), target = target_.Of(request);
  for (const auto& header : headers_) {
    const auto name = header.name.Of(request);
    if (name.empty()) return Fail(400);
    if (!std::all_of(name.begin(), name.end(), IsTokenChar)) return Fail(400, "invalid header name");
  }
  if (target == "*" && method != "OPTIONS") return Fail(400, {}, true);
  if (major_version_ != 1) return Fail(505, "unsupported protocol version");
  if (!CheckHost(request) || !CheckFraming(request)) return Progress::kError;
  ReadConnectionHeaders(request);
  return error_.status ? Progress::kError : Progress::kComplete;
}

bool RequestParser::CheckHost(const char* request) {
  const Header* host = nullptr;
  for (const auto& header : headers_) {
    if (!EqualsIgnoreCase(header.name.Of(request), "host")) continue;
    if (host) return Fail(400), false;
    host = &header;
  }
  if (!host) {
    if (http10() || method_.Of(request) == "CONNECT") return true;
    return Fail(400, "missing required Host header"), false;
  }
  const auto value = host->value.Of(request);
  if (!std::all_of(value.begin(), value.end(), IsHostChar)) return Fail(400, "malformed Host header"), false;
  return true;
}

bool RequestParser::CheckFraming(const char* request) {
  int encodings = 0;
  bool has_length = false;
  std::string_view encoding;
  for (const auto& header : headers_) {
    const auto name = header.name.Of(request);
    if (name.size() == 14 && EqualsIgnoreCase(name, "content-length")) has_length = true;
    if (name.size() != 17 || !EqualsIgnoreCase(name, "transfer-encoding")) continue;
    ++encodings;
    encoding = header.value.Of(request);
  }
  content_length_ = has_length ? llhttp_.content_length : 0;
  if (encodings == 0) return true;
  if (http10()) {  // HTTP/1.0 knows no chunks: such a body cannot be told from what follows
    content_length_ = 0;
    keep_alive_ = false;
    return true;
  }
  if (encodings > 1 || !EqualsIgnoreCase(encoding, "chunked")) return Fail(501, kUnsupportedEncoding), false;
  chunked_ = true;
  content_length_ = 0;
  // A proxy in front may have believed the other header; what follows this request must not be trusted.
  if (has_length) keep_alive_ = false;
  return true;
}

void RequestParser::ReadConnectionHeaders(const char* request) {
  bool close = false, keep = false;
  std::string_view expect;
  for (const auto& header : headers_) {
    const auto name = header.name.Of(request);
    if (name.size() == 10 && EqualsIgnoreCase(name, "connection")) {
      close = close || ListHas(header.value.Of(request), "close");
      keep = keep || ListHas(header.value.Of(request), "keep-alive");
    } else if (name.size() == 6 && expect.empty() && EqualsIgnoreCase(name, "expect")) {
      expect = header.value.Of(request);
    }
  }
  if (close || (http10() && !keep)) keep_alive_ = false;
  if (expect.empty()) return;
  if (!ListHas(expect, "100-continue")) {
    Fail(417, {}, true);
    return;
  }
  expects_continue_ = !http10() && has_body();
}

void RequestParser::Fill(const char* request, HttpRequest& out) const {
  out.method = method_.Of(request);
  out.target = target_.Of(request);
  out.path = path_is_root_ ? std::string_view("/") : path_.Of(request);
  out.query = query_.Of(request);
  out.headers.clear();
  for (const auto& header : headers_) out.headers.push_back({header.name.Of(request), header.value.Of(request)});
  out.has_body = has_body();
  out.body = {};
  out.form = nullptr;
}

RequestParser::Progress RequestParser::ParseChunks(const char* data, std::size_t size, BodySink sink, void* context,
                                                   std::size_t& consumed) {
  sink_ = sink;
  sink_context_ = context;
  if (llhttp_get_errno(&llhttp_) == HPE_PAUSED) llhttp_resume(&llhttp_);
  const auto outcome = llhttp_execute(&llhttp_, data, size);
  if (outcome == HPE_OK) {
    consumed = size;
    return Progress::kNeedMore;
  }
  if (outcome != HPE_PAUSED || !message_done_) return Fail(400);
  consumed = static_cast<std::size_t>(llhttp_get_error_pos(&llhttp_) - data);
  return Progress::kComplete;
}

int RequestParser::OnHeaderField(llhttp_t* parser, const char* at, std::size_t size) {
  auto& self = Of(parser);
  if (self.head_done_) return 0;  // trailers carry nothing for us
  if (self.current_.name.size == 0) self.current_.name.offset = static_cast<std::size_t>(at - self.base_);
  self.current_.name.size += size;
  return 0;
}

int RequestParser::OnHeaderValue(llhttp_t* parser, const char* at, std::size_t size) {
  auto& self = Of(parser);
  if (self.head_done_ || size == 0) return 0;
  auto& value = self.current_.value;
  const auto offset = static_cast<std::size_t>(at - self.base_);
  if (value.size == 0) {
    value = {offset, size};
  } else if (value.offset + value.size == offset) {
    value.size += size;
  } else {  // a folded line: joined with one blank
    const auto folded = TrimBlanks({at, size});
    while (value.size > 0 && TrimBlanks({self.base_ + value.offset + value.size - 1, 1}).empty()) --value.size;
    char* end = self.base_ + value.offset + value.size;
    *end = ' ';
    std::memmove(end + 1, folded.data(), folded.size());
    value.size += 1 + folded.size();
  }
  return 0;
}

int RequestParser::OnHeaderValueComplete(llhttp_t* parser) {
  auto& self = Of(parser);
  if (self.head_done_) return 0;
  auto& value = self.current_.value;
  const auto trimmed = TrimBlanks(value.Of(self.base_));
  if (trimmed.empty())
    value = {};
  else
    value = {static_cast<std::size_t>(trimmed.data() - self.base_), trimmed.size()};
  self.headers_.push_back(self.current_);
  self.current_ = {};
  return 0;
}

int RequestParser::OnHeadersComplete(llhttp_t* parser) {
  Of(parser).head_done_ = true;
  return HPE_PAUSED;
}

int RequestParser::OnBody(llhttp_t* parser, const char* at, std::size_t size) {
  auto& self = Of(parser);
  return self.sink_(self.sink_context_, at, size) ? 0 : -1;
}

int RequestParser::OnMessageComplete(llhttp_t* parser) {
  Of(parser).message_done_ = true;
  return HPE_PAUSED;
}

}  // namespace wombat

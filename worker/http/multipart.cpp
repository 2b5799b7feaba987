#include "worker/http/multipart.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "common/base/text.h"
#include "worker/http/media_type.h"

namespace wombat {
namespace {

constexpr const char* kNoBoundary = "a boundary line is missing";
// No encoder writes lines of more than 76 characters.
constexpr std::size_t kMaxEncodedLine = 1u << 20;

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

std::string_view WithoutLeadingBlanks(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  return text;
}

// The last segment of a path: "/x/y.txt" -> "y.txt", "x/" -> "x", "/" stays.
std::string LastSegment(std::string name) {
  if (name.empty()) return name;
  while (name.size() > 1 && name.back() == '/') name.pop_back();
  const auto slash = name.rfind('/');
  return slash == std::string::npos || name.size() == 1 ? name : name.substr(slash + 1);
}

void ReadDisposition(std::string_view value, MultipartPart& part) {
  const auto disposition = ParseMediaType(value);
  if (!disposition || disposition->type != "form-data" || !part.name.empty()) return;
  if (const auto* name = disposition->Find("name")) part.name = *name;
  if (const auto* file_name = disposition->Find("filename")) part.file_name = LastSegment(*file_name);
}

bool ReadHeader(std::string_view line, MultipartPart& part) {
  const auto colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos) return false;
  const auto name = line.substr(0, colon);
  for (const unsigned char c : name)
    if (c < ' ' || c >= 0x7f || std::strchr("()<>@,;\\\"/[]?={}", c)) return false;
  const auto value = TrimBlanks(line.substr(colon + 1));
  for (const unsigned char c : value)
    if ((c < ' ' && c != '\t') || c == 0x7f) return false;
  if (EqualsIgnoreCase(name, "content-disposition"))
    ReadDisposition(value, part);
  else if (EqualsIgnoreCase(name, "content-type") && part.content_type.empty())
    part.content_type = value;
  else if (EqualsIgnoreCase(name, "content-transfer-encoding"))
    part.quoted_printable = EqualsIgnoreCase(value, "quoted-printable");
  return true;
}

std::size_t FindBytes(std::string_view text, std::string_view bytes, std::size_t from) {
  const void* found = ::memmem(text.data() + from, text.size() - from, bytes.data(), bytes.size());
  return found ? std::size_t(static_cast<const char*>(found) - text.data()) : std::string_view::npos;
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// `line` has its line break, unless it is the last one. What is no escape stands for itself, as in the reference.
bool DecodeLine(std::string_view line, std::string& decoded) {
  const auto end = line.find_last_not_of(" \t\r\n");
  auto text = line.substr(0, end == std::string_view::npos ? 0 : end + 1);
  const auto behind = WithoutLeadingBlanks(line.substr(text.size()));
  const bool soft = text.ends_with('=');
  if (soft) text.remove_suffix(1);
  if (soft && !behind.starts_with('\n') && !behind.starts_with("\r\n") && !(behind.empty() && !text.empty())) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte < ' ' && byte != '\t' && byte != '\r') || byte == 0x7f) return false;
    const bool may_escape = byte == '=' && i + 2 < text.size();
    const int high = may_escape ? HexValue(text[i + 1]) : -1, low = may_escape ? HexValue(text[i + 2]) : -1;
    const bool escaped = high >= 0 && low >= 0;
    decoded.push_back(escaped ? static_cast<char>(high * 16 + low) : text[i]);
    if (escaped) i += 2;
  }
  if (!soft && line.ends_with('\n')) decoded.append(line.ends_with("\r\n") ? "\r\n" : "\n");
  return true;
}

}  // namespace

MultipartParser::MultipartParser(std::string_view boundary, MultipartSink& sink)
    : sink_(sink), dashes_("--" + std::string(boundary)), newline_dashes_("\r\n" + dashes_) {
  if (boundary.empty() || boundary.size() > 256) Fail("no usable boundary");
}

std::size_t MultipartParser::Parse(std::string_view data, bool last) {
  rest_ = data;
  last_ = last;
  while (state_ != State::kEnd && state_ != State::kFailed && Step()) {
  }
  if (state_ == State::kEnd || state_ == State::kFailed) rest_ = {};
  const std::size_t left = rest_.size();
  rest_ = {};
  return data.size() - left;
}

bool MultipartParser::Step() {
  switch (state_) {
    case State::kPreamble:
      return ReadPreamble();
    case State::kHeaders:
      return StartPart();
    case State::kContentStart:
      return StartContent();
    case State::kContent:
      return ReadContent();
    case State::kDelimiter:
      return ReadDelimiter();
    default:
      return false;
  }
}

bool MultipartParser::Fail(std::string error) {
  state_ = State::kFailed;
  error_ = std::move(error);
  return false;
}

bool MultipartParser::WaitForMore() {
  if (rest_.size() > kMaxPartHeadBytes) return Fail("the head of a part is too large");
  return false;
}

// With its line break; the last one may have none. False: the rest of it has not come yet.
bool MultipartParser::TakeLine(std::string_view& line) {
  const auto end = rest_.find('\n');
  if (end == std::string_view::npos && !last_) return false;
  line = rest_.substr(0, end == std::string_view::npos ? end : end + 1);
  rest_.remove_prefix(line.size());
  return true;
}

bool MultipartParser::IsDelimiter(std::string_view line, bool first) {
  if (!line.starts_with(dashes_)) return false;
  const auto behind = WithoutLeadingBlanks(line.substr(dashes_.size()));
  if (first && behind == "\n") {
    only_lf_ = true;
    newline_dashes_ = "\n" + dashes_;
  }
  return behind == newline();
}

bool MultipartParser::IsFinal(std::string_view line) const {
  if (!line.starts_with(dashes_) || !line.substr(dashes_.size()).starts_with("--")) return false;
  const auto behind = WithoutLeadingBlanks(line.substr(dashes_.size() + 2));
  return behind.empty() || behind == newline();
}

MultipartParser::Behind MultipartParser::BehindBoundary(std::string_view behind) const {
  if (behind.empty()) return last_ ? Behind::kEnds : Behind::kUnknown;
  if (IsBlank(behind[0]) || behind[0] == '\r' || behind[0] == '\n' || behind.starts_with("--")) return Behind::kEnds;
  return behind == "-" && !last_ ? Behind::kUnknown : Behind::kGoesOn;
}

// Whatever comes before the first boundary line. Only lines that begin like one have to be seen as a whole.
bool MultipartParser::ReadPreamble() {
  if (rest_.empty()) return last_ ? Fail(kNoBoundary) : false;
  const std::size_t known = std::min(rest_.size(), dashes_.size());
  skips_line_ = skips_line_ || rest_.substr(0, known) != std::string_view(dashes_).substr(0, known);
  if (skips_line_) {
    const auto end = rest_.find('\n');
    skips_line_ = end == std::string_view::npos;
    rest_.remove_prefix(skips_line_ ? rest_.size() : end + 1);
    return true;
  }
  std::string_view line;
  if (!TakeLine(line)) return WaitForMore();
  if (line.size() > kMaxPartHeadBytes) return Fail(kNoBoundary);
  if (IsFinal(line))
    state_ = State::kEnd;
  else if (!line.ends_with('\n'))
    return Fail(kNoBoundary);
  else if (IsDelimiter(line, true))
    state_ = State::kHeaders;
  return true;
}

bool MultipartParser::ReadDelimiter() {
  if (rest_.empty()) return last_ ? Fail(kNoBoundary) : false;
  std::string_view line;
  if (!TakeLine(line)) return WaitForMore();
  if (line.size() > kMaxPartHeadBytes) return Fail(kNoBoundary);
  if (IsFinal(line)) {
    state_ = State::kEnd;
  } else if (!line.ends_with('\n')) {
    return Fail(kNoBoundary);
  } else if (IsDelimiter(line, false)) {
    state_ = State::kHeaders;
  } else {
    if (saw_newline_ || line != newline()) return Fail(kNoBoundary);
    saw_newline_ = true;
  }
  return true;
}

bool MultipartParser::StartPart() {
  if (parts_ == kMaxParts) return Fail("too many parts");
  MultipartPart part;
  const auto before = rest_;
  const Headers outcome = ReadHeaders(part);
  if (outcome == Headers::kIncomplete) {
    rest_ = before;
    return WaitForMore();
  }
  if (outcome == Headers::kMalformed) return Fail("a part has a malformed header");
  if (before.size() - rest_.size() > kMaxPartHeadBytes) return Fail("the head of a part is too large");
  if (outcome == Headers::kEnd) {
    state_ = State::kEnd;
    return true;
  }
  ++parts_;
  state_ = State::kContentStart;
  return sink_.OnPart(std::move(part)) || Fail({});
}

// A part whose headers are cut off by the end of the body counts as the end, as in the reference.
MultipartParser::Headers MultipartParser::ReadHeaders(MultipartPart& part) {
  std::string_view line;
  for (bool first = true;; first = false) {
    if (rest_.empty()) return last_ ? Headers::kEnd : Headers::kIncomplete;
    if (first && IsBlank(rest_.front())) return Headers::kMalformed;
    if (!TakeLine(line)) return Headers::kIncomplete;
    std::string header(TrimBlanks(line));
    if (header.empty()) return Headers::kDone;
    for (;;) {
      if (rest_.empty() && !last_) return Headers::kIncomplete;
      if (rest_.empty() || !IsBlank(rest_.front())) break;
      if (!TakeLine(line)) return Headers::kIncomplete;
      header.append(" ").append(TrimBlanks(line));
    }
    if (!ReadHeader(header, part)) return Headers::kMalformed;
  }
}

bool MultipartParser::StartContent() {
  if (!last_ && rest_.size() < dashes_.size() && std::string_view(dashes_).starts_with(rest_)) return false;
  state_ = State::kContent;
  if (!rest_.starts_with(dashes_)) return true;
  const Behind behind = BehindBoundary(rest_.substr(dashes_.size()));
  if (behind == Behind::kUnknown) state_ = State::kContentStart;
  if (behind == Behind::kEnds) return EndPart();
  return behind == Behind::kGoesOn;
}

// Leaves the line break before the boundary for ReadDelimiter.
bool MultipartParser::ReadContent() {
  for (std::size_t from = 0;;) {
    std::size_t at = FindBytes(rest_, newline_dashes_, from);
    Behind behind = Behind::kUnknown;
    if (at != std::string_view::npos) {
      behind = BehindBoundary(rest_.substr(at + newline_dashes_.size()));
      if (behind == Behind::kGoesOn) {
        from = at + newline_dashes_.size();
        continue;
      }
    } else if (last_) {
      return Fail("a part does not end");
    } else {
      at = rest_.size() - std::min(rest_.size(), newline_dashes_.size() - 1);
    }
    if (at > 0 && !sink_.OnContent(rest_.substr(0, at))) return Fail({});
    rest_.remove_prefix(at);
    return behind == Behind::kEnds && EndPart();
  }
}

bool MultipartParser::EndPart() {
  state_ = State::kDelimiter;
  saw_newline_ = false;
  return sink_.OnPartEnd() || Fail({});
}

bool QuotedPrintableDecoder::Decode(std::string_view text, bool last, std::string& decoded) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) break;
    const auto line = text.substr(0, end + 1);
    text.remove_prefix(line.size());
    if (!DecodeLine(line_.empty() ? line : std::string_view(line_.append(line)), decoded)) return false;
    line_.clear();
  }
  line_.append(text);
  if (line_.size() > kMaxEncodedLine) return false;
  return !last || line_.empty() || DecodeLine(std::exchange(line_, {}), decoded);
}

}  // namespace wombat

#include "worker/http/multipart.h"

#include <cstring>

#include "common/base/text.h"
#include "worker/http/media_type.h"

namespace wombat {
namespace {

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

class Splitter {
 public:
  Splitter(std::string_view body, std::string_view boundary) : rest_(body), dashes_("--" + std::string(boundary)) {
    newline_dashes_ = "\r\n" + dashes_;
  }

  std::expected<std::vector<MultipartPart>, std::string> Run() {
    std::vector<MultipartPart> parts;
    for (;;) {
      switch (FindPart(!parts.empty())) {
        case Found::kEnd:
          return parts;
        case Found::kError:
          return std::unexpected("a boundary line is missing");
        case Found::kPart:
          break;
      }
      if (parts.size() == kMaxParts) return std::unexpected("too many parts");
      MultipartPart part;
      switch (ReadHeaders(part)) {
        case Found::kEnd:
          return parts;
        case Found::kError:
          return std::unexpected("a part has a malformed header");
        case Found::kPart:
          break;
      }
      if (!ReadContent(part.content)) return std::unexpected("a part does not end");
      parts.push_back(std::move(part));
    }
  }

 private:
  enum class Found { kPart, kEnd, kError };

  // With its line break; the last one may have none.
  std::string_view TakeLine() {
    const auto end = rest_.find('\n');
    const auto line = rest_.substr(0, end == std::string_view::npos ? end : end + 1);
    rest_.remove_prefix(line.size());
    return line;
  }
  std::string_view newline() const { return only_lf_ ? std::string_view("\n") : std::string_view("\r\n"); }

  bool IsDelimiter(std::string_view line, bool first) {
    if (!line.starts_with(dashes_)) return false;
    const auto behind = WithoutLeadingBlanks(line.substr(dashes_.size()));
    if (first && behind == "\n") {
      only_lf_ = true;
      newline_dashes_ = "\n" + dashes_;
    }
    return behind == newline();
  }
  bool IsFinal(std::string_view line) const {
    if (!line.starts_with(dashes_) || !line.substr(dashes_.size()).starts_with("--")) return false;
    const auto behind = WithoutLeadingBlanks(line.substr(dashes_.size() + 2));
    return behind.empty() || behind == newline();
  }

  Found FindPart(bool had_part) {
    bool saw_newline = false;
    while (!rest_.empty()) {
      const auto line = TakeLine();
      if (IsFinal(line)) return Found::kEnd;
      if (!line.ends_with('\n')) return Found::kError;
      if (IsDelimiter(line, !had_part)) return Found::kPart;
      if (!had_part) continue;  // the preamble
      if (saw_newline || line != newline()) return Found::kError;
      saw_newline = true;
    }
    return Found::kError;
  }

  // A part whose headers are cut off by the end of the body counts as the end, as in the reference.
  Found ReadHeaders(MultipartPart& part) {
    std::string line;
    bool first = true;
    for (;;) {
      if (rest_.empty()) return Found::kEnd;
      if (first && IsBlank(rest_.front())) return Found::kError;
      first = false;
      line = TrimBlanks(TakeLine());
      if (line.empty()) return Found::kPart;
      while (!rest_.empty() && IsBlank(rest_.front())) line.append(" ").append(TrimBlanks(TakeLine()));
      if (!ReadHeader(line, part)) return Found::kError;
    }
  }

  static bool ReadHeader(std::string_view line, MultipartPart& part) {
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

  static void ReadDisposition(std::string_view value, MultipartPart& part) {
    const auto disposition = ParseMediaType(value);
    if (!disposition || disposition->type != "form-data" || !part.name.empty()) return;
    if (const auto* name = disposition->Find("name")) part.name = *name;
    if (const auto* file_name = disposition->Find("filename")) part.file_name = LastSegment(*file_name);
  }

  // Leaves the line break before the boundary for FindPart.
  bool ReadContent(std::string_view& content) {
    if (rest_.starts_with(dashes_) && EndsBoundary(rest_.substr(dashes_.size()))) return content = {}, true;
    for (std::size_t from = 0;;) {
      const auto at = rest_.find(newline_dashes_, from);
      if (at == std::string_view::npos) return false;
      if (EndsBoundary(rest_.substr(at + newline_dashes_.size()))) {
        content = rest_.substr(0, at);
        rest_.remove_prefix(at);
        return true;
      }
      from = at + newline_dashes_.size();
    }
  }
  static bool EndsBoundary(std::string_view behind) {
    if (behind.empty() || IsBlank(behind[0]) || behind[0] == '\r' || behind[0] == '\n') return true;
    return behind.starts_with("--");
  }

  std::string_view rest_;
  std::string dashes_, newline_dashes_;
  bool only_lf_ = false;
};

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::expected<std::vector<MultipartPart>, std::string> ParseMultipart(std::string_view body,
                                                                      std::string_view boundary) {
  if (boundary.empty() || boundary.size() > 256) return std::unexpected("no usable boundary");
  return Splitter(body, boundary).Run();
}

bool DecodeQuotedPrintable(std::string_view text, std::string& decoded) {
  decoded.clear();
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    std::string_view line_break = end == std::string_view::npos ? "" : "\n";
    if (!line_break.empty() && line.ends_with('\r')) {
      line.remove_suffix(1);
      line_break = "\r\n";
    }
    while (!line.empty() && IsBlank(line.back())) line.remove_suffix(1);
    const bool soft = line.ends_with('=');
    if (soft) line.remove_suffix(1);
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (line[i] != '=') {
        decoded.push_back(line[i]);
        continue;
      }
      const int high = i + 2 < line.size() ? HexValue(line[i + 1]) : -1;
      const int low = i + 2 < line.size() ? HexValue(line[i + 2]) : -1;
      if (high < 0 || low < 0) return false;
      decoded.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    }
    if (!soft) decoded.append(line_break);
  }
  return true;
}

}  // namespace wombat

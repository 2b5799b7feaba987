#include "worker/http/content.h"

#include <charconv>
#include <utility>
#include <vector>

#include "common/base/random.h"
#include "common/base/text.h"
#include "worker/http/http_date.h"

namespace wombat {
namespace {

struct Range {
  std::uint64_t start = 0, length = 0;
};
enum class RangeError { kMalformed, kNoOverlap };

// As a signed 64-bit decimal; a sign is accepted.
std::optional<std::int64_t> ParseNumber(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

enum class OneRange { kAdded, kOutside, kMalformed };

OneRange AddRange(std::string_view text, std::uint64_t size, std::vector<Range>& ranges) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return OneRange::kMalformed;
  const auto first = TrimBlanks(text.substr(0, dash)), last = TrimBlanks(text.substr(dash + 1));
  if (first.empty()) {
    const auto suffix = last.empty() || last[0] == '-' ? std::nullopt : ParseNumber(last);
    if (!suffix || *suffix < 0) return OneRange::kMalformed;
    if (*suffix == 0) return OneRange::kOutside;  // the last nothing: no byte can be sent for it
    const auto length = std::min(size, static_cast<std::uint64_t>(*suffix));
    ranges.push_back({size - length, length});
    return OneRange::kAdded;
  }
  const auto start = ParseNumber(first);
  if (!start || *start < 0) return OneRange::kMalformed;
  const auto from = static_cast<std::uint64_t>(*start);
  if (from >= size) return OneRange::kOutside;
  if (last.empty()) {
    ranges.push_back({from, size - from});
    return OneRange::kAdded;
  }
  const auto stop = ParseNumber(last);
  if (!stop || *stop < *start) return OneRange::kMalformed;
  ranges.push_back({from, std::min(size - 1, static_cast<std::uint64_t>(*stop)) - from + 1});
  return OneRange::kAdded;
}

// An empty list: the whole content.
std::expected<std::vector<Range>, RangeError> ParseRanges(std::string_view header, std::uint64_t size) {
  std::vector<Range> ranges;
  if (header.empty()) return ranges;
  if (!header.starts_with("bytes=")) return std::unexpected(RangeError::kMalformed);
  bool outside = false;
  for (auto piece : Split(header.substr(6), ',')) {
    piece = TrimBlanks(piece);
    if (piece.empty()) continue;
    const auto outcome = AddRange(piece, size, ranges);
    if (outcome == OneRange::kMalformed) return std::unexpected(RangeError::kMalformed);
    outside = outside || outcome == OneRange::kOutside;
  }
  if (size == 0) return std::vector<Range>();
  if (outside && ranges.empty()) return std::unexpected(RangeError::kNoOverlap);
  std::uint64_t total = 0;
  for (const auto& range : ranges) {
    total += range.length;
    if (total > size) return std::vector<Range>();  // asks for more than there is: an attack or a mistake
  }
  return ranges;
}

std::string_view WithoutWeakness(std::string_view tag) { return tag.starts_with("W/") ? tag.substr(2) : tag; }

bool ListHasTag(std::string_view list, std::string_view etag, bool weak) {
  if (list == "*") return true;
  if (etag.empty()) return false;
  for (auto tag : Split(list, ',')) {
    tag = TrimBlanks(tag);
    if (tag == "*") return true;
    if (weak ? WithoutWeakness(tag) == WithoutWeakness(etag) : tag == etag && !tag.starts_with("W/")) return true;
  }
  return false;
}

// 0: go on; else the status that ends it.
int CheckConditions(const HttpRequest& request, const ContentInfo& info) {
  const auto match = request.Header("If-Match");
  if (!match.empty()) {
    if (!ListHasTag(match, info.etag, false)) return 412;
  } else if (info.modified) {
    const auto unmodified = ParseHttpDate(request.Header("If-Unmodified-Since"));
    if (unmodified && *info.modified > *unmodified) return 412;
  }
  const auto none = request.Header("If-None-Match");
  if (!none.empty()) return ListHasTag(none, info.etag, true) ? 304 : 0;
  if (!info.modified) return 0;
  const auto since = ParseHttpDate(request.Header("If-Modified-Since"));
  return since && *info.modified <= *since ? 304 : 0;
}

bool RangeStillMeant(const HttpRequest& request, const ContentInfo& info) {
  const auto condition = request.Header("If-Range");
  if (condition.empty()) return true;
  if (condition.starts_with('"')) return condition == info.etag;
  const auto date = ParseHttpDate(condition);
  return date && info.modified && *date == *info.modified;
}

void AddValidators(HttpResponse& response, const ContentInfo& info) {
  if (!info.etag.empty()) AddHeader(response, "Etag", info.etag);
  if (info.modified) AddHeader(response, "Last-Modified", FormatHttpDate(*info.modified));
}

HttpResponse RangeRefused(RangeError error, std::uint64_t size) {
  HttpResponse response;
  response.status = 416;
  response.content_type = "text/plain; charset=utf-8";
  if (error == RangeError::kMalformed) {
    response.body = "invalid range\n";
  } else {
    response.body = "invalid range: failed to overlap\n";
    AddHeader(response, "Content-Range", "bytes */" + std::to_string(size));
  }
  return response;
}

std::string ContentRange(const Range& range, std::uint64_t size) {
  return "bytes " + std::to_string(range.start) + "-" + std::to_string(range.start + range.length - 1) + "/" +
         std::to_string(size);
}

// Everything but the content: which parts of it to send, in `parts`, with `body` behind them.
struct Plan {
  HttpResponse response;
  bool sends_content = false;
  std::vector<FilePart> parts;
};

void PlanSeveralRanges(Plan& plan, const std::vector<Range>& ranges, std::uint64_t size, const ContentInfo& info) {
  const std::string boundary = RandomText(60, "0123456789abcdef");
  plan.response.content_type = "multipart/byteranges; boundary=" + boundary;
  for (const auto& range : ranges) {
    std::string head = plan.parts.empty() ? "--" : "\r\n--";
    head.append(boundary).append("\r\nContent-Range: ").append(ContentRange(range, size));
    head.append("\r\nContent-Type: ").append(info.content_type).append("\r\n\r\n");
    plan.parts.push_back({std::move(head), range.start, range.length});
  }
  plan.response.body = "\r\n--" + boundary + "--\r\n";
}

Plan MakePlan(const HttpRequest& request, std::uint64_t size, const ContentInfo& info) {
  Plan plan;
  auto& response = plan.response;
  if (const int status = CheckConditions(request, info)) {
    response.status = status;
    AddValidators(response, info);
    return plan;
  }
  std::vector<Range> ranges;
  const auto header = request.Header("Range");
  if (!header.empty() && RangeStillMeant(request, info)) {
    auto parsed = ParseRanges(header, size);
    if (!parsed) return {RangeRefused(parsed.error(), size), false, {}};
    ranges = std::move(*parsed);
  }
  plan.sends_content = true;
  response.content_type = info.content_type;
  AddHeader(response, "Accept-Ranges", "bytes");
  if (!ranges.empty()) response.status = 206;
  if (ranges.size() > 1) {
    PlanSeveralRanges(plan, ranges, size, info);
  } else {
    const Range range = ranges.empty() ? Range{0, size} : ranges.front();
    if (!ranges.empty()) AddHeader(response, "Content-Range", ContentRange(range, size));
    plan.parts.push_back({{}, range.start, range.length});
  }
  AddValidators(response, info);
  return plan;
}

// Which parts of a file or source to send; neither is there yet.
Plan ServeParts(const HttpRequest& request, std::uint64_t size, const ContentInfo& info) {
  Plan plan = MakePlan(request, size, info);
  if (!plan.sends_content) return plan;
  if (plan.parts.size() == 1) {
    plan.response.file_offset = plan.parts.front().offset;
    plan.response.file_length = plan.parts.front().length;
  } else {
    plan.response.file_parts = std::move(plan.parts);
  }
  return plan;
}

}  // namespace

HttpResponse ServeFile(const HttpRequest& request, std::shared_ptr<UniqueFd> file, std::uint64_t size,
                       const ContentInfo& info) {
  Plan plan = ServeParts(request, size, info);
  if (plan.sends_content) plan.response.file = std::move(file);
  return std::move(plan.response);
}

HttpResponse ServeSource(const HttpRequest& request, std::shared_ptr<ContentSource> source, std::uint64_t size,
                         const ContentInfo& info) {
  Plan plan = ServeParts(request, size, info);
  if (plan.sends_content) plan.response.source = std::move(source);
  return std::move(plan.response);
}

HttpResponse ServeBytes(const HttpRequest& request, std::string_view content, const ContentInfo& info) {
  Plan plan = MakePlan(request, content.size(), info);
  if (!plan.sends_content) return std::move(plan.response);
  std::string body;
  for (const auto& part : plan.parts)
    body.append(part.head).append(
        content.substr(static_cast<std::size_t>(part.offset), static_cast<std::size_t>(part.length)));
  body.append(plan.response.body);
  plan.response.body = std::move(body);
  return std::move(plan.response);
}

}  // namespace wombat
